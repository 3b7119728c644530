import { mean, sum } from '../numerics/sums.ts';
import { clusteredMeanOf, residualsOf } from './clustered-mean.ts';
import { type ClusterLabels, clusterSums, readClusters, requireFinite } from './clusters.ts';

/** Means of several variables on the same samples, and how they vary together. */
export interface ClusteredCovariance {
  readonly n: number;
  readonly clusters: number;
  readonly means: readonly number[];
  /** CR2 covariances of the means; `null` with one cluster. */
  readonly covariance: readonly (readonly number[])[] | null;
  /** Satterthwaite degrees of freedom, the same for every linear combination of the means; `null` with one cluster. */
  readonly df: number | null;
}

/**
 * The cluster-robust (CR2) covariance matrix of the means of several variables that were measured on the same samples:
 * C_ab = N⁻² Σ s_ga s_gb / (1 − n_g/N), s_ga the sum of variable a's residuals in cluster g.
 *
 * @param variables one array a variable, one value a sample; at least one variable
 * @param clusters  one label a sample
 * @throws RangeError when variables differ in length, a value is not finite, or there is not one label a sample
 * @see Bell & McCaffrey (2002); Pustejovsky & Tipton (2018)
 *
 * @example
 * clusteredCovariance([[1, 0, 1, 1], [0, 0, 1, 1]], [0, 0, 1, 1]);
 * // => { means: [0.75, 0.5], covariance: [[0.0625, 0.125], [0.125, 0.25]], df: 1 }
 */
export function clusteredCovariance(
  variables: readonly ArrayLike<number>[],
  clusters: ClusterLabels,
): ClusteredCovariance {
  const n = variables[0]?.length ?? 0;
  if (variables.some((variable) => variable.length !== n)) {
    throw new RangeError('clusteredCovariance: the variables differ in length');
  }
  variables.forEach(requireFinite);
  const read = readClusters(clusters, n);
  const means = variables.map(mean);
  const { df } = clusteredMeanOf(variables[0]!, read);
  if (read.count < 2) return { n, clusters: read.count, means, covariance: null, df };
  const scores = variables.map((variable, a) => {
    return clusterSums(residualsOf(variable, means[a]!), read).map(
      (s, g) => s / (n * Math.sqrt(1 - read.sizes[g]! / n)),
    );
  });
  const covariance = scores.map((a) => scores.map((b) => sum(a.map((score, g) => score * b[g]!))));
  return { n, clusters: read.count, means, covariance, df };
}
