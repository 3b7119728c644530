import { randomSource } from '../numerics/random.ts';
import { sum } from '../numerics/sums.ts';
import { type ClusterLabels, clusterSums, readClusters, requireFinite } from '../rate/clusters.ts';
import { AT_ONCE, signedSums } from './signed-sums.ts';

export interface SignFlip {
  /** Two-sided. */
  readonly p: number;
  /** Sign patterns looked at. */
  readonly flips: number;
  /** Every pattern was looked at: p is exact. */
  readonly exhaustive: boolean;
}

/**
 * Sign-flip permutation test of a paired difference, whole clusters flipped together: if the arms do not differ, every
 * cluster's sum of differences is as likely to be positive as negative. Holds its level with any number of clusters;
 * with G of them p can't be below 2^(1−G).
 *
 * Clusters whose differences sum to zero do not matter and are left aside, so that more cases can be counted out.
 *
 * @param d        one difference a shared sample
 * @param clusters one label a sample
 * @param options  how many patterns to draw, where all are more than that; and a seed
 * @throws RangeError for no values, a value that is not finite, not one label a value, or bad options
 * @see Phipson & Smyth (2010) for (1 + hits)/(1 + flips), which is never zero
 *
 * @example
 * signFlip([1, 1, 0, 1, 1, 0], [0, 0, 1, 1, 2, 2], { flips: 1000, seed: 1 });
 * // => { p: 0.25, flips: 8, exhaustive: true }
 */
export function signFlip(
  d: ArrayLike<number>,
  clusters: ClusterLabels,
  options: { readonly flips: number; readonly seed: number },
): SignFlip {
  requireFinite(d);
  const { flips, seed } = options;
  if (!Number.isInteger(flips) || flips < 1)
    throw new RangeError(`signFlip: ${flips} is not a number of flips`);
  const all = clusterSums(d, readClusters(clusters, d.length));
  const size = sum(all.map(Math.abs));
  const sums = all.filter((value) => Math.abs(value) > 1e-13 * size);
  // A pattern ties with the observed one although its sum, added in another order, differs in the last digits.
  const reached = Math.abs(sum(sums)) - 1e-12 * size;
  if (2 ** sums.length <= flips) {
    return { p: shareReaching(sums, reached), flips: 2 ** sums.length, exhaustive: true };
  }
  const hits = drawnHits(sums, reached, flips, seed);
  return { p: (1 + hits) / (1 + flips), flips, exhaustive: false };
}

/** The share of all sign patterns whose sum is at least as far from 0 as `reached`. */
function shareReaching(sums: Float64Array, reached: number): number {
  let hits = 0;
  const flip = (cluster: number, total: number) => {
    if (cluster === sums.length) {
      if (Math.abs(total) >= reached) hits++;
      return;
    }
    flip(cluster + 1, total + sums[cluster]!);
    flip(cluster + 1, total - sums[cluster]!);
  };
  flip(0, 0);
  return hits / 2 ** sums.length;
}

function drawnHits(sums: Float64Array, reached: number, flips: number, seed: number): number {
  const random = randomSource(seed);
  const groups = Math.ceil(sums.length / AT_ONCE);
  const table = signedSums(sums, groups);
  let hits = 0;
  for (let flip = 0; flip < flips; flip++) {
    let total = 0;
    let signs = 0;
    for (let group = 0; group < groups; group++) {
      if (group % 4 === 0) signs = random.bits();
      total += table[(group << AT_ONCE) | (signs & 255)]!;
      signs >>>= AT_ONCE;
    }
    if (Math.abs(total) >= reached) hits++;
  }
  return hits;
}
