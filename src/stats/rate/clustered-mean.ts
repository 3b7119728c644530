import { mean, sum } from '../numerics/sums.ts';
import { type ClusterLabels, type Clusters, clusterSums, readClusters, requireFinite } from './clusters.ts';

/** A mean and its cluster-robust standard errors. Those are `null` with one cluster: nothing to compare it with. */
export interface ClusteredMean {
  readonly n: number;
  readonly clusters: number;
  readonly mean: number;
  /** Sandwich standard error as it is. */
  readonly cr0: number | null;
  /** CR0 times √(G/(G−1)). */
  readonly cr1: number | null;
  /** Bias-reduced: unbiased were the values independent with equal variance, whatever the cluster sizes. */
  readonly cr2: number | null;
  /** Satterthwaite degrees of freedom of `cr2`; G − 1 for clusters of equal size, fewer otherwise. */
  readonly df: number | null;
}

/**
 * The mean of values that come in clusters, with the standard error that counts clusters instead of values.
 *
 * CR2 for a mean is V = N⁻² Σ s_g² / (1 − n_g/N), s_g the sum of residuals in cluster g; its degrees of freedom are
 * (Σ P_gg)² / ΣΣ P_gh² with P_gg = n_g and P_gh = −n_g n_h c_g c_h / N, c_g = (1 − n_g/N)^−½.
 * Time grows with the number of values, not with pairs of clusters.
 *
 * @param values   one a sample (epochs averaged first)
 * @param clusters one label a value
 * @throws RangeError when there are no values, one is not finite, or there is not one label a value
 * @see Bell & McCaffrey (2002); Pustejovsky & Tipton (2018), for an intercept and a working model of independence
 *
 * @example
 * clusteredMean([1, 0, 1, 1, 0, 0], [0, 0, 1, 1, 2, 2]); // => { mean: 0.5, cr2: 0.2887, df: 2 }
 */
export function clusteredMean(values: ArrayLike<number>, clusters: ClusterLabels): ClusteredMean {
  requireFinite(values);
  return clusteredMeanOf(values, readClusters(clusters, values.length));
}

/** `clusteredMean` on labels that have been read. */
export function clusteredMeanOf(values: ArrayLike<number>, clusters: Clusters): ClusteredMean {
  const n = values.length;
  const count = clusters.count;
  const estimate = mean(values);
  if (count < 2) return { n, clusters: count, mean: estimate, cr0: null, cr1: null, cr2: null, df: null };
  const residuals = residualsOf(values, estimate);
  const rounding = ROUNDING * largestOf(values);
  const squares = clusterSums(residuals, clusters).map((s, g) =>
    Math.abs(s) <= rounding * clusters.sizes[g]! ? 0 : s * s,
  );
  const cr0 = Math.sqrt(sum(squares)) / n;
  const cr2 = Math.sqrt(sum(squares.map((square, g) => square / (1 - clusters.sizes[g]! / n)))) / n;
  return {
    n,
    clusters: count,
    mean: estimate,
    cr0,
    cr1: cr0 * Math.sqrt(count / (count - 1)),
    cr2,
    df: satterthwaite(clusters.sizes, n),
  };
}

/** What is left of values after their mean; exactly 0 where only rounding is left, so that a constant has no variance. */
export function residualsOf(values: ArrayLike<number>, mean: number): Float64Array {
  const rounding = ROUNDING * largestOf(values);
  const residuals = new Float64Array(values.length);
  for (let i = 0; i < residuals.length; i++) {
    const residual = values[i]! - mean;
    residuals[i] = Math.abs(residual) <= rounding ? 0 : residual;
  }
  return residuals;
}

/** The relative error that a mean of doubles can have, and some. */
const ROUNDING = 1e-15;

function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/**
 * Degrees of freedom of CR2 for a mean of n values in two or more clusters of these sizes.
 * ΣΣ P_gh² over g ≠ h is ((Σ w)² − Σ w²)/N² with w_g = n_g² c_g², which needs no pairs.
 */
export function satterthwaite(sizes: Float64Array, n: number): number {
  const weights = sizes.map((size) => (size * size) / (1 - size / n));
  const total = sum(weights);
  const offDiagonal = (total * total - sum(weights.map((w) => w * w))) / (n * n);
  return (n * n) / (sum(sizes.map((size) => size * size)) + offDiagonal);
}

/**
 * G* = 1 + Satterthwaite's degrees of freedom of a mean: as many clusters of equal size would be as informative.
 *
 * @param sizes samples of each cluster
 * @returns     `null` for fewer than two clusters
 * @see Bell & McCaffrey (2002)
 *
 * @example
 * effectiveClusters([5, 5, 5, 5]); // => 4
 */
export function effectiveClusters(sizes: readonly number[]): number | null {
  if (sizes.length < 2) return null;
  return 1 + satterthwaite(Float64Array.from(sizes), sum(sizes));
}

/**
 * How many independent observations of this variance would leave this standard error: at most all of them, and as
 * many as there are clusters where nothing varies at all.
 */
export function effectiveN(variance: number, standardError: number, n: number, clusters: number): number {
  if (variance <= 0) return clusters;
  return Math.min(n, variance / standardError ** 2);
}
