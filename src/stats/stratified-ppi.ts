import { type ClusterLabels, type Clusters, readClusters } from './clusters.ts';
import { studentTQuantile } from './distributions.ts';
import type { Interval } from './interval.ts';
import { requireLevel } from './requirements.ts';
import { type Part, varianceOfSum } from './sum-of-means.ts';
import { mean, sum } from './sums.ts';

/**
 * Trials that a judge rated, in strata; of each stratum some were picked at random, every trial of a stratum with the same
 * probability, and labelled by a human. Element i of every array is the same trial.
 */
export interface StratifiedPpiData {
  readonly judge: ArrayLike<number>;
  /** NaN where nobody labelled it. */
  readonly human: ArrayLike<number>;
  /** Fixed before the labels were taken; usually by what judges said. */
  readonly strata: ClusterLabels;
  /** The sample that each is a trial of: samples count alike, however many trials they have. */
  readonly samples: ClusterLabels;
  /** One label a trial; trials of one sample share one. */
  readonly clusters: ClusterLabels;
}

export interface StratifiedPpiOptions {
  /** How far the judge is trusted within strata, in [0, 1]; `tuned` (the default) minimises the variance. */
  readonly lambda?: number | 'tuned';
  /** Of the two-sided interval; 0.95 by default. */
  readonly level?: number;
  /**
   * Smooths the variance: in each stratum it is computed as if two more trials had been labelled on which the human
   * differed by this much from what its labels say, once each way. 0 (the default) does not smooth.
   */
  readonly pseudoError?: number;
}

export interface StratifiedPpiEstimate {
  /** `null` where a stratum has no label: nothing is known of the judge's errors there. */
  readonly estimate: number | null;
  readonly lambda: number;
  /** `null` where the labels of a stratum (not all of it) are fewer than two or stand in one cluster. */
  readonly standardError: number | null;
  /** Satterthwaite's, one variance a stratum; `null` where `standardError` is, and so is `interval`. */
  readonly df: number | null;
  readonly interval: Interval | null;
  readonly labels: number;
  /** The strata that have too few labels, as they were named. */
  readonly thin: readonly (string | number)[];
}

/**
 * Prediction-powered estimate of a mean from labels that were picked with unequal, known probabilities.
 *
 * θ = mean(λ·judge) + Σ_h W_h·mean_h(human − λ·judge), W_h the share of stratum h in all trials: the rectifier weighted
 * by inverse inclusion probabilities, normalised within strata (Hájek), so that labels that are lacking at random (a
 * labeller stopped half-way) are allowed for. The variance is that of the linearised estimator,
 * φ_i = λ f_i + ē_h + (ξ_i/π_h)(y_i − λ f_i − ē_h), summed within clusters (CR2): it holds what the trials would vary by
 * had other samples been drawn, as well as what other labels would change. With one stratum it is `ppiMean`'s with that
 * one's λ divided by 1 − π.
 *
 * @throws RangeError when there is no trial, arrays differ in length, a judge's value is not finite, or an option is out
 *                    of its range
 * @see Fisch, Maynez, Hofer, Dhingra, Globerson & Cohen (2024), "Stratified prediction-powered inference", arXiv
 *      2406.04291; Zrnic & Candès (2024), "Active statistical inference", arXiv 2403.03208, eq. 4; Angelopoulos, Duchi &
 *      Zrnic (2023), "PPI++", arXiv 2311.01453; Särndal, Swensson & Wretman (1992), "Model assisted survey sampling", §7
 */
export function stratifiedPpiMean(
  data: StratifiedPpiData,
  options: StratifiedPpiOptions = {},
): StratifiedPpiEstimate {
  return estimate([{ data, sign: 1 }], options);
}

/**
 * The same for a paired difference, `to` minus `from`, over the same samples. A sample need not be labelled in both arms:
 * each arm's rectifier is weighted by its own strata. Where it is, what a judge gets wrong alike in both cancels.
 *
 * @throws RangeError as above, and where the arms are not of the same samples
 */
export function stratifiedPpiPaired(
  arms: { readonly from: StratifiedPpiData; readonly to: StratifiedPpiData },
  options: StratifiedPpiOptions = {},
): StratifiedPpiEstimate {
  return estimate(
    [
      { data: arms.to, sign: 1 },
      { data: arms.from, sign: -1 },
    ],
    options,
  );
}

interface SignedArm {
  readonly data: StratifiedPpiData;
  readonly sign: 1 | -1;
}

