import type { Contrast, MeasureFindings } from '../../findings/findings.ts';
import { html, joined, type Markup, NONE, pValue } from '../../format/index.ts';
import { differencesInWords, differencesPanel } from '../figure/differences.ts';
import { areFew, isCompared, reasonsBehind, tally, VERDICT_ORDER } from '../outline.ts';
import { computedLink, detail, figure, type PageContext, table } from './page-context.ts';
import { verdictMark, verdictShape } from './verdict-mark.ts';

/** The paired differences: as an interval plot and a table where they are few, as a matrix where they are many. */
export function differences(context: PageContext, measure: MeasureFindings): Markup | null {
  if (measure.contrasts.length === 0) return null;
  return html`<h4>Paired differences</h4>
${areFew(measure.contrasts, measure.stages) ? listedDifferences(context, measure) : matrix(context, measure)}`;
}

function listedDifferences(context: PageContext, measure: MeasureFindings): Markup {
  const { stageOf } = context;
  const notation = context.notationOf(measure);
  const { contrasts } = measure;
  const rows = contrasts.map((contrast, index) => {
    const link = (content: string) =>
      content === NONE ? NONE : computedLink(context, measure, ['difference', index], content);
    return html`<tr><th scope="row">${stageOf(contrast.from).title} → ${stageOf(contrast.to).title}</th><td>${verdictMark(contrast.verdict)}</td><td class="n strong">${link(notation.change(contrast.difference))}</td><td class="n">${link(notation.changeInterval(contrast.interval))}</td><td class="n">${link(pValue(contrast.pEquivalence))}</td><td class="n">${link(notation.within(contrast.smallestMargin))}</td></tr>\n`;
  });
  const drawn =
    isCompared(measure) &&
    figure(context, {
      draw: (width) => differencesPanel({ measure, contrasts, stageOf, notation, width }),
      alternative: differencesInWords({ measure, contrasts, stageOf, notation }),
      caption: `Later minus earlier stage on the same samples: 95% (thin) and 90% (thick) intervals. The shaded band holds the differences that count as the same.`,
    });
  return html`${drawn}${detail(
    context,
    'Table of differences, with p values and the smallest margins shown',
    table({
      caption: `Differences in ${measure.title.toLowerCase()} between stages`,
      head: [
        'Comparison',
        { words: 'Verdict' },
        `Difference${notation.unit ? `, ${notation.unit}` : ''}`,
        '95% interval',
        'p of equivalence',
        `Smallest margin shown${notation.unit ? `, ${notation.unit}` : ''}`,
      ],
      rows,
    }),
  )}${reasonsBehind(contrasts, (id) => stageOf(id).title).map((reason) => html`<p class="note">${reason}</p>\n`)}`;
}

/** Every pair of stages in one table: the row is the first of the pair, the column the second. */
function matrix(context: PageContext, measure: MeasureFindings): Markup {
  const { contrasts, stages } = measure;
  const notation = context.notationOf(measure);
  const { stageOf } = context;
  const places = new Map(contrasts.map((contrast, index) => [`${contrast.from} ${contrast.to}`, index]));
  const rows = stages.filter(({ id }) => contrasts.some(({ from }) => from === id));
  const columns = stages.filter(({ id }) => contrasts.some(({ to }) => to === id));
  const cell = (from: string, to: string) => {
    const index = places.get(`${from} ${to}`);
    if (index === undefined) return html`<td class="none"></td>`;
    return html`<td class="${strength(contrasts[index]!)}">${computedLink(context, measure, ['difference', index], cellContent(contrasts[index]!))}</td>`;
  };
  const cellContent = ({ verdict, difference }: Contrast) =>
    html`${verdictShape(verdict)}<span class="hidden"> ${verdict}, </span> ${notation.change(difference)}`;
  const heads = columns.map(({ id }) => html`<th scope="col"><span>${stageOf(id).title}</span></th>`);
  const caption = `Differences in ${measure.title.toLowerCase()}${notation.unit ? `, in ${notation.unit}` : ''}: column minus row`;
  const times = tally(contrasts).map(
    ({ verdict, times: n }) => html`<span class="tally">${n} ${verdict}</span>`,
  );
  return html`<p class="pairs">${contrasts.length} pairs: ${joined(times, ', ')}.</p>
<div class="scroll" role="group" tabindex="0" aria-label="${caption}"><table class="matrix">
<caption>${caption}</caption>
<thead><tr><th scope="col"><span class="hidden">Minus</span></th>${heads}</tr></thead>
<tbody>
${rows.map(({ id }) => html`<tr><th scope="row">${stageOf(id).title}</th>${columns.map((column) => cell(id, column.id))}</tr>\n`)}</tbody>
</table></div>
<p class="key">${joined(
    VERDICT_ORDER.filter((verdict) => contrasts.some((contrast) => contrast.verdict === verdict)).map(
      (verdict) => verdictMark(verdict),
    ),
    ' ',
  )}</p>
`;
}

/** How strongly a cell is shaded: by what is shown, not by whether it is good. */
function strength({ verdict }: Contrast): string {
  if (verdict === 'materially different') return 'material';
  if (verdict === 'different') return 'some';
  if (verdict === 'equivalent' || verdict === 'different but within the margin') return 'same';
  return 'open';
}
