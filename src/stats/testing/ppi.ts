import { studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { covarianceOfSums, sampleVariance } from '../numerics/sum-of-means.ts';
import { mean, sum } from '../numerics/sums.ts';
import { type ClusterLabels, type Clusters, readClusters, requireFinite } from '../rate/clusters.ts';

/** Some samples with a human's value and a judge's, many with the judge's alone. */
export interface PpiData {
  /** Element i of both is the same sample; at least one sample. */
  readonly labelled: { readonly human: ArrayLike<number>; readonly judge: ArrayLike<number> };
  /** May be empty: then the estimate is the mean of the human values. */
  readonly unlabelled: { readonly judge: ArrayLike<number> };
  /** One label a sample; a cluster may have samples of both kinds. Left out: every sample is alone. */
  readonly clusters?: { readonly labelled: ClusterLabels; readonly unlabelled: ClusterLabels };
}

export interface PpiOptions {
  /** How far the judge is trusted: 1 is PPI, 0 ignores it, `tuned` (the default) is PPI++. */
  readonly lambda?: number | 'tuned';
  /** Of the two-sided interval; 0.95 by default. */
  readonly level?: number;
  /** `normal` gives the intervals of the original paper, too short for few labels; `t` (the default) Welch's. */
  readonly quantile?: 't' | 'normal';
  /** 0 divides variances by n, as the reference library does; 1 (the default) by n − 1 and, for clusters, is CR2. */
  readonly ddof?: 0 | 1;
  /**
   * Smooths the rectifier's variance: it is computed as if two more labelled samples had been seen, on which the judge
   * erred by this much, once each way. The width of the measure's range keeps the interval honest where few of the
   * judge's errors, or none, happened to be among the labels. 0 (the default) does not smooth.
   */
  readonly pseudoError?: number;
}

export interface PpiEstimate {
  readonly estimate: number;
  readonly lambda: number;
  /** `null` where the labelled (or the unlabelled) samples all are in one cluster; so are `df` and `interval`. */
  readonly standardError: number | null;
  /** Satterthwaite's, under a working model with one variance among the labelled, one among the unlabelled. */
  readonly df: number | null;
  readonly interval: Interval | null;
  readonly labels: number;
  readonly unlabelled: number;
}

/**
 * Prediction-powered estimate of a mean: what a judge says of many samples, corrected by what humans said of some.
 * θ = λ·mean(judge on the unlabelled) + mean(human − λ·judge on the labelled); unbiased for any λ when the labelled
 * samples are a random part. PPI++ picks the λ in [0, 1] that minimises its variance for samples that are alone.
 *
 * @throws RangeError when there is no labelled sample, arrays that belong together differ in length, a value is not
 *                    finite, or an option is out of its range
 * @see Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023), "Prediction-powered inference"; Angelopoulos, Duchi &
 *      Zrnic (2023), "PPI++", arXiv 2311.01453, example 6.1
 *
 * @example
 * ppiMean(
 *   { labelled: { human: [1, 0, 1, 0], judge: [1, 1, 1, 0] }, unlabelled: { judge: [1, 0, 0, 1, 0, 0, 1, 0] } },
 *   { lambda: 1 },
 * ); // => { estimate: 0.125, standardError: 0.3098, labels: 4 }
 */
export function ppiMean(data: PpiData, options: PpiOptions = {}): PpiEstimate {
  const { lambda: wanted = 'tuned', level = 0.95, quantile = 't', ddof = 1, pseudoError = 0 } = options;
  checkData(data);
  checkOptions(wanted, level, pseudoError);
  const { human, judge } = data.labelled;
  const others = data.unlabelled.judge;
  const labels = human.length;
  const lambda = others.length === 0 ? 0 : wanted === 'tuned' ? tunedLambda(data) : wanted;
  const rectifier = Float64Array.from(human, (value, i) => value - lambda * judge[i]!);
  const scaled = Float64Array.from(others, (value) => lambda * value);
  const estimate = mean(rectifier) + (lambda === 0 ? 0 : mean(scaled));
  // A judge that is not trusted at all adds nothing, also where its values are in one cluster.
  const parts = [
    { values: [rectifier], first: 0, unseen: [(Math.SQRT2 * lambda * pseudoError) / labels] },
    ...(lambda === 0 ? [] : [{ values: [scaled], first: labels, unseen: [0] }]),
  ];
  const varying = covarianceOfSums(parts, clustersOf(data), ddof);
  const result = { estimate, lambda, labels, unlabelled: others.length };
  if (varying === null) return { ...result, standardError: null, df: null, interval: null };
  const standardError = Math.sqrt(varying.covariance[0]![0]!);
  const df = quantile === 'normal' ? Number.POSITIVE_INFINITY : varying.df;
  const halfWidth = studentTQuantile((1 + level) / 2, df) * standardError;
  return { ...result, standardError, df, interval: [estimate - halfWidth, estimate + halfWidth] };
}

/** Two arms on the same samples: element i of every array of a part is the same sample. */
export interface PairedPpiData {
  readonly labelled: {
    readonly human: { readonly from: ArrayLike<number>; readonly to: ArrayLike<number> };
    readonly judge: { readonly from: ArrayLike<number>; readonly to: ArrayLike<number> };
  };
  readonly unlabelled: {
    readonly judge: { readonly from: ArrayLike<number>; readonly to: ArrayLike<number> };
  };
  readonly clusters?: { readonly labelled: ClusterLabels; readonly unlabelled: ClusterLabels };
}

/**
 * Prediction-powered estimate of a paired difference, `to` minus `from`: {@link ppiMean} of the samples' differences,
 * so that what a judge gets wrong alike in both arms cancels. With `pseudoError` each arm gets its own pair of
 * pseudo-samples.
 *
 * @throws RangeError as `ppiMean` does
 *
 * @example
 * const labelled = { human: { from: [0, 0, 1], to: [1, 0, 1] }, judge: { from: [0, 0, 1], to: [1, 1, 1] } };
 * ppiPaired({ labelled, unlabelled: { judge: { from: [0, 1, 0, 0], to: [1, 1, 0, 1] } } }, { lambda: 1 });
 * // => { estimate: 0.1667, labels: 3, unlabelled: 4 }
 */
export function ppiPaired(data: PairedPpiData, options: PpiOptions = {}): PpiEstimate {
  const { human, judge } = data.labelled;
  return ppiMean(
    {
      labelled: { human: differences(human), judge: differences(judge) },
      unlabelled: { judge: differences(data.unlabelled.judge) },
      ...(data.clusters === undefined ? {} : { clusters: data.clusters }),
    },
    { ...options, pseudoError: (options.pseudoError ?? 0) * Math.SQRT2 },
  );
}

function differences(arms: { from: ArrayLike<number>; to: ArrayLike<number> }): Float64Array {
  if (arms.from.length !== arms.to.length) throw new RangeError('ppiPaired: the arms differ in length');
  return Float64Array.from(arms.to, (value, i) => value - arms.from[i]!);
}

/** PPI++'s λ for a mean, as the reference library computes it: Cov(human, judge) / ((1 + n/N)·Var(judge)), in [0, 1]. */
function tunedLambda({ labelled: { human, judge }, unlabelled }: PpiData): number {
  const n = human.length;
  const humanMean = mean(human);
  const judgeMean = mean(judge);
  const products = Float64Array.from(human, (value, i) => (value - humanMean) * (judge[i]! - judgeMean));
  const all = Float64Array.from([...Array.from(judge), ...Array.from(unlabelled.judge)]);
  const spread = sampleVariance(all);
  if (spread === 0) return 0;
  return Math.min(1, Math.max(0, sum(products) / n / ((1 + n / unlabelled.judge.length) * spread)));
}

function clustersOf({ labelled, unlabelled, clusters }: PpiData): Clusters {
  const n = labelled.human.length + unlabelled.judge.length;
  if (clusters === undefined)
    return readClusters(
      Int32Array.from({ length: n }, (_, i) => i),
      n,
    );
  const labels = [
    ...Array.from<string | number>(clusters.labelled),
    ...Array.from<string | number>(clusters.unlabelled),
  ];
  return readClusters(labels as number[] | string[], n);
}

function checkData({ labelled, unlabelled, clusters }: PpiData): void {
  const n = labelled.human.length;
  if (n === 0) throw new RangeError('ppiMean: there is no labelled sample');
  if (labelled.judge.length !== n) throw new RangeError('ppiMean: human and judge differ in length');
  for (const values of [labelled.human, labelled.judge, unlabelled.judge]) requireFinite(values);
  if (clusters === undefined) return;
  if (clusters.labelled.length !== n || clusters.unlabelled.length !== unlabelled.judge.length) {
    throw new RangeError('ppiMean: not one cluster label a sample');
  }
}

function checkOptions(lambda: number | 'tuned', level: number, pseudoError: number): void {
  if (lambda !== 'tuned' && !Number.isFinite(lambda)) throw new RangeError(`ppiMean: lambda = ${lambda}`);
  if (!(level > 0 && level < 1)) throw new RangeError(`ppiMean: the level ${level} is outside (0, 1)`);
  if (!(pseudoError >= 0)) throw new RangeError(`ppiMean: pseudoError = ${pseudoError} is negative`);
}
