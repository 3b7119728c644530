import type { Measure } from '../core/index.ts';
import { percent } from '../format/index.ts';
import { imbensManskiLevel, verdict } from '../stats/index.ts';
import type { Contrast, Reason, Verdict } from './contrast-findings.ts';
import type { Interval } from './findings.ts';
import {
  evidenceOf,
  isTooRare,
  type Judged,
  judge,
  levelsOf,
  type Margin,
  meanOf,
  outcomeOf,
  outcomeRate,
  type SharedValues,
} from './judge.ts';
import { differenceRange, possibleInterval } from './possible.ts';

/** The answers that two stages lost, on the samples that at least one of them was asked. */
export interface LostAnswers {
  /** Both arms if every lost answer had made the difference as low, or as high, as it could. */
  readonly low: SharedValues;
  readonly high: SharedValues;
  /** The share of each sample's trials that has no value. */
  readonly absent: SharedValues;
}

/** More than this share of an arm's answers missing is too much to be taken for chance. */
const MOST_MISSING = 0.05;

/** A difference of what is missing below this p is one. */
const LEVEL = 0.05;

/**
 * What lost answers do to a verdict. It stands plainly if it is the same for everything that they could have been, sampling
 * error counted (Imbens & Manski). If not, and each arm lost at most 5 % and neither lost more than the other, it stands
 * with a condition. Otherwise nothing is shown.
 *
 * @param lost        `undefined` where no answer is missing
 * @param underBounds the verdict of the range of all that they could have been; `null` where that is not bounded
 */
export function withLostAnswers<
  Found extends Pick<Contrast, 'verdict' | 'interval' | 'notLessSafe' | 'direction' | 'reason' | 'why'>,
>(
  judged: Found,
  lost: LostAnswers | undefined,
  seed: number,
  underBounds: (lost: LostAnswers) => Verdict | null,
): Found & { readonly condition?: string } {
  if (lost === undefined || judged.verdict === 'inconclusive' || judged.interval === null) return judged;
  if (underBounds(lost) === judged.verdict) return judged;
  const [from, to] = [meanOf(lost.absent.from), meanOf(lost.absent.to)];
  const { p } = evidenceOf(SHARE_MISSING, lost.absent, seed);
  if (from <= MOST_MISSING && to <= MOST_MISSING && (p === null || p >= LEVEL)) {
    return {
      ...judged,
      condition: `This holds if the missing answers (${shareOf(from)} and ${shareOf(to)}) are like the others.`,
    };
  }
  const differs = p !== null && p < LEVEL ? ', and the stages lost them unequally' : '';
  return {
    ...judged,
    verdict: 'inconclusive',
    notLessSafe: judged.notLessSafe === null ? null : false,
    direction: null,
    reason: 'missing answers' satisfies Reason,
    why: `missing answers could change the verdict: ${shareOf(from)} and ${shareOf(to)} of the trials have no value${differs}`,
  };
}

/** The verdict of the range of all that the lost answers could have been. */
export function verdictUnderBounds(
  measure: Measure,
  margin: Margin,
  lost: LostAnswers,
  seed: number,
): Verdict | null {
  const { points, ratio } = margin;
  // What lost answers do to a score without a range is not bounded here: then the condition is told.
  if (measure.rangeOf === 'values') return null;
  const interval = boundsOf(measure, lost, seed);
  const levels = levelsOf(margin);
  const [interval95, interval90] = [interval(levels.wide), interval(levels.narrow)];
  const difference975 = interval(levels.wider);
  if (interval95 === null || interval90 === null || difference975 === null) return null;
  const rates = [lost.low, lost.high].map(({ from }) => outcomeRate(measure, meanOf(from)));
  const ratioAt = ratioBoundsOf(measure, lost, seed);
  const [ratio90, ratio975] = [ratioAt(levels.narrow), ratioAt(levels.wider)];
  if (ratio !== undefined && (ratio90 === null || ratio975 === null)) return null;
  return verdict({
    interval95,
    interval90s: [interval90],
    margin: points,
    ...(ratio === undefined
      ? {}
      : { ratio: { margin: ratio, interval90: ratio90!, interval975: ratio975!, difference975 } }),
    safer: measure.safer,
    tooRare: isTooRare(measure, Math.min(...rates), margin),
  });
}

/**
 * The interval of the ratio, by its level, over all that the lost answers could have been: it is lowest and highest where the difference
 * is. Each end keeps its whole sampling error, so it covers the ratio wherever it lies in between. `null` without a ratio.
 */
function ratioBoundsOf(measure: Measure, { low, high }: LostAnswers, seed: number) {
  const ends = [evidenceOf(measure, low, seed), evidenceOf(measure, high, seed)];
  return (level: number): Interval | null => {
    const [one, other] = ends.map((end) => end.ratio(level, outcomeOf(measure))?.interval);
    if (one === undefined || other === undefined) return null;
    return [Math.min(one[0], other[0]), Math.max(one[1], other[1])];
  };
}

