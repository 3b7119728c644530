import { studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel } from '../numerics/requirements.ts';
import { layOut, type StratifiedPpiData } from './stratified-arms.ts';
import { type Combination, estimateTogether, type JudgeErrorOptions } from './stratified-estimate.ts';

export type { StratifiedPpiData } from './stratified-arms.ts';

export interface StratifiedPpiOptions extends JudgeErrorOptions {
  /** Of the two-sided interval; 0.95 by default. */
  readonly level?: number;
}

export interface StratifiedPpiEstimate {
  /** `null` where a stratum has no label: nothing is known of the judge's errors there. */
  readonly estimate: number | null;
  readonly lambda: number;
  /** `null` where the labels of a stratum (not all of it) are fewer than two or are in one cluster. */
  readonly standardError: number | null;
  /** Satterthwaite's, one variance a stratum; `null` where `standardError` is, and so is `interval`. */
  readonly df: number | null;
  readonly interval: Interval | null;
  readonly labels: number;
  /** The strata that have too few labels, as they were named. */
  readonly thin: readonly (string | number)[];
  /**
   * What every cluster adds to the estimate times the number of samples, the parts of its labels included; empty where there
   * is no estimate. For tests that flip the signs of whole clusters.
   */
  readonly sums: ReadonlyMap<string | number, number>;
}

/**
 * Prediction-powered estimate of a mean from labels that were picked with unequal, known probabilities.
 *
 * θ = mean(λ·judge) + Σ_h W_h·mean_h(human − λ·judge), W_h the share of stratum h in all trials: the rectifier weighted
 * by inverse inclusion probabilities, normalised within strata (Hájek), so that labels that are lacking at random (a
 * labeller stopped half-way) are allowed for. The variance is that of the linearised estimator,
 * φ_i = λ f_i + ē_h + (ξ_i/π_h)(y_i − λ f_i − ē_h), summed within clusters (CR2): it holds what the trials would vary by
 * had other samples been drawn, as well as what other labels would change. With one stratum it is that of
 * PPI++ for a mean with its λ divided by 1 − π.
 *
 * @throws RangeError when there is no trial, arrays differ in length, a judge's value is not finite, or an option is out
 *                    of its range
 * @see Fisch, Maynez, Hofer, Dhingra, Globerson & Cohen (2024), "Stratified prediction-powered inference", arXiv
 *      2406.04291; Zrnic & Candès (2024), "Active statistical inference", arXiv 2403.03208, eq. 4; Angelopoulos, Duchi &
 *      Zrnic (2023), "PPI++", arXiv 2311.01453; Särndal, Swensson & Wretman (1992), "Model assisted survey sampling", §7
 *
 * @example
 * stratifiedPpiMean(
 *   {
 *     judge: [1, 1, 0, 0, 1, 0],
 *     human: [1, 0, 0, NaN, NaN, 0],
 *     strata: [1, 1, 0, 0, 1, 0],
 *     samples: [0, 1, 2, 3, 4, 5],
 *     clusters: [0, 1, 2, 3, 4, 5],
 *   },
 *   { lambda: 1 },
 * ); // => { estimate: 0.25, labels: 4 }
 */
export function stratifiedPpiMean(
  data: StratifiedPpiData,
  options: StratifiedPpiOptions = {},
): StratifiedPpiEstimate {
  return estimate([data], [1], options);
}

/**
 * The same for a paired difference, `to` minus `from`, over the same samples. A sample need not be labelled in both arms:
 * each arm's rectifier is weighted by its own strata. Where it is, what a judge gets wrong alike in both cancels.
 *
 * @throws RangeError as above, and where the arms are not of the same samples
 *
 * @example
 * const data = (judge, human) => ({
 *   judge,
 *   human,
 *   strata: [0, 0, 0, 0],
 *   samples: [0, 1, 2, 3],
 *   clusters: [0, 1, 2, 3],
 * });
 * stratifiedPpiPaired(
 *   { from: data([0, 0, 1, 0], [0, NaN, 1, NaN]), to: data([1, 1, 1, 0], [1, NaN, 0, NaN]) },
 *   { lambda: 1 },
 * ); // => { estimate: 0, labels: 4 }
 */
export function stratifiedPpiPaired(
  arms: { readonly from: StratifiedPpiData; readonly to: StratifiedPpiData },
  options: StratifiedPpiOptions = {},
): StratifiedPpiEstimate {
  return estimate([arms.to, arms.from], [1, -1], options);
}

/** Of one linear combination of the arms. */
function estimate(
  data: readonly StratifiedPpiData[],
  combination: Combination,
  { level = 0.95, ...options }: StratifiedPpiOptions,
): StratifiedPpiEstimate {
  requireLevel('stratifiedPpi', level);
  const { means, covariance, df, lambdas, labels, thin, sums } = estimateTogether(
    layOut(data),
    [combination],
    options,
  );
  const shared = {
    lambda: lambdas[0]!,
    labels,
    thin,
    estimate: means === null ? null : means[0]!,
    sums: sums[0] ?? new Map(),
  };
  if (means === null || covariance === null || df === null)
    return { ...shared, standardError: null, df: null, interval: null };
  const standardError = Math.sqrt(covariance[0]![0]!);
  const halfWidth = studentTQuantile((1 + level) / 2, df) * standardError;
  return { ...shared, standardError, df, interval: [means[0]! - halfWidth, means[0]! + halfWidth] };
}
