import { momentsOf, tangoOf } from '../difference/paired-difference.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel } from '../numerics/requirements.ts';
import { type ClusterLabels, readClusters, requireFinite } from '../rate/clusters.ts';

/**
 * Tango's score interval alone, which `pairedDifference` gives only where no difference varies; `null` with one cluster.
 *
 * @throws RangeError as `pairedDifference` does, and for |d| > 1
 *
 * @example
 * tangoOnEffectiveN([1, 0, 0, 1, 0, -1], [0, 1, 2, 3, 4, 5]); // => [-0.5778, 0.7478]
 */
export function tangoOnEffectiveN(
  d: ArrayLike<number>,
  clusters: ClusterLabels,
  level = 0.95,
): Interval | null {
  requireFinite(d);
  requireLevel('tangoOnEffectiveN', level);
  const moments = momentsOf(d, readClusters(clusters, d.length), 1);
  if (!moments.bounded) throw new RangeError('tangoOnEffectiveN: a difference exceeds the bound of 1');
  return tangoOf(moments, level);
}
