import { type Clusters, clusterSums } from '../rate/clusters.ts';
import { mean, sum } from './sums.ts';

/** Samples of one kind, whose mean is one summand of every variable. */
export interface SummedMean {
  /** One array a variable, one value a sample. */
  readonly values: readonly Float64Array[];
  /** Where its first sample is in the list of all samples that the clusters speak of. */
  readonly first: number;
  /** One a variable: a standard deviation of its mean that its values don't show, with the sign in which variables share it. */
  readonly unseen: readonly number[];
}

/**
 * The covariances of several variables, each a sum of means over the same parts, and their degrees of freedom. It is
 * CR2 of a regression on one indicator a part: a cluster with samples of several parts counts once, and what those
 * have in common is counted. The degrees of freedom, the same for all variables, are Satterthwaite's under a working
 * model of independent values with one variance a part, that of the variables together: one part alone gives those of a
 * clustered mean, one variable on samples that are alone gives Welch's.
 *
 * @param ddof 1 for CR2; 0 leaves its correction out (CR0; for samples that are alone, variances divided by n)
 * @returns    `null` where all samples of a part are in one cluster
 * @see Bell & McCaffrey (2002); Pustejovsky & Tipton (2018); Welch (1947)
 */
export function covarianceOfSums(
  parts: readonly SummedMean[],
  clusters: Clusters,
  ddof: 0 | 1,
): { readonly covariance: readonly (readonly number[])[]; readonly df: number } | null {
  const scores = parts[0]!.values.map(() => new Float64Array(clusters.count));
  const designs: PartDesign[] = [];
  for (const { values, first, unseen } of parts) {
    const n = values[0]!.length;
    const codes = clusters.codes.subarray(first, first + n);
    const sizes = new Float64Array(clusters.count);
    for (const code of codes) sizes[code]!++;
    if (sizes.some((size) => size === n)) return null;
    values.forEach((ofVariable, a) => {
      const center = mean(ofVariable);
      const residuals = ofVariable.map((value) => value - center);
      clusterSums(residuals, { ...clusters, codes }).forEach((s, g) => {
        scores[a]![g]! += s / (n * (ddof === 1 ? Math.sqrt(1 - sizes[g]! / n) : 1));
      });
    });
    const variances = values.map((ofVariable, a) => sampleVariance(ofVariable) / n + unseen[a]! ** 2);
    designs.push({ n, sizes, varianceOfMean: sum(variances) });
  }
  const between = (a: number, b: number) =>
    sum(scores[a]!.map((s, g) => s * scores[b]![g]!)) +
    sum(parts.map(({ unseen }) => unseen[a]! * unseen[b]!));
  const covariance = scores.map((_, a) => scores.map((_, b) => between(a, b)));
  return { covariance, df: satterthwaite(designs) };
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
  /** Of all variables together. */
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
