import { studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel } from '../numerics/requirements.ts';
import { mean } from '../numerics/sums.ts';
import { clusteredMeanOf, effectiveN } from './clustered-mean.ts';
import { type ClusterLabels, readClusters, requireFinite } from './clusters.ts';
import { wilson } from './wilson.ts';

/** The mean of a bounded score. All but the estimate are `null` with one cluster. */
export interface ClusteredScore {
  readonly n: number;
  readonly clusters: number;
  readonly estimate: number;
  /** CR2; 0 where the clusters do not differ. */
  readonly standardError: number | null;
  /** Satterthwaite. */
  readonly df: number | null;
  readonly interval: Interval | null;
  readonly method: 'CR2-t' | 'Wilson on the range' | null;
}

/**
 * The mean of a score with a known range from samples in clusters: mean ± t·CR2, cut off at the range. Where CR2 is 0
 * that would be a point; then the score is taken as a share of its range and given the interval of such a rate.
 *
 * @param values   one a sample, in `range` (epochs averaged first)
 * @param clusters one label a sample
 * @param range    lowest and highest score possible
 * @param level    two-sided level of the interval
 * @throws RangeError for no values, a value outside the range, an empty range, not one label a value, or a level
 *                    outside (0, 1)
 *
 * @example
 * clusteredScore([4, 6, 5, 7, 6, 8], [0, 0, 1, 1, 2, 2], [1, 10]);
 * // => { estimate: 6, interval: [3.5159, 8.4841], method: 'CR2-t' }
 */
export function clusteredScore(
  values: ArrayLike<number>,
  clusters: ClusterLabels,
  range: Interval,
  level = 0.95,
): ClusteredScore {
  requireFinite(values);
  requireLevel('clusteredScore', level);
  const [lowest, highest] = range;
  const width = highest - lowest;
  if (!(width > 0)) throw new RangeError(`clusteredScore: the range [${lowest}, ${highest}] is empty`);
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < lowest || values[i]! > highest) {
      throw new RangeError(`clusteredScore: value ${i} is ${values[i]}, outside [${lowest}, ${highest}]`);
    }
  }
  const read = readClusters(clusters, values.length);
  const { n, mean: estimate, cr2, df } = clusteredMeanOf(values, read);
  const seen = { n, clusters: read.count, estimate, standardError: cr2, df };
  if (cr2 === null || df === null) return { ...seen, interval: null, method: null };
  if (cr2 === 0) {
    const share = mean(Float64Array.from(values, (value) => (value - lowest) / width));
    const nEff = effectiveN(share * (1 - share), cr2, n, read.count);
    const [lower, upper] = wilson(share, nEff, studentTQuantile((1 + level) / 2, df));
    return {
      ...seen,
      interval: [lowest + width * lower, lowest + width * upper],
      method: 'Wilson on the range',
    };
  }
  const reach = studentTQuantile((1 + level) / 2, df) * cr2;
  const interval: Interval = [Math.max(lowest, estimate - reach), Math.min(highest, estimate + reach)];
  return { ...seen, interval, method: 'CR2-t' };
}
