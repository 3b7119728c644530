import type { JudgedVerdict, MeasureFindings, SensitivityFindings } from '../../findings/findings.ts';
import { type Content, html, type Markup, NONE } from '../../format/index.ts';
import { changedVerdicts, dissenting, sensitivityInWords } from '../sensitivity.ts';
import { type PageContext, table } from './page-context.ts';
import { verdictMark } from './verdict-mark.ts';

/** How much a panel's findings hang on who sits on it. */
export function sensitivity(
  context: PageContext,
  measure: MeasureFindings,
  found: SensitivityFindings,
): Markup {
  const { stageOf, raterTitle } = context;
  const notation = context.notationOf(measure);
  const rows = found.stages.map(({ id, without, range }) => {
    const panel = measure.stages.find((stage) => stage.id === id)?.estimate ?? null;
    const left = found.judges.map((judge) => without.find((one) => one.judge === judge)?.estimate ?? null);
    return html`<tr><th scope="row">${stageOf(id).title}</th><td class="n strong">${notation.value(panel)}</td>${left.map((estimate) => html`<td class="n">${notation.value(estimate)}</td>`)}<td class="n">${range === null ? NONE : notation.interval(range)}</td></tr>\n`;
  });
  return html`<h4>What hangs on the judges</h4>
<p>${sensitivityInWords(found)}</p>
${table({
  caption: `${measure.title} by the panel, and by the panel without each of its judges`,
  head: [
    'Stage',
    'All judges',
    ...found.judges.map((judge) => `Without ${raterTitle(judge)}`),
    'From lowest to highest',
  ],
  rows,
})}${changes(context, found)}`;
}

function changes({ stageOf, raterTitle }: PageContext, found: SensitivityFindings): Markup | null {
  const changed = changedVerdicts(found);
  if (changed.length === 0) return null;
  const names = (judged: readonly JudgedVerdict[]): Content =>
    judged.length === 0
      ? NONE
      : html`${judged.map(({ judge, verdict }, index) => html`${index > 0 && html`<br>`}${raterTitle(judge)}: ${verdictMark(verdict)}`)}`;
  const rows = changed.map(
    (contrast) =>
      html`<tr><th scope="row">${stageOf(contrast.from).title} → ${stageOf(contrast.to).title}</th><td>${verdictMark(contrast.verdict)}</td><td>${names(dissenting(contrast, contrast.without))}</td><td>${names(dissenting(contrast, contrast.alone))}</td></tr>\n`,
  );
  return html`<details class="aside"><summary>Verdicts that another judge would have changed (${String(changed.length)})</summary>
${table({
  caption: 'Verdicts that depend on the judge',
  head: ['Comparison', { words: 'The panel' }, { words: 'Without' }, { words: 'By one judge alone' }],
  rows,
})}</details>
`;
}
