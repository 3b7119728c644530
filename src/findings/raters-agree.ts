import { isLabeller, type Manifest } from '../core/index.ts';
import { listed } from '../format/index.ts';
import type { Contrast } from './contrast-findings.ts';
import type { FindingsStage, MeasureFindings } from './findings.ts';
import { namesOf } from './titles.ts';
import { verdictInWords } from './words.ts';

/**
 * Where several raters rated a measure and nobody declared which of them makes the headlines, a verdict counts only if all
 * of them give it. So the order of raters decides nothing. Panels speak for their members; where judges rated, people's
 * labels correct them and do not vote.
 *
 * @param declared whether the analysis, or the user, names the headline rater
 */
export function withAgreedVerdicts(
  measures: readonly MeasureFindings[],
  stages: readonly FindingsStage[],
  { raters }: Manifest,
  declared: boolean,
): MeasureFindings[] {
  if (declared) return [...measures];
  const labellers = new Set(raters.filter(isLabeller).map(({ id }) => id));
  const inPanel = new Set(raters.flatMap(({ panel }) => panel?.members ?? []));
  return measures.map((measure) => {
    if (!measure.headline) return measure;
    const views = measures.filter(
      ({ id, eval: of, rater }) => id === measure.id && of === measure.eval && !inPanel.has(rater),
    );
    const judges = views.filter(({ rater }) => !labellers.has(rater));
    const voters = judges.length > 0 ? judges : views;
    if (voters.length < 2) return measure;
    return {
      ...measure,
      contrasts: measure.contrasts.map((contrast, pair) => agreed(measure, contrast, voters, pair, stages)),
    };
  });
}

function agreed(
  measure: MeasureFindings,
  contrast: Contrast,
  voters: readonly MeasureFindings[],
  pair: number,
  stages: readonly FindingsStage[],
): Contrast {
  // What labels correct is settled by them; raters do not vote on it.
  if (contrast.verdict === 'not compared' || contrast.raw !== undefined) return contrast;
  const votes = voters.map(({ rater, contrasts }) => ({ rater, ...contrasts[pair]! }));
  const same = votes.every(
    ({ verdict, direction }) => verdict === contrast.verdict && direction === contrast.direction,
  );
  if (same) return contrast;
  const said = {
    ...contrast,
    verdict: 'inconclusive',
    notLessSafe:
      contrast.notLessSafe === null ? null : votes.every(({ notLessSafe }) => notLessSafe === true),
    direction: null,
    reason: 'raters disagree',
    why: `the raters disagree, and none was declared for the headlines: ${listed(votes.map(({ rater, verdict }) => `${rater} says ${verdict}`))}`,
  } as const;
  return { ...said, words: verdictInWords(measure, namesOf(stages, contrast), said) };
}
