import { covarianceOfSums, type SummedMean } from '../numerics/sum-of-means.ts';
import { mean, sum } from '../numerics/sums.ts';
import { readClusters } from '../rate/clusters.ts';
import { type Arm, type Arms, isThin, isWhole, type Stratum } from './stratified-arms.ts';

/** How the judge's errors are learnt from the labels. */
export interface JudgeErrorOptions {
  /** How far the judge is trusted within strata, in [0, 1]; `tuned` (the default) minimises the variance. */
  readonly lambda?: number | 'tuned';
  /**
   * Smooths the variance: in each stratum it is computed as if two more trials had been labelled on which the human
   * differed by this much from what its labels say, once each way. 0 (the default) does not smooth.
   */
  readonly pseudoError?: number;
}

/** What is estimated: the sum of the arms' means, each times its number here. */
export type Combination = readonly number[];

interface StratumEstimates {
  readonly samples: number;
  readonly clusters: number;
  /** One a combination; `null` where a stratum has no label. */
  readonly means: readonly number[] | null;
  readonly covariance: readonly (readonly number[])[] | null;
  readonly df: number | null;
  /** One an arm. */
  readonly lambdas: readonly number[];
  readonly labels: number;
  readonly thin: readonly (string | number)[];
  /**
   * Of each combination, what every cluster adds to the estimate times the number of samples, its labels' parts included:
   * what a test that flips the signs of whole clusters needs. Empty where there is no estimate.
   */
  readonly sums: readonly ReadonlyMap<string | number, number>[];
}

/**
 * Prediction-powered estimates of linear combinations of the arms' means, and how they vary together. Formulas:
 * `stratifiedPpiMean`.
 *
 * @param tuning whether a tuned λ is one for all arms, or each arm has its own
 * @throws RangeError when an option is out of its range
 */
export function estimateTogether(
  layout: Arms,
  combinations: readonly Combination[],
  { lambda: wanted = 'tuned', pseudoError = 0 }: JudgeErrorOptions,
  tuning: 'together' | 'apart' = 'together',
): StratumEstimates {
  if (wanted !== 'tuned' && !(wanted >= 0 && wanted <= 1))
    throw new RangeError(`stratifiedPpi: lambda = ${wanted} is outside [0, 1]`);
  if (!(pseudoError >= 0)) throw new RangeError(`stratifiedPpi: pseudoError = ${pseudoError} is negative`);
  const strata = layout.arms.flatMap((arm) => arm.strata);
  const labels = sum(strata.map(({ labelled }) => labelled.length));
  const thin = [...new Set(strata.filter(isThin).map(({ name }) => name))];
  const { samples, clusters } = layout;
  const nothing = { samples, clusters, means: null, covariance: null, df: null, labels, thin, sums: [] };
  if (strata.some(({ labelled }) => labelled.length === 0))
    return { ...nothing, lambdas: layout.arms.map(() => 0) };
  const lambdas =
    wanted === 'tuned' ? tunedLambdas(layout, combinations, tuning) : layout.arms.map(() => wanted);
  const wholes = wholesOf(layout, combinations, lambdas);
  const sums = sumsByCluster(layout, combinations, wholes, lambdas);
  const found = { ...nothing, means: wholes.map(mean), lambdas, sums };
  if (thin.length > 0) return found;
  return { ...found, ...covarianceOf(layout, combinations, wholes, lambdas, pseudoError) };
}

/** Mean of human − λ·judge over the labelled of a stratum. */
function rectifierOf(
  { human, judge, weight }: Arm,
  { labelled, labelledWeight }: Stratum,
  lambda: number,
): number {
  return sum(labelled.map((t) => weight[t]! * (human[t]! - lambda * judge[t]!))) / labelledWeight;
}

/**
 * What each sample is estimated to be, for each combination: λ·judge with its stratum's rectifier, or the human's own
 * values where the stratum was labelled whole. Its mean is the estimate.
 */
function wholesOf(
  { arms, samples }: Arms,
  combinations: readonly Combination[],
  lambdas: readonly number[],
): Float64Array[] {
  const byArm = arms.map((arm, a) => {
    const lambda = lambdas[a]!;
    const values = new Float64Array(samples);
    const rectifiers = arm.strata.map((stratum) => rectifierOf(arm, stratum, lambda));
    for (let t = 0; t < arm.judge.length; t++) {
      const h = arm.stratum[t]!;
      const value = isWhole(arm.strata[h]!) ? arm.human[t]! : lambda * arm.judge[t]! + rectifiers[h]!;
      values[arm.sample[t]!]! += value / arm.trials[arm.sample[t]!]!;
    }
    return values;
  });
  return combinations.map((combination) => {
    const values = new Float64Array(samples);
    combination.forEach((times, a) => {
      if (times !== 0) for (let i = 0; i < samples; i++) values[i]! += times * byArm[a]![i]!;
    });
    return values;
  });
}

/** How each label of a stratum moves its arm's estimate, times the number of labels: adds up to 0. */
function labelPart(arm: Arm, stratum: Stratum, lambda: number): Float64Array {
  const { labelled, weight, labelledWeight } = stratum;
  const center = rectifierOf(arm, stratum, lambda);
  const scale = (labelled.length * weight) / labelledWeight;
  return Float64Array.from(
    labelled,
    (t) => scale * arm.weight[t]! * (arm.human[t]! - lambda * arm.judge[t]! - center),
  );
}

