import { studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel } from '../numerics/requirements.ts';
import { fieller, type RatioCovariance } from '../shares/fieller.ts';
import { layOut, type StratifiedPpiData } from './stratified-arms.ts';
import { estimateTogether, type JudgeErrorOptions } from './stratified-estimate.ts';

/** Two rates that labels correct, estimated together. */
export interface CorrectedRates {
  readonly from: number;
  readonly to: number;
  /** The variances of `to` (numerator) and `from` (denominator), and how the two vary together. */
  readonly covariance: RatioCovariance;
  readonly df: number;
}

/**
 * Both arms' corrected means with their covariance, one λ for both.
 *
 * @returns `null` where labels are too few for a variance
 * @throws RangeError as `stratifiedPpiPaired` does
 *
 * @example
 * const data = (judge, human) => ({
 *   judge,
 *   human,
 *   strata: [0, 0, 0, 0],
 *   samples: [0, 1, 2, 3],
 *   clusters: [0, 1, 2, 3],
 * });
 * stratifiedPpiRates(
 *   { from: data([0, 0, 1, 0], [0, 0, 1, NaN]), to: data([1, 1, 1, 0], [1, NaN, 1, 0]) },
 *   { lambda: 1 },
 * ); // => { from: 0.25, to: 0.75 }
 */
export function stratifiedPpiRates(
  arms: { readonly from: StratifiedPpiData; readonly to: StratifiedPpiData },
  options: JudgeErrorOptions = {},
): CorrectedRates | null {
  const { means, covariance, df } = estimateTogether(
    layOut([arms.to, arms.from]),
    [
      [1, 0],
      [0, 1],
    ],
    options,
  );
  if (means === null || covariance === null || df === null) return null;
  const [to, from] = means as [number, number];
  return {
    from,
    to,
    covariance: {
      numerator: covariance[0]![0]!,
      denominator: covariance[1]![1]!,
      between: covariance[0]![1]!,
    },
    df,
  };
}

/** A ratio of two corrected rates; the upper end is infinite where the data allow a first rate of 0. */
interface CorrectedRatio {
  /** `null` where the first rate is not above 0. */
  readonly estimate: number | null;
  readonly interval: Interval;
}

/**
 * How many times as large the second rate is as the first, by Fieller's set on what is possible: no ratio is below 0.
 *
 * @param level two-sided
 * @see Fieller (1954), "Some problems in interval estimation"
 *
 * @example
 * const covariance = { numerator: 0.0004, denominator: 0.0004, between: 0.0001 };
 * correctedRatio({ from: 0.1, to: 0.3, covariance, df: 50 }, 0.95); // => { estimate: 3, interval: [2.1451, 4.9132] }
 */
export function correctedRatio({ from, to, covariance, df }: CorrectedRates, level: number): CorrectedRatio {
  requireLevel('correctedRatio', level);
  if (from <= 0) return { estimate: null, interval: [0, Number.POSITIVE_INFINITY] };
  const estimate = Math.max(0, to) / from;
  const set = fieller(Math.max(0, to), from, covariance, studentTQuantile((1 + level) / 2, df));
  if (set.kind === 'bounded') {
    const [low, high] = set.interval;
    return { estimate, interval: [Math.max(0, low), Math.max(0, high)] };
  }
  // The ray below 0 is not possible; the other one has no upper end.
  const least = set.kind === 'two rays' && set.outside[0] < 0 ? Math.max(0, set.outside[1]) : 0;
  return { estimate, interval: [least, Number.POSITIVE_INFINITY] };
}
