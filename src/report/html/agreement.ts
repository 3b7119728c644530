import type { AgreementFindings, MeasureFindings, SelfExclusionFindings } from '../../findings/findings.ts';
import { coefficient, count, html, listed, type Markup, NONE, percent } from '../../format/index.ts';
import { computedLink, type PageContext, table } from './page-context.ts';

/** How far the raters agree: all of them together, and each with this one at each stage. */
export function agreement(context: PageContext, measure: MeasureFindings, found: AgreementFindings): Markup {
  const { stageOf, raterTitle } = context;
  const link = (content: string) =>
    content === NONE ? NONE : computedLink(context, measure, ['agreement'], content);
  const raters = [...new Set(found.pairs.map(({ rater }) => rater))];
  const stages = [...new Set(found.pairs.map(({ stage }) => stage))];
  const cell = (stage: string, rater: string) => {
    const pair = found.pairs.find((one) => one.stage === stage && one.rater === rater);
    if (pair === undefined || pair.agreement === null) return html`<td class="n">${NONE}</td>`;
    const kappa = pair.kappa === null ? null : html` <span class="soft">κ ${coefficient(pair.kappa)}</span>`;
    return html`<td class="n">${link(percent(pair.agreement))}${kappa}</td>`;
  };
  const byLevel = Object.entries(found.alphaByLevel ?? {}).filter(([level]) => level !== found.level);
  const others =
    byLevel.length === 0
      ? null
      : html` (${listed(byLevel.map(([level, alpha]) => `${level} ${coefficient(alpha)}`))})`;
  const ac1 = found.ac1 === null ? null : html`; Gwet's AC1 ${link(coefficient(found.ac1))}`;
  return html`<h4>Agreement of the raters</h4>
<p>${listed(found.raters.map(raterTitle))} rated ${link(count(found.units))} of the same trials. Krippendorff's alpha on the ${found.level} scale is ${link(coefficient(found.alpha))}${others}${ac1}.</p>
${found.selfExclusion && selfExclusion(found.selfExclusion, found.level)}${
  raters.length > 0 &&
  table({
    caption: `How often each rater gives the same value of ${measure.title.toLowerCase()} as ${raterTitle(measure.rater)}, with Cohen's kappa (κ)`,
    head: ['Stage', ...raters.map(raterTitle)],
    rows: stages.map(
      (stage) =>
        html`<tr><th scope="row">${stageOf(stage).title}</th>${raters.map((rater) => cell(stage, rater))}</tr>\n`,
    ),
  })
}`;
}

/** What it does that no member of a panel counts for a stage of its own family. */
function selfExclusion(found: SelfExclusionFindings, level: string): Markup {
  const alpha = coefficient(found.alphaByLevel[level] ?? null);
  const without = coefficient(found.alphaByLevelWithout[level] ?? null);
  const does = found.applied
    ? 'No member of the panel counts for a stage of its own family'
    : 'Members of the panel count for stages of their own family too';
  return html`<p>${does}. That matters for ${count(found.changed)} of the ${count(found.trials)} trials that a member rated of its own family; leaving such ratings out (${count(found.ratingsWithout)} of ${count(found.ratings)} remain) takes alpha from ${alpha} to ${without}.</p>
`;
}