/** The interval of the difference, by its level, over all that the lost answers could have been (Imbens & Manski). */
function boundsOf(measure: Measure, { low, high }: LostAnswers, seed: number) {
  const [lowest, highest] = [evidenceOf(measure, low, seed), evidenceOf(measure, high, seed)];
  const error = Math.max(lowest.standardError ?? 0, highest.standardError ?? 0);
  const distance = Math.max(0, highest.difference - lowest.difference);
  return (level: number): Interval | null => {
    const at = error > 0 ? imbensManskiLevel(distance, error, level) : level;
    const ends = [lowest.interval(at)?.[0], highest.interval(at)?.[1]] as const;
    return ends[0] === undefined || ends[1] === undefined ? null : [ends[0], ends[1]];
  };
}

/**
 * What the lost answers could do to a verdict, in numbers: the interval over all that they could have been, and the tipping
 * point, the least that they must have differed from the others for the verdict to be another one.
 *
 * @param judged the verdict without the lost answers
 */
export function lostAnswersInNumbers(
  measure: Measure,
  judged: Pick<Judged, 'verdict' | 'interval'>,
  margin: Margin,
  lost: LostAnswers | undefined,
  seed: number,
): Pick<Contrast, 'lostAnswers'> {
  if (lost === undefined || judged.interval === null || measure.rangeOf === 'values') return {};
  const interval = boundsOf(measure, lost, seed)(0.95);
  if (interval === null) return {};
  const stands = verdictUnderBounds(measure, margin, lost, seed) === judged.verdict;
  const tippingPoint = stands ? null : tippingPointOf(measure, judged.verdict, margin, lost, seed);
  return { lostAnswers: { interval: possibleInterval(interval, differenceRange(measure)), tippingPoint } };
}

/** Halvings of the way from "as the others" to "all one way": a tipping point is told to 1/64 of it. */
const STEPS = 6;

function tippingPointOf(
  measure: Measure,
  reached: Verdict,
  margin: Margin,
  lost: LostAnswers,
  seed: number,
): NonNullable<Contrast['lostAnswers']>['tippingPoint'] {
  const [bottom, top] = measure.range;
  const usual = {
    from: meanWhere(lost.high.from, lost.absent.from, bottom),
    to: meanWhere(lost.low.to, lost.absent.to, bottom),
  };
  const at = (part: number, up: boolean) => ({
    from: usual.from + part * ((up ? bottom : top) - usual.from),
    to: usual.to + part * ((up ? top : bottom) - usual.to),
  });
  const tips = (part: number, up: boolean) =>
    judge(measure, filledWith(measure, lost, at(part, up)), margin, seed).verdict !== reached;
  const found = [true, false].flatMap((up) => {
    if (!tips(1, up)) return [];
    let [low, high] = [0, 1];
    for (let step = 0; step < STEPS; step++) {
      const middle = (low + high) / 2;
      if (tips(middle, up)) high = middle;
      else low = middle;
    }
    return [{ part: high, ...at(high, up) }];
  });
  const [first] = found.sort((a, b) => a.part - b.part);
  return first === undefined ? null : { from: first.from, to: first.to };
}

/** Both arms with these means in the place of what is missing. */
function filledWith(
  { range: [bottom, top] }: Measure,
  { low, high }: LostAnswers,
  fill: { readonly from: number; readonly to: number },
): SharedValues {
  const between = (lowest: Float64Array, highest: Float64Array, value: number) =>
    lowest.map((least, i) => least + ((value - bottom) / (top - bottom)) * (highest[i]! - least));
  return {
    ...low,
    from: between(high.from, low.from, fill.from),
    to: between(low.to, high.to, fill.to),
  };
}

/** The mean of the trials that have a value, from means in which each missing trial counts as `bottom`. */
function meanWhere(filled: Float64Array, absent: Float64Array, bottom: number): number {
  let [sum, there] = [0, 0];
  for (let i = 0; i < filled.length; i++) {
    sum += filled[i]! - absent[i]! * bottom;
    there += 1 - absent[i]!;
  }
  return there === 0 ? bottom : sum / there;
}

/** Whether an answer is missing, as a measure of its own. */
const SHARE_MISSING: Measure = {
  id: 'missing',
  title: 'Missing',
  description: 'Share of trials without a value.',
  kind: 'rate',
  range: [0, 1],
  safer: 'lower',
  level: 'nominal',
};

function shareOf(share: number): string {
  // Within a point of the limit the first decimal tells on which side a share is.
  const near = Math.abs(share - MOST_MISSING) < 0.01;
  return share > 0 && share < 0.005 ? 'under 1%' : percent(share, near ? 1 : 0);
}
