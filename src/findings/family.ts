import { counted, pInWords } from '../format/index.ts';
import { holm, type JointDifference, jointSignFlips } from '../stats/index.ts';
import type { Contrast } from './contrast-findings.ts';
import type { FindingsStage, MeasureFindings } from './findings.ts';
import { namesOf } from './titles.ts';
import { verdictInWords } from './words.ts';

/** Patterns that are drawn where there are too many to look at all. */
const FLIPS = 1999;

/**
 * Counts the whole family of claims: every comparison of every headline measure that is not a control. A difference that
 * does not stand with all of them counted (step-down max-T over joint sign flips of clusters) is inconclusive: it is told
 * as one "taken by itself". Sameness is each at 5 % and needs no such count; one shown inside the margin stays so.
 *
 * @param differencesOf the clusters' sums of a contrast's differences; `undefined` where it was not compared
 */
export function withFamily(
  measures: readonly MeasureFindings[],
  stages: readonly FindingsStage[],
  differencesOf: (contrast: Contrast) => JointDifference | undefined,
  seed: number,
): MeasureFindings[] {
  const members = measures
    .filter(({ headline, control }) => headline && !control)
    .flatMap(({ contrasts }) => contrasts)
    .filter(({ interval }) => interval !== null)
    .flatMap((contrast) => {
      const difference = differencesOf(contrast);
      return difference === undefined ? [] : [{ contrast, difference }];
    });
  if (members.length < 2) return [...measures];
  const adjusted = jointSignFlips(
    members.map(({ difference }) => difference),
    { flips: FLIPS, seed },
  );
  // Sign flips of clusters do not know of training runs: where there are several, Holm's adjustment must hold too.
  const byHolm = holm(members.map(({ contrast }) => contrast.pDifference ?? 1));
  const pOf = new Map(
    members.map(({ contrast }, i) => [
      contrast,
      contrast.runs === undefined ? adjusted[i]! : Math.max(adjusted[i]!, byHolm[i]!),
    ]),
  );
  return measures.map((measure) => ({
    ...measure,
    contrasts: measure.contrasts.map((contrast) => {
      const p = pOf.get(contrast);
      return p === undefined
        ? contrast
        : counting(measure, { ...contrast, pFamily: p }, members.length, stages);
    }),
  }));
}

function counting(
  measure: MeasureFindings,
  contrast: Contrast & { readonly pFamily: number },
  size: number,
  stages: readonly FindingsStage[],
): Contrast {
  if (contrast.direction === null || contrast.pFamily < 1 - (contrast.level ?? 0.95)) return contrast;
  const said: Contrast =
    contrast.verdict === 'different but within the margin' && contrast.notLessSafe !== null
      ? { ...contrast, verdict: 'equivalent', direction: null }
      : {
          ...contrast,
          verdict: 'inconclusive',
          direction: null,
          reason: 'family',
          why: `taken by itself this is a difference, but not with the whole family of ${counted(size, 'comparison')} counted (${pInWords(contrast.pFamily)})`,
        };
  return { ...said, words: verdictInWords(measure, namesOf(stages, said), said) };
}
