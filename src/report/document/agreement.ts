import type { AgreementFindings, SelfExclusionFindings } from '../../findings/rater-findings.ts';
import { coefficient, count, inSentence, listed, NONE, percent, pValue } from '../../format/index.ts';
import { type Block, type Cell, heading, numbers, paragraph, soft, text, words } from './block.ts';
import type { MeasureScope } from './scope.ts';

/** How far the raters agree: all of them together, and each with this one at each stage. */
export function agreement(scope: MeasureScope): Block[] {
  const { measure, name, raterTitle, number } = scope;
  const found = measure.agreement;
  if (found === undefined) return [];
  const to = (written: string) => number('agreement', written);
  const byLevel = Object.entries(found.alphaByLevel ?? {}).filter(([level]) => level !== found.level);
  const others =
    byLevel.length === 0
      ? ''
      : ` (${listed(byLevel.map(([level, alpha]) => `${level} ${coefficient(alpha)}`))})`;
  const raters = [...new Set(found.pairs.map(({ rater }) => rater))];
  const stages = [...new Set(found.pairs.map(({ stage }) => stage))];
  const cell = (stage: string, rater: string): Cell => {
    const pair = found.pairs.find((one) => one.stage === stage && one.rater === rater);
    if (pair === undefined || pair.agreement === null) return NONE;
    return text`${to(percent(pair.agreement))}${pair.kappa === null ? null : text` ${soft(`κ ${coefficient(pair.kappa)}`)}`}`;
  };
  return [
    heading(4, 'Agreement of the raters'),
    paragraph(
      text`${listed(found.raters.map(raterTitle))} rated ${to(count(found.units))} of the same trials. Krippendorff's alpha on the ${found.level} scale is ${to(coefficient(found.alpha))}${others}${found.ac1 === null ? null : text`; Gwet's AC1 ${to(coefficient(found.ac1))}`}.`,
    ),
    ...(found.selfExclusion ? [paragraph(selfExclusion(found.selfExclusion, found.level))] : []),
    ...(raters.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
            page: true as const,
            caption: `How often each rater gives the same value of ${inSentence(measure.title)} as ${raterTitle(measure.rater)}, with Cohen's kappa (κ)`,
            columns: [words('Stage'), ...raters.map((rater) => numbers(raterTitle(rater)))],
            rows: stages.map((stage) => ({
              about: { stage },
              cells: [name(stage), ...raters.map((rater) => cell(stage, rater))],
            })),
          },
        ]),
    ...interactions(scope, found),
  ];
}

/** Whether this rater sees other changes between stages than the others do. */
function interactions(
  { measure, notation, pair, raterTitle }: MeasureScope,
  found: AgreementFindings,
): Block[] {
  const all = found.interactions ?? [];
  if (all.length === 0) return [];
  return [
    {
      kind: 'fold',
      summary: 'Whether raters see the same changes between stages',
      blocks: [
        {
          kind: 'table',
          page: true,
          caption: `How much more ${inSentence(measure.title)} rises by ${raterTitle(measure.rater)} than by another rater, on trials that both rated`,
          columns: [
            words('Rater'),
            words('Comparison'),
            numbers('Samples'),
            numbers('Rises more by'),
            numbers('95% interval'),
            numbers('p, all counted'),
          ],
          rows: all.map((one) => ({
            about: { from: one.from, to: one.to },
            cells: [
              raterTitle(one.rater),
              pair(one),
              count(one.n),
              notation.change(one.difference),
              notation.changeInterval(one.interval),
              pValue(one.pHolm),
            ],
          })),
        },
      ],
    },
  ];
}

/** What it does that no member of a panel counts for a stage of its own family. */
function selfExclusion(found: SelfExclusionFindings, level: string): string {
  const alpha = coefficient(found.alphaByLevel[level] ?? null);
  const without = coefficient(found.alphaByLevelWithout[level] ?? null);
  const does = found.applied
    ? 'No member of the panel counts for a stage of its own family'
    : 'Members of the panel count for stages of their own family too';
  return `${does}. That matters for ${count(found.changed)} of the ${count(found.trials)} trials that a member rated of its own family; leaving such ratings out (${count(found.ratingsWithout)} of ${count(found.ratings)} remain) takes alpha from ${alpha} to ${without}.`;
}