function estimate(
  signed: readonly SignedArm[],
  { lambda: wanted = 'tuned', level = 0.95, pseudoError = 0 }: StratifiedPpiOptions,
): StratifiedPpiEstimate {
  requireLevel('stratifiedPpi', level);
  if (wanted !== 'tuned' && !(wanted >= 0 && wanted <= 1))
    throw new RangeError(`stratifiedPpi: lambda = ${wanted} is outside [0, 1]`);
  if (!(pseudoError >= 0)) throw new RangeError(`stratifiedPpi: pseudoError = ${pseudoError} is negative`);
  for (const { data } of signed) checkArm(data);
  const samples = numbering(signed.map(({ data }) => data.samples));
  const clusters = numbering(signed.map(({ data }) => data.clusters));
  const arms = signed.map((one) => layOut(one, samples, clusters));
  if (arms.some((arm) => arm.trials.some((count) => count === 0)))
    throw new RangeError('stratifiedPpi: the arms are not of the same samples');
  const labels = sum(arms.flatMap(({ strata }) => strata.map(({ labelled }) => labelled.length)));
  const thin = [...new Set(arms.flatMap(({ strata }) => strata.filter(isThin).map(({ name }) => name)))];
  const nothing = { lambda: 0, standardError: null, df: null, interval: null, labels, thin };
  if (arms.some(({ strata }) => strata.some(({ labelled }) => labelled.length === 0)))
    return { estimate: null, ...nothing };
  const lambda = wanted === 'tuned' ? tunedLambda(arms, samples.count) : wanted;
  const whole = wholePart(arms, samples.count, lambda);
  const value = mean(whole);
  if (thin.length > 0) return { estimate: value, ...nothing, lambda };
  const variance = varianceOf(arms, whole, lambda, pseudoError);
  if (variance === null) return { estimate: value, ...nothing, lambda };
  const standardError = Math.sqrt(variance.variance);
  const halfWidth = studentTQuantile((1 + level) / 2, variance.df) * standardError;
  return {
    estimate: value,
    lambda,
    standardError,
    df: variance.df,
    interval: [value - halfWidth, value + halfWidth],
    labels,
    thin,
  };
}

/** Labels of both arms as whole numbers that mean the same in both. */
interface Numbering {
  readonly count: number;
  readonly of: (label: string | number) => number;
}

function numbering(labels: readonly ClusterLabels[]): Numbering {
  const numbers = new Map<string | number, number>();
  for (const some of labels)
    for (const label of some) if (!numbers.has(label)) numbers.set(label, numbers.size);
  return { count: numbers.size, of: (label) => numbers.get(label)! };
}

/** One arm's trials, with what does not depend on λ. */
interface Arm {
  readonly sign: 1 | -1;
  readonly judge: ArrayLike<number>;
  readonly human: ArrayLike<number>;
  readonly sample: Int32Array;
  readonly cluster: Int32Array;
  /** What a trial counts for: 1/(samples · its sample's trials). They add up to 1. */
  readonly weight: Float64Array;
  readonly stratum: Int32Array;
  readonly strata: readonly Stratum[];
  /** Trials of each sample. */
  readonly trials: Float64Array;
}

interface Stratum {
  readonly name: string | number;
  readonly size: number;
  /** Places of the trials that have a label. */
  readonly labelled: readonly number[];
  /** Of all its trials, and of those that have a label. */
  readonly weight: number;
  readonly labelledWeight: number;
  /** Of the labelled. */
  readonly clusters: number;
}

function layOut({ data, sign }: SignedArm, samples: Numbering, clusters: Numbering): Arm {
  const { judge, human } = data;
  const sample = Int32Array.from(data.samples as ArrayLike<string | number>, (label) => samples.of(label));
  const cluster = Int32Array.from(data.clusters as ArrayLike<string | number>, (label) => clusters.of(label));
  const trials = new Float64Array(samples.count);
  for (const one of sample) trials[one]!++;
  const weight = Float64Array.from(sample, (one) => 1 / (samples.count * trials[one]!));
  const { codes, count } = readClusters(data.strata, judge.length);
  const strata = Array.from({ length: count }, (_, h): Stratum => {
    const all = Array.from(codes.keys()).filter((t) => codes[t] === h);
    const labelled = all.filter((t) => !Number.isNaN(human[t]!));
    return {
      name: data.strata[all[0]!]!,
      size: all.length,
      labelled,
      weight: sum(all.map((t) => weight[t]!)),
      labelledWeight: sum(labelled.map((t) => weight[t]!)),
      clusters: new Set(labelled.map((t) => cluster[t]!)).size,
    };
  });
  return { sign, judge, human, sample, cluster, weight, stratum: codes, strata, trials };
}

