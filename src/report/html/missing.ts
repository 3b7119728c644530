import type { MeasureFindings } from '../../findings/findings.ts';
import { count, html, type Markup, NONE } from '../../format/index.ts';
import { hasMissing, REASONS, robustness } from '../missingness.ts';
import { isMeasured } from '../outline.ts';
import { computedLink, detail, type PageContext, table } from './page-context.ts';

/** What has no value, and how far it could move the estimates and the verdicts. */
export function missing(context: PageContext, measure: MeasureFindings): Markup | null {
  if (!hasMissing(measure) && !isMeasured(measure)) return null;
  if (!hasMissing(measure)) return html`<h4>Missing values</h4>\n<p>Every trial has a value.</p>\n`;
  const { stageOf } = context;
  const notation = context.notationOf(measure);
  const reasons = REASONS.filter(([reason]) =>
    measure.stages.some(({ missing: lost }) => (lost[reason] ?? 0) > 0),
  );
  const link = (content: string) => computedLink(context, measure, ['missing'], content);
  const rows = measure.stages.map(
    ({ id, estimate, missing: lost }) =>
      html`<tr><th scope="row">${stageOf(id).title}</th>${reasons.map(([reason]) => html`<td class="n">${count(lost[reason] ?? 0)}</td>`)}<td class="n strong">${link(count(lost.trials))}</td><td class="n">${notation.value(estimate)}</td><td class="n">${lost.worstCase === null ? NONE : link(notation.interval(lost.worstCase))}</td></tr>\n`,
  );
  return html`<h4>Missing values</h4>
<p>${robustness(measure, (id) => stageOf(id).title)}</p>
${detail(
  context,
  'Table of missing values, with the worst case',
  table({
    caption: `Trials without a value of ${measure.title.toLowerCase()}, and where the estimates could lie if all of them had come out one way`,
    head: ['Stage', ...reasons.map(([, words]) => words), 'all', 'Estimate', 'Worst case'],
    rows,
  }),
)}`;
}