function sumsByCluster(
  { arms, samples, clusterNames }: Arms,
  combinations: readonly Combination[],
  wholes: readonly Float64Array[],
  lambdas: readonly number[],
): ReadonlyMap<string | number, number>[] {
  return combinations.map((combination, c) => {
    const sums = new Float64Array(clusterNames.length);
    const counted = new Uint8Array(samples);
    arms.forEach((arm, a) => {
      arm.sample.forEach((one, t) => {
        if (counted[one] === 1) return;
        counted[one] = 1;
        sums[arm.cluster[t]!]! += wholes[c]![one]!;
      });
      for (const stratum of arm.strata) {
        if (isWhole(stratum)) continue;
        const scale = (combination[a]! * samples) / stratum.labelled.length;
        labelPart(arm, stratum, lambdas[a]!).forEach((move, i) => {
          sums[arm.cluster[stratum.labelled[i]!]!]! += scale * move;
        });
      }
    });
    return new Map(clusterNames.map((name, cluster) => [name, sums[cluster]!]));
  });
}

function covarianceOf(
  { arms, samples }: Arms,
  combinations: readonly Combination[],
  wholes: readonly Float64Array[],
  lambdas: readonly number[],
  pseudoError: number,
): Pick<StratumEstimates, 'covariance' | 'df'> {
  const clusterOfSample = new Int32Array(samples);
  for (const { sample, cluster } of arms)
    sample.forEach((one, t) => {
      clusterOfSample[one] = cluster[t]!;
    });
  const labels = Array.from(clusterOfSample);
  const parts: SummedMean[] = [{ values: wholes, first: 0, unseen: combinations.map(() => 0) }];
  arms.forEach((arm, a) => {
    for (const stratum of arm.strata) {
      if (isWhole(stratum)) continue;
      const { labelled, size, weight } = stratum;
      const moves = labelPart(arm, stratum, lambdas[a]!);
      const error = (Math.SQRT2 * weight * (1 - labelled.length / size) * pseudoError) / labelled.length;
      parts.push({
        values: combinations.map((combination) => moves.map((move) => combination[a]! * move)),
        first: labels.length,
        unseen: combinations.map((combination) => combination[a]! * error),
      });
      labels.push(...labelled.map((t) => arm.cluster[t]!));
    }
  });
  const clusters = readClusters(labels, labels.length);
  return covarianceOfSums(parts, clusters, 1) ?? { covariance: null, df: null };
}

/**
 * The λ of each arm, in [0, 1], of the least variance for samples that are alone, of several combinations of the least
 * sum of their variances. Every sample's score is linear in the λ, so the sum is a convex square: stepping along one λ at
 * a time leads to its lowest point in the box, with a λ that all arms have in common in one step.
 */
function tunedLambdas(
  layout: Arms,
  combinations: readonly Combination[],
  tuning: 'together' | 'apart',
): number[] {
  const { arms } = layout;
  const scoresAt = (lambdas: readonly number[]) => scores(layout, combinations, lambdas);
  const start = scoresAt(arms.map(() => 0));
  const ends =
    tuning === 'together' ? [arms.map(() => 1)] : arms.map((_, a) => arms.map((_, b) => Number(a === b)));
  const directions = ends.map((lambdas) => scoresAt(lambdas).map((score, i) => score - start[i]!));
  const products = directions.map((a) => directions.map((b) => dot(a, b)));
  const slopes = directions.map((direction) => dot(direction, start));
  const found = directions.map(() => 0);
  let moved = 1;
  for (let round = 0; round < MOST_ROUNDS && moved > 1e-12; round++) {
    moved = 0;
    for (const [k, row] of products.entries()) {
      if (row[k]! <= 1e-24) continue;
      const others = sum(row.map((product, l) => (l === k ? 0 : product * found[l]!)));
      const next = Math.min(1, Math.max(0, -(slopes[k]! + others) / row[k]!));
      moved = Math.max(moved, Math.abs(next - found[k]!));
      found[k] = next;
    }
  }
  return tuning === 'together' ? arms.map(() => found[0]!) : found;
}

const MOST_ROUNDS = 200;

function dot(a: Float64Array, b: Float64Array): number {
  return sum(a.map((value, i) => value * b[i]!));
}

/** Of each combination, one after the other, what every sample adds to its error. */
function scores(
  layout: Arms,
  combinations: readonly Combination[],
  lambdas: readonly number[],
): Float64Array {
  const { arms, samples } = layout;
  const found = new Float64Array(samples * combinations.length);
  wholesOf(layout, combinations, lambdas).forEach((whole, c) => {
    const center = mean(whole);
    whole.forEach((value, i) => {
      found[c * samples + i] = (value - center) / samples;
    });
  });
  arms.forEach((arm, a) => {
    for (const stratum of arm.strata) {
      if (isWhole(stratum)) continue;
      labelPart(arm, stratum, lambdas[a]!).forEach((move, i) => {
        const sample = arm.sample[stratum.labelled[i]!]!;
        combinations.forEach((combination, c) => {
          found[c * samples + sample]! += (combination[a]! * move) / stratum.labelled.length;
        });
      });
    }
  });
  return found;
}
