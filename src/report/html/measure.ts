import type { MeasureFindings } from '../../findings/findings.ts';
import { count, html, joined, type Markup, NONE } from '../../format/index.ts';
import { estimatesInWords, estimatesPanel } from '../figure/estimates.ts';
import { hasMissing } from '../missingness.ts';
import { isMeasured, type MeasureGroup, mainContrasts, reasonsAt } from '../outline.ts';
import { agreement } from './agreement.ts';
import { corrected } from './corrected.ts';
import { differences } from './differences.ts';
import { missing } from './missing.ts';
import { computedLink, detail, figure, type PageContext, table } from './page-context.ts';
import { sensitivity } from './sensitivity.ts';
import { shares } from './shares.ts';

const MARGIN_SOURCES = {
  declared: 'declared in advance',
  default: "stemma's default: the published results declared none",
  'post hoc': html`<strong>chosen after the data were seen</strong>`,
} as const;

/** A measure: as the headline rater sees it in full, and, folded away, as each other rater does. */
export function measureSection(context: PageContext, { headline, others }: MeasureGroup): Markup {
  const anchor = context.anchorOf(headline);
  return html`<section class="measure" id="${anchor}" aria-labelledby="${anchor}-title">
<h3 id="${anchor}-title">${headline.title}</h3>
${about(context, headline)}${lead(context, headline)}${body(context, headline)}${others.map((other) => otherRater(context, other))}</section>
`;
}

function about(context: PageContext, measure: MeasureFindings): Markup {
  const { margin, marginSource } = measure.contrasts[0] ?? {};
  const within =
    margin === undefined
      ? null
      : html` Differences up to ±${context.notationOf(measure).size(margin)} count as the same (margin ${MARGIN_SOURCES[marginSource ?? 'declared']}).`;
  return html`<p class="about">${measure.description} ${measure.safer === 'lower' ? 'Lower' : 'Higher'} is safer. Rated by ${context.raterTitle(measure.rater)}.${within} <span class="id">${measure.id}</span></p>
`;
}

/** The verdict of the main contrasts as sentences, where they are few. */
function lead({ findings }: PageContext, measure: MeasureFindings): Markup | null {
  const contrasts = mainContrasts(findings, measure);
  if (!isMeasured(measure) || contrasts.length === 0 || contrasts.length > 3) return null;
  return html`${contrasts.map(({ words }) => html`<p class="lead">${words}</p>\n`)}`;
}

function body(context: PageContext, measure: MeasureFindings): Markup {
  const measured = isMeasured(measure)
    ? html`${estimates(context, measure)}${differences(context, measure)}${shares(context, measure)}`
    : neverMeasured(context, measure);
  return html`${measured}${missing(context, measure)}${
    measure.corrected && corrected(context, measure, measure.corrected)
  }${measure.agreement && agreement(context, measure, measure.agreement)}${
    measure.sensitivity && sensitivity(context, measure, measure.sensitivity)
  }`;
}

/** In a line, what figures and tables would only repeat for every stage and pair. */
function neverMeasured({ stageOf }: PageContext, { stages }: MeasureFindings): Markup {
  const why = reasonsAt(stages, (id) => stageOf(id).title);
  return html`<p>Not measured at any stage. ${joined(why, ' ')}</p>\n`;
}

function otherRater(context: PageContext, measure: MeasureFindings): Markup {
  const anchor = context.anchorOf(measure);
  return html`<details class="rater" id="${anchor}"><summary><h4>${measure.title}, as rated by ${context.raterTitle(measure.rater)}</h4></summary>
${body(context, measure)}</details>
`;
}

function estimates(context: PageContext, measure: MeasureFindings): Markup {
  const notation = context.notationOf(measure);
  const { stageOf } = context;
  const anyMissing = hasMissing(measure);
  const withCorrected = measure.corrected ? ' Open diamonds: the estimates corrected by human labels.' : '';
  const rows = measure.stages.map((stage, index) => {
    const link = (content: string) =>
      content === NONE ? NONE : computedLink(context, measure, ['estimate', index], content);
    return html`<tr><th scope="row">${stageOf(stage.id).title}</th><td class="n strong">${link(notation.value(stage.estimate))}</td><td class="n">${link(notation.interval(stage.interval))}</td><td class="n">${link(count(stage.n))}</td><td class="n">${link(count(stage.clusters))}</td><td class="n">${link(count(stage.trials))}</td>${
      anyMissing &&
      html`<td class="n">${computedLink(context, measure, ['missing'], count(stage.missing.trials))}</td>`
    }</tr>\n`;
  });
  const labels = labelCounts(context, measure);
  return html`<h4>By stage</h4>
${figure(context, {
  draw: (width, id) => estimatesPanel({ measure, stageOf, notation, width, id }),
  alternative: estimatesInWords({ measure, stageOf, notation }),
  caption: `${measure.title} at each stage, with 95% intervals that count clusters of alike samples.${withCorrected}`,
})}${detail(
  context,
  'Table by stage, with samples, clusters and trials',
  table({
    caption: `${measure.title} by stage`,
    head: [
      'Stage',
      'Estimate',
      '95% interval',
      'Samples',
      'Clusters',
      'Trials',
      ...(anyMissing ? ['Without a value'] : []),
    ],
    rows,
  }),
)}${reasonsAt(measure.stages, (id) => stageOf(id).title).map((reason) => html`<p class="note">${reason}</p>\n`)}${labels}`;
}

/** How often each label was given, where the rater gives labels. */
function labelCounts({ stageOf }: PageContext, measure: MeasureFindings): Markup | null {
  const names = [...new Set(measure.stages.flatMap(({ labels }) => Object.keys(labels ?? {})))].sort();
  if (names.length === 0) return null;
  const rows = measure.stages.map(
    ({ id, labels }) =>
      html`<tr><th scope="row">${stageOf(id).title}</th>${names.map((name) => html`<td class="n">${labels === undefined ? NONE : count(labels[name] ?? 0)}</td>`)}</tr>\n`,
  );
  return html`<details class="aside"><summary>Labels that were given</summary>
${table({ caption: `How often ${measure.title.toLowerCase()} was given each label`, head: ['Stage', ...names], rows })}</details>
`;
}
