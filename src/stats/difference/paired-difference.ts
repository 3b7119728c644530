import { studentTCdf, studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel, requirePositive } from '../numerics/requirements.ts';
import { mean, sum } from '../numerics/sums.ts';
import { clusteredMeanOf, effectiveN, residualsOf } from '../rate/clustered-mean.ts';
import { type ClusterLabels, type Clusters, readClusters, requireFinite } from '../rate/clusters.ts';
import { leastTangoScore, tangoInterval } from './tango.ts';

/** A paired difference. All but the mean and `m2` are `null` with one cluster. */
export interface PairedDifference {
  readonly n: number;
  readonly clusters: number;
  /** Mean of d. */
  readonly mean: number;
  /** CR2; 0 where the clusters do not differ. */
  readonly standardError: number | null;
  /** Satterthwaite. */
  readonly df: number | null;
  /**
   * mean ± t·CR2. Where CR2 is 0 that would be a point, so it is Tango's on the effective n instead; `null` where
   * CR2 is 0 and a difference exceeds `bound`.
   */
  readonly interval: Interval | null;
  readonly method: 'CR2-t' | 'Tango on effective n' | null;
  /** Two-sided p of "no difference", of the same method as the interval. */
  readonly p: number | null;
  /** Mean of d²: the share of discordant pairs where d is −1, 0 or 1. */
  readonly m2: number;
  /** How many independent pairs would be as informative; as many as clusters where no difference varies. */
  readonly nEff: number | null;
}

/**
 * The mean difference between two arms on the same samples, counting clusters.
 *
 * @param d        one a shared sample: mean over epochs of the second arm minus mean of the first
 * @param clusters one label a sample
 * @param level    two-sided level of the interval
 * @param bound    the largest |d| there could be: 1 for rates, the width of the range for scores
 * @throws RangeError for no values, a value that is not finite, not one label a value, or a level outside (0, 1)
 *
 * @example
 * pairedDifference([1, 0, 0, 1, 0, 0, 1, 0], [0, 1, 2, 3, 4, 5, 6, 7]);
 * // => { mean: 0.375, standardError: 0.183, interval: [-0.0577, 0.8077], method: 'CR2-t' }
 */
export function pairedDifference(
  d: ArrayLike<number>,
  clusters: ClusterLabels,
  level = 0.95,
  bound = 1,
): PairedDifference {
  requireFinite(d);
  requireLevel('pairedDifference', level);
  const read = readClusters(clusters, d.length);
  const moments = momentsOf(d, read, bound);
  const { n, mean, standardError, df, m2, nEff } = moments;
  const seen = { n, clusters: read.count, mean, standardError, df, m2, nEff };
  if (standardError === null || df === null) return { ...seen, interval: null, method: null, p: null };
  if (standardError === 0) {
    const interval = tangoOf(moments, level);
    return { ...seen, interval, method: interval && 'Tango on effective n', p: tangoP(moments) };
  }
  const reach = studentTQuantile((1 + level) / 2, df) * standardError;
  const p = 2 * studentTCdf(-Math.abs(mean) / standardError, df);
  return { ...seen, interval: [mean - reach, mean + reach], method: 'CR2-t', p };
}

interface Moments extends Pick<PairedDifference, 'n' | 'mean' | 'standardError' | 'df' | 'm2' | 'nEff'> {
  /** Shares of pairs that changed either way which would have these moments, d taken in units of `bound`. */
  readonly up: number;
  readonly down: number;
  readonly bound: number;
  /** Whether every |d| ≤ bound, so that a score interval makes sense. */
  readonly bounded: boolean;
}

/** @throws RangeError for a bound that is not positive */
export function momentsOf(d: ArrayLike<number>, clusters: Clusters, bound: number): Moments {
  requirePositive('pairedDifference', 'the bound', bound);
  const { n, mean: average, cr2, df } = clusteredMeanOf(d, clusters);
  const squares = new Float64Array(n);
  const deviations = residualsOf(d, average);
  let largest = 0;
  for (let i = 0; i < n; i++) {
    squares[i] = d[i]! ** 2;
    deviations[i]! **= 2;
    largest = Math.max(largest, squares[i]!);
  }
  const m2 = mean(squares);
  const average1 = average / bound;
  const second1 = m2 / bound ** 2;
  return {
    n,
    mean: average,
    standardError: cr2,
    df,
    m2,
    nEff: cr2 === null ? null : effectiveN(sum(deviations) / n, cr2, n, clusters.count),
    up: (second1 + average1) / 2,
    down: (second1 - average1) / 2,
    bound,
    bounded: largest <= bound * bound * (1 + 1e-12),
  };
}

/**
 * Tango's score interval for a clustered paired difference: on the effective number of pairs, with the t quantile of
 * the Satterthwaite degrees of freedom, and with the shares of pairs that changed either way taken from the first two
 * moments of d, (m2 ± d̄)/2. For unclustered binary pairs those are the observed shares. `null` with one cluster.
 */
export function tangoOf({ nEff, df, up, down, bound, bounded }: Moments, level: number): Interval | null {
  if (nEff === null || df === null || !bounded) return null;
  const [lower, upper] = tangoInterval(up, down, nEff, studentTQuantile((1 + level) / 2, df));
  return [lower * bound, upper * bound];
}

/** Two-sided p of "no difference" by Tango's score. */
function tangoP({ nEff, df, up, down, bounded }: Moments): number | null {
  if (nEff === null || df === null || !bounded) return null;
  if (up === down) return 1;
  return 2 * studentTCdf(-Math.abs(leastTangoScore(up, down, nEff, 0)), df);
}
