import type { CorrectedFindings, Interval, MeasureFindings } from '../../findings/findings.ts';
import {
  count,
  html,
  listed,
  type Markup,
  NONE,
  percent,
  percentInterval,
  pInWords,
  pValue,
} from '../../format/index.ts';
import { areFew, reasonsAt } from '../outline.ts';
import { computedLink, type PageContext, table } from './page-context.ts';
import { correctedShares } from './shares.ts';
import { verdictMark } from './verdict-mark.ts';

/** Below this a judge's errors are said to differ between two stages. */
const ERRORS_DIFFER = 0.05;

/** The estimates beside those that human labels correct, and whether the rater errs alike at every stage. */
export function corrected(context: PageContext, measure: MeasureFindings, found: CorrectedFindings): Markup {
  return html`<h4>Corrected by human labels</h4>
${mistakes(context, measure, found)}${stagesTable(context, measure, found)}${contrastsTable(context, measure, found)}${
  found.shares && correctedShares(context, measure, found.shares)
}`;
}

function mistakes(
  { stageOf, raterTitle }: PageContext,
  measure: MeasureFindings,
  found: CorrectedFindings,
): Markup | null {
  const { contrasts } = found;
  const differing = contrasts.filter(({ errorP }) => errorP !== null && errorP < ERRORS_DIFFER);
  if (differing.length === 0) return null;
  const pairs = differing.map(
    ({ from, to, errorP }) => `${stageOf(from).title} and ${stageOf(to).title} (${pInWords(errorP!)})`,
  );
  const named = pairs.length > 3 ? `${pairs.length} of ${contrasts.length} pairs of stages` : listed(pairs);
  return html`<p class="warning"><strong>The mistakes of ${raterTitle(measure.rater)} differ by stage</strong>: between ${named}. Its own differences there${found.shares && ', and the shares made of them,'} are partly its mistakes.</p>
`;
}

function stagesTable(context: PageContext, measure: MeasureFindings, found: CorrectedFindings): Markup {
  const notation = context.notationOf(measure);
  const binary = found.stages.some(
    ({ sensitivity, specificity }) => sensitivity !== null || specificity !== null,
  );
  const rows = found.stages.map((stage, index) => {
    const link = (content: string) =>
      content === NONE ? NONE : computedLink(context, measure, ['corrected', index], content);
    const right = (share: number | null, interval: Interval | null) =>
      html`<td class="n">${link(percent(share))} <span class="soft">${interval && percentInterval(interval)}</span></td>`;
    return html`<tr><th scope="row">${context.stageOf(stage.id).title}</th><td class="n">${notation.value(stage.raw)}</td><td class="n strong">${link(notation.value(stage.estimate))}</td><td class="n">${link(notation.interval(stage.interval))}</td><td class="n">${link(count(stage.labels))}</td><td class="n">${link(count(stage.disagreements))}</td>${
      binary &&
      html`${right(stage.sensitivity, stage.sensitivityInterval)}${right(stage.specificity, stage.specificityInterval)}`
    }</tr>\n`;
  });
  const notes = reasonsAt(found.stages, (id) => context.stageOf(id).title);
  const body = table({
    caption: `${measure.title} as ${context.raterTitle(measure.rater)} rated it and as corrected by ${context.raterTitle(found.human)}`,
    head: [
      'Stage',
      'As rated',
      'Corrected',
      '95% interval',
      'Labels',
      'Disagree',
      ...(binary ? ['Sensitivity', 'Specificity'] : []),
    ],
    rows,
  });
  return html`${body}${notes.map((note) => html`<p class="note">${note}</p>\n`)}`;
}

function contrastsTable(
  context: PageContext,
  measure: MeasureFindings,
  found: CorrectedFindings,
): Markup | null {
  if (found.contrasts.length === 0) return null;
  const notation = context.notationOf(measure);
  const rows = found.contrasts.map((contrast, index) => {
    const link = (content: string) =>
      content === NONE ? NONE : computedLink(context, measure, ['corrected-difference', index], content);
    return html`<tr><th scope="row">${context.stageOf(contrast.from).title} → ${context.stageOf(contrast.to).title}</th><td>${verdictMark(contrast.verdict)}</td><td class="n strong">${link(notation.change(contrast.difference))}</td><td class="n">${link(notation.changeInterval(contrast.interval))}</td><td class="n">${link(notation.change(contrast.errorDifference))}</td><td class="n">${link(notation.changeInterval(contrast.errorInterval))}</td><td class="n">${link(pValue(contrast.errorP))}</td></tr>\n`;
  });
  const unit = notation.unit ? `, ${notation.unit}` : '';
  const body = table({
    caption: `Corrected differences in ${measure.title.toLowerCase()}, and whether the rater's mean error differs`,
    head: [
      'Comparison',
      { words: 'Verdict' },
      `Corrected difference${unit}`,
      '95% interval',
      `Change of the rater's error${unit}`,
      '95% interval',
      'p',
    ],
    rows,
  });
  if (areFew(found.contrasts, found.stages)) return body;
  return html`<details class="aside"><summary>Corrected differences of all ${found.contrasts.length} pairs</summary>
${body}</details>
`;
}
