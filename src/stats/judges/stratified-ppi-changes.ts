import type { StageChanges } from '../shares/stage-shares.ts';
import { layOut, type StratifiedPpiData } from './stratified-arms.ts';
import { estimateTogether, type JudgeErrorOptions } from './stratified-estimate.ts';

/** The changes along a chain of stages, estimated together. */
export interface StratifiedPpiChanges {
  /** Without covariance where labels are too few; `null` where a stratum has no label. */
  readonly changes: StageChanges | null;
  /** How far the judge is trusted at each stage. */
  readonly lambdas: readonly number[];
  readonly labels: number;
  readonly thin: readonly (string | number)[];
}

/**
 * The changes from each stage to the next, and from the first to the last, over the same samples: what shares are made
 * of. Each stage's corrected mean is estimated once, with a λ of its own, and all changes are differences of these, so
 * they telescope as raw changes do, and what holds of those (Fieller's sets, ratio-free tests) holds of these. With one λ
 * given, every change is the `stratifiedPpiPaired` of its two stages, standard error included. Labels may be of other
 * samples in each stage, and as many; a stage's labels move the step to it and the step from it in opposite ways, which
 * the covariances hold. Tuned, the λ are those that make the sum of all changes' variances least: a judge who is good at
 * some stages is trusted there.
 *
 * Labels that are a random part of the samples, and not picked, make one stratum a stage.
 *
 * A bootstrap over clusters was not chosen: a resample holds other numbers of labels in a stratum, or none, which is not
 * how they were drawn, and percentiles of a ratio give an interval also where the data allow every share.
 *
 * @param stages in training order; at least two
 * @throws RangeError as `stratifiedPpiMean` does, and where the stages are not of the same samples
 * @see the estimator: Fisch et al. (2024), Särndal, Swensson & Wretman (1992); its use in shares: `sharesOf`
 *
 * @example
 * const data = (judge, human) => ({
 *   judge,
 *   human,
 *   strata: [0, 0, 0, 0],
 *   samples: [0, 1, 2, 3],
 *   clusters: [0, 1, 2, 3],
 * });
 * const [sft, dpo, rl] = [
 *   data([0, 0, 1, 0], [0, NaN, 1, NaN]),
 *   data([1, 0, 1, 0], [1, NaN, 1, NaN]),
 *   data([1, 1, 1, 0], [1, NaN, 0, NaN]),
 * ];
 * stratifiedPpiChanges([sft, dpo, rl], { lambda: 1 }).changes; // => { means: [0.25, -0.25, 0] }
 */
export function stratifiedPpiChanges(
  stages: readonly StratifiedPpiData[],
  options: JudgeErrorOptions = {},
): StratifiedPpiChanges {
  if (stages.length < 2) throw new RangeError(`changes need two stages or more, not ${stages.length}`);
  const between = (from: number, to: number) => stages.map((_, s) => Number(s === to) - Number(s === from));
  const steps = stages.slice(1).map((_, step) => between(step, step + 1));
  const { means, covariance, df, samples, clusters, ...rest } = estimateTogether(
    layOut(stages),
    [...steps, between(0, stages.length - 1)],
    options,
    'apart',
  );
  const { lambdas, labels, thin } = rest;
  return { changes: means && { n: samples, clusters, means, covariance, df }, lambdas, labels, thin };
}