/** A stratum that was labelled whole leaves nothing to estimate; of another there must be labels that can be compared. */
function isThin(stratum: Stratum): boolean {
  return !isWhole(stratum) && stratum.clusters < 2;
}

function isWhole({ size, labelled }: Stratum): boolean {
  return labelled.length === size;
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
 * What each sample is estimated to be, arms subtracted: λ·judge with its stratum's rectifier, or the human's own values
 * where the stratum was labelled whole. Its mean is the estimate.
 */
function wholePart(arms: readonly Arm[], samples: number, lambda: number): Float64Array {
  const values = new Float64Array(samples);
  for (const arm of arms) {
    const rectifiers = arm.strata.map((stratum) => rectifierOf(arm, stratum, lambda));
    for (let t = 0; t < arm.judge.length; t++) {
      const h = arm.stratum[t]!;
      const value = isWhole(arm.strata[h]!) ? arm.human[t]! : lambda * arm.judge[t]! + rectifiers[h]!;
      values[arm.sample[t]!]! += (arm.sign * value) / arm.trials[arm.sample[t]!]!;
    }
  }
  return values;
}

/** How each label of a stratum moves the estimate, times the number of labels: adds up to 0. */
function labelPart(arm: Arm, stratum: Stratum, lambda: number): Float64Array {
  const { labelled, weight, labelledWeight } = stratum;
  const center = rectifierOf(arm, stratum, lambda);
  const scale = (arm.sign * labelled.length * weight) / labelledWeight;
  return Float64Array.from(
    labelled,
    (t) => scale * arm.weight[t]! * (arm.human[t]! - lambda * arm.judge[t]! - center),
  );
}

function varianceOf(arms: readonly Arm[], whole: Float64Array, lambda: number, pseudoError: number) {
  const clusterOfSample = new Int32Array(whole.length);
  for (const { sample, cluster } of arms)
    sample.forEach((one, t) => {
      clusterOfSample[one] = cluster[t]!;
    });
  const labels = Array.from(clusterOfSample);
  const parts: Part[] = [{ values: whole, first: 0, extraVariance: 0 }];
  for (const arm of arms) {
    for (const stratum of arm.strata) {
      if (isWhole(stratum)) continue;
      const { labelled, size, weight } = stratum;
      const unseen = weight * (1 - labelled.length / size);
      const extraVariance = 2 * ((unseen * pseudoError) / labelled.length) ** 2;
      parts.push({ values: labelPart(arm, stratum, lambda), first: labels.length, extraVariance });
      labels.push(...labelled.map((t) => arm.cluster[t]!));
    }
  }
  return varianceOfSum(parts, readClusters(labels, labels.length) satisfies Clusters, 1);
}

/** The λ in [0, 1] of the least variance, for samples that stand alone: every sample's score is linear in λ. */
function tunedLambda(arms: readonly Arm[], samples: number): number {
  const [without, full] = [scores(arms, samples, 0), scores(arms, samples, 1)];
  const change = full.map((score, i) => score - without[i]!);
  const spread = sum(change.map((d) => d * d));
  if (spread <= 1e-24) return 0;
  return Math.min(1, Math.max(0, -sum(change.map((d, i) => d * without[i]!)) / spread));
}

function scores(arms: readonly Arm[], samples: number, lambda: number): Float64Array {
  const whole = wholePart(arms, samples, lambda);
  const center = mean(whole);
  const found = whole.map((value) => (value - center) / samples);
  for (const arm of arms) {
    for (const stratum of arm.strata) {
      if (isWhole(stratum)) continue;
      labelPart(arm, stratum, lambda).forEach((value, i) => {
        found[arm.sample[stratum.labelled[i]!]!]! += value / stratum.labelled.length;
      });
    }
  }
  return found;
}

function checkArm({ judge, human, strata, samples, clusters }: StratifiedPpiData): void {
  const n = judge.length;
  if (n === 0) throw new RangeError('stratifiedPpi: there are no trials');
  if ([human, strata, samples, clusters].some(({ length }) => length !== n))
    throw new RangeError('stratifiedPpi: arrays that belong together differ in length');
  for (let t = 0; t < n; t++) {
    if (!Number.isFinite(judge[t]))
      throw new RangeError(`stratifiedPpi: the judge's value ${t} is ${judge[t]}`);
    if (!Number.isNaN(human[t]) && !Number.isFinite(human[t]))
      throw new RangeError(`stratifiedPpi: the human's value ${t} is ${human[t]}`);
  }
}
