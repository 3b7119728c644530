import type { Interval } from '../numerics/interval.ts';
import { randomSource } from '../numerics/random.ts';
import { requireLevel } from '../numerics/requirements.ts';
import { type Clusters, clusterSums } from '../rate/clusters.ts';

/** Up to this many clusters all sign patterns are looked at. */
const EXHAUSTIVE_CLUSTERS = 13;
const DRAWN_PATTERNS = 4096;

/** The sign-flip test of every hypothesis about a mean difference. */
export interface SignFlipTests {
  /** Sign patterns looked at; a pattern and its complement count once. */
  readonly patterns: number;
  /** All patterns were looked at: p is exact. */
  readonly exhaustive: boolean;
  /** Two-sided p of "the mean difference is `delta`". */
  p(delta: number): number;
  /** The differences that are not rejected; infinite ends where none is. @throws RangeError for a level outside (0, 1) */
  interval(level: number): Interval;
}

/**
 * The cluster sign-flip test, inverted exactly.
 *
 * For a hypothesis δ, the pattern that flips the clusters F reaches the observed sum exactly where δ lies between the
 * mean of F and the mean of the other clusters. So every pattern is an interval around the mean difference, p(δ) is the
 * share of patterns whose interval holds δ, and limits are order statistics of the ends: no search is needed.
 *
 * The hypothesis is that the clusters' differences lie symmetrically about δ. It keeps its level with any number of
 * clusters; with G of them p cannot be below 2^(1−G).
 *
 * @param d        one difference a shared sample
 * @param clusters of the samples
 * @param seed     for the patterns that are drawn where there are more than 13 clusters
 * @see Lehmann & Romano (2005), section 15.2, for tests by symmetry and their inversion
 *
 * @example
 * signFlipTests([1, 2, 3, 4, 5, 6], readClusters([1, 2, 3, 4, 5, 6], 6), 1).interval(0.9); // => [2, 5]
 */
export function signFlipTests(d: ArrayLike<number>, clusters: Clusters, seed: number): SignFlipTests {
  const sums = clusterSums(d, clusters);
  const { lower, upper, patterns, exhaustive, scale } = patternEnds(sums, clusters.sizes, seed);
  return {
    patterns,
    exhaustive,
    p(delta) {
      // The ends are means of other clusters, added in another order: a tie may differ in the last digits.
      const slack = 1e-12 * scale;
      let holding = 1;
      for (let i = 0; i < lower.length; i++) {
        if (lower[i]! <= delta + slack && upper[i]! >= delta - slack) holding++;
      }
      return holding / patterns;
    },
    interval(level) {
      requireLevel('signFlipTests', level);
      // The pattern that flips nothing holds every δ: it is counted, and is in neither list.
      const place = Math.floor((1 - level) * patterns + 1e-9);
      if (place < 1 || place > lower.length) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      const downwards = upper.toSorted();
      return [lower.toSorted()[place - 1]!, downwards[downwards.length - place]!];
    },
  };
}

interface PatternEnds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly patterns: number;
  readonly exhaustive: boolean;
  readonly scale: number;
}

function patternEnds(sums: Float64Array, sizes: Float64Array, seed: number): PatternEnds {
  const count = sums.length;
  const exhaustive = count <= EXHAUSTIVE_CLUSTERS;
  // A pattern and its complement are one interval, so the last cluster need not be flipped.
  const patterns = exhaustive ? 2 ** (count - 1) : DRAWN_PATTERNS;
  const lower = new Float64Array(patterns - 1);
  const upper = new Float64Array(patterns - 1);
  const total = sums.reduce((all, value) => all + value, 0);
  const n = sizes.reduce((all, value) => all + value, 0);
  const random = randomSource(seed);
  for (let pattern = 1; pattern < patterns; pattern++) {
    let flipped = 0;
    let weight = 0;
    let bits = pattern;
    for (let g = 0; g < count; g++) {
      if (!exhaustive && g % 32 === 0) bits = random.bits();
      if ((bits & 1) === 1) {
        flipped += sums[g]!;
        weight += sizes[g]!;
      }
      bits >>>= 1;
    }
    const trivial = weight === 0 || weight === n;
    const one = trivial ? Number.NEGATIVE_INFINITY : flipped / weight;
    const other = trivial ? Number.POSITIVE_INFINITY : (total - flipped) / (n - weight);
    lower[pattern - 1] = Math.min(one, other);
    upper[pattern - 1] = Math.max(one, other);
  }
  const scale = sums.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return { lower, upper, patterns, exhaustive, scale };
}
