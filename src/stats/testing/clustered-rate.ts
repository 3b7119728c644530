import { studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel } from '../numerics/requirements.ts';
import { clopperPearson } from '../rate/clopper-pearson.ts';
import { clusteredMean, effectiveN } from '../rate/clustered-mean.ts';
import { type ClusterLabels, requireFinite } from '../rate/clusters.ts';
import { wilson } from '../rate/wilson.ts';

/** A rate with intervals that count clusters. All but the estimate are `null` with one cluster. */
export interface ClusteredRate {
  readonly n: number;
  readonly clusters: number;
  readonly estimate: number;
  /** CR2; 0 where the clusters do not differ, which says nothing about the width of the intervals. */
  readonly standardError: number | null;
  /** Satterthwaite. */
  readonly df: number | null;
  /** How many independent samples would be as informative. */
  readonly nEff: number | null;
  /** Wilson on `nEff` with the t quantile of `df`. */
  readonly interval: Interval | null;
  /** For "at most x %" claims and rare failures; seldom covers less than its level. */
  readonly kornGraubard: Interval | null;
  /** estimate ± t(G−1)·CR1, as software without these corrections gives it. Shrinks to nothing at 0 of n. */
  readonly tCR1: Interval | null;
}

/**
 * One rate from samples in clusters.
 *
 * n_eff = min(N, p(1−p)/V), V the CR2 variance. Where no value differs from 0 (or from 1) there is no variance to
 * judge by and the clusters themselves are what was seen: n_eff = G. Where V is 0 although values differ, the
 * clusters agree better than chance; that is not believed beyond independence: n_eff = N.
 *
 * @param values   one a sample, in [0, 1] (epochs averaged first)
 * @param clusters one label a value
 * @param level    two-sided level of all intervals
 * @throws RangeError for no values, a value outside [0, 1], not one label a value, or a level outside (0, 1)
 * @see Korn & Graubard (1998); Dean & Pagano (2015); Brown, Cai & DasGupta (2001)
 *
 * @example
 * clusteredRate([1, 0, 1, 1, 0, 0], [0, 0, 1, 1, 2, 2]);
 * // => { estimate: 0.5, standardError: 0.2887, df: 2, interval: [0.0362, 0.9638] }
 */
export function clusteredRate(
  values: ArrayLike<number>,
  clusters: ClusterLabels,
  level = 0.95,
): ClusteredRate {
  requireFinite(values);
  requireLevel('clusteredRate', level);
  for (let i = 0; i < values.length; i++) {
    if (!(values[i]! >= 0 && values[i]! <= 1)) {
      throw new RangeError(`clusteredRate: value ${i} is ${values[i]}, outside [0, 1]`);
    }
  }
  const { n, clusters: count, mean, cr1, cr2, df } = clusteredMean(values, clusters);
  const seen = { n, clusters: count, estimate: mean, standardError: cr2, df };
  if (cr1 === null || cr2 === null || df === null) {
    return { ...seen, nEff: null, interval: null, kornGraubard: null, tCR1: null };
  }
  const upperTail = (1 + level) / 2;
  const k = studentTQuantile(upperTail, df);
  const nEff = effectiveN(mean * (1 - mean), cr2, n, count);
  const design = nEff * (studentTQuantile(upperTail, n - 1) / k) ** 2;
  const reach = studentTQuantile(upperTail, count - 1) * cr1;
  return {
    ...seen,
    nEff,
    interval: wilson(mean, nEff, k),
    kornGraubard: clopperPearson(Math.min(mean * design, design), design, level),
    tCR1: [mean - reach, mean + reach],
  };
}
