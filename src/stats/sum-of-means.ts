import { type Clusters, clusterSums } from './clusters.ts';
import { mean, sum } from './sums.ts';

/** Samples of one kind, whose mean is one summand. */
export interface Part {
  readonly values: Float64Array;
  /** Where its first sample stands in the list of all samples that the clusters speak of. */
  readonly first: number;
  /** Variance of its mean that its values don't show. */
  readonly extraVariance: number;
}

/**
 * The variance of a sum of means, each over samples of its own, and the degrees of freedom of that variance. It is
 * CR2 of a regression on one indicator a part: a cluster with samples of several parts counts once, and what those
 * have in common is counted. The degrees of freedom are Satterthwaite's under a working model of independent values
 * with one variance a part: one part alone gives those of a clustered mean, samples that stand alone give Welch's.
 *
 * @param ddof 1 for CR2; 0 leaves its correction out (CR0; for samples that stand alone, variances divided by n)
 * @returns    `null` where all samples of a part stand in one cluster
 * @see Bell & McCaffrey (2002); Pustejovsky & Tipton (2018); Welch (1947)
 */
export function varianceOfSum(
  parts: readonly Part[],
  clusters: Clusters,
  ddof: 0 | 1,
): { readonly variance: number; readonly df: number } | null {
  const scores = new Float64Array(clusters.count);
  const designs: PartDesign[] = [];
  for (const { values, first, extraVariance } of parts) {
    const n = values.length;
    const codes = clusters.codes.subarray(first, first + n);
    const sizes = new Float64Array(clusters.count);
    for (const code of codes) sizes[code]!++;
    if (sizes.some((size) => size === n)) return null;
    const center = mean(values);
    const residuals = values.map((value) => value - center);
    clusterSums(residuals, { ...clusters, codes }).forEach((s, g) => {
      scores[g]! += s / (n * (ddof === 1 ? Math.sqrt(1 - sizes[g]! / n) : 1));
    });
    designs.push({ n, sizes, varianceOfMean: sampleVariance(values) / n + extraVariance });
  }
  const extra = sum(parts.map(({ extraVariance }) => extraVariance));
  return { variance: sum(scores.map((s) => s * s)) + extra, df: satterthwaite(designs) };
}

/** Σ (x − x̄)² / (n − 1). */
export function sampleVariance(values: ArrayLike<number>): number {
  const center = mean(values);
  return sum(Float64Array.from(values, (value) => (value - center) ** 2)) / (values.length - 1);
}

interface PartDesign {
  readonly n: number;
  /** Its samples in each cluster. */
  readonly sizes: Float64Array;
  readonly varianceOfMean: number;
}

/**
 * (Σ P_gg)² / ΣΣ P_gh² where, with v_k the variance of part k's mean, P_gg = Σ_k v_k n_kg/n_k and
 * P_gh = −Σ_k v_k x_kg x_kh, x_kg = n_kg / (n_k √(1 − n_kg/n_k)). Multiplied out, it needs pairs of parts but none of
 * clusters.
 */
function satterthwaite(parts: readonly PartDesign[]): number {
  // Where nothing varies any weights do; the first part's clusters are then the ones to count.
  const varying = parts.some(({ varianceOfMean }) => varianceOfMean > 0);
  const weights = parts.map(({ varianceOfMean }, k) => (varying ? varianceOfMean : k === 0 ? 1 : 0));
  const x = parts.map(({ sizes, n }) => sizes.map((size) => size / (n * Math.sqrt(1 - size / n))));
  const diagonal = parts[0]!.sizes.map((_, g) =>
    sum(parts.map(({ sizes, n }, k) => (weights[k]! * sizes[g]!) / n)),
  );
  let squares = sum(diagonal.map((p) => p * p));
  for (let k = 0; k < parts.length; k++) {
    for (let l = 0; l < parts.length; l++) {
      const products = x[k]!.map((value, g) => value * x[l]![g]!);
      const offDiagonal = sum(products) ** 2 - sum(products.map((product) => product * product));
      squares += weights[k]! * weights[l]! * offDiagonal;
    }
  }
  return sum(diagonal) ** 2 / squares;
}
