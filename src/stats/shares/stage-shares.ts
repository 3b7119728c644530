import { studentTCdf, studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { type ClusteredCovariance, clusteredCovariance } from '../rate/clustered-covariance.ts';
import type { ClusterLabels } from '../rate/clusters.ts';
import { type FiellerSet, fieller } from './fieller.ts';

/** How the change from the first stage to the last divides among the stages between them. */
export interface StageShares {
  readonly n: number;
  readonly clusters: number;
  /** Satterthwaite degrees of freedom, the same for all changes; `null` with one cluster. */
  readonly df: number | null;
  /** Last stage minus first. */
  readonly total: StageChange;
  /**
   * t²·Var(total)/total²: how unsure the total is. At 1 or more the shares' confidence sets are unbounded; above 0.2
   * shares are better not reported. `null` with one cluster or a total of 0.
   */
  readonly g: number | null;
  /** One a step from a stage to the next, in the order given; the changes sum to the total, the shares to 1. */
  readonly steps: readonly StepShare[];
}

export interface StageChange {
  /** In the values' own unit, with its sign. */
  readonly change: number;
  /** `null` with one cluster, and so is `interval`. */
  readonly standardError: number | null;
  readonly interval: Interval | null;
}

export interface StepShare extends StageChange {
  /** change/total: below 0 where the step went against the total, above 1 where others did. `null` for a total of 0. */
  readonly share: number | null;
  /** Fieller's confidence set for the share; `null` with one cluster or a total of 0. */
  readonly fieller: FiellerSet | null;
}

/**
 * The mean changes from each stage to the next, in order, and last of all from the first stage to the last: raw ones
 * ({@link stageChanges}), or corrected by human labels (`stratifiedPpiChanges`). The last is the sum of the others.
 */
export type StageChanges = ClusteredCovariance;

/**
 * The changes along three or more stages, on shared samples. Covariances are cluster-robust (CR2).
 *
 * @param valuesByStage one array a stage, in training order; element i of each is the same sample
 * @param clusters      one label a sample
 * @throws RangeError when there are fewer than three stages, stages differ in length, a value is not finite, or there is
 *                    not one label a sample
 *
 * @example
 * stageChanges([[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 1]], [0, 1, 2, 3]).means; // => [0.25, 0.5, 0.75]
 */
export function stageChanges(
  valuesByStage: readonly ArrayLike<number>[],
  clusters: ClusterLabels,
): StageChanges {
  return clusteredCovariance(changesByStep(valuesByStage), clusters);
}

/**
 * The changes with something in the place of every variance of 0, which is not believed: that no cluster differed does not
 * say that none could. It is the variance of which Tango's 95 % interval about 0, on as many pairs as there are clusters, is the
 * t interval (`pairedDifference` has Tango's itself there). What was not seen to change is laid on one stage, so that the
 * changes still telescope: for a step on the stage at its end, for the last step on the one at its beginning, which leaves the
 * total as sure as it was; for the total on the last stage.
 *
 * @param bound the largest change there could be: 1 for rates, the width of the range for scores
 * @see Tango (1998)
 *
 * @example
 * const changes = stageChanges([[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 1]], [0, 1, 2, 3]);
 * withUnseenChanges(changes).covariance.map((row, i) => row[i]); // => [0.0507, 0.1132, 0.0625]
 */
export function withUnseenChanges(changes: StageChanges, bound = 1): StageChanges {
  const { clusters, covariance, df } = changes;
  if (covariance === null || df === null) return changes;
  const last = covariance.length - 1;
  const still = covariance.flatMap((row, index) => (row[index] === 0 ? [index] : []));
  const stages = new Set(still.map((index) => (index === last ? last : Math.min(index + 1, last - 1))));
  const t = studentTQuantile(0.975, df);
  const variance = ((bound * t) / (clusters + t * t)) ** 2;
  /** What one more at a stage adds to a step's change, or to the total. */
  const weight = (stage: number, index: number) =>
    index === last ? Number(stage === last) : Number(stage === index + 1) - Number(stage === index);
  const unseen = (a: number, b: number) =>
    [...stages].reduce((all, stage) => all + variance * weight(stage, a) * weight(stage, b), 0);
  return { ...changes, covariance: covariance.map((row, a) => row.map((value, b) => value + unseen(a, b))) };
}

/**
 * Divides the change between the first and the last stage among its steps. The steps' changes telescope:
 * Δ_1 + … + Δ_k = total, s_j = Δ_j/total.
 *
 * @param level of the two-sided intervals
 * @see Fieller (1954); Bell & McCaffrey (2002)
 *
 * @example
 * sharesOf(
 *   stageChanges(
 *     [
 *       [0, 0, 0, 0],
 *       [1, 0, 0, 0],
 *       [1, 1, 0, 1],
 *     ],
 *     [0, 1, 2, 3],
 *   ),
 * ).steps.map(({ share }) => share); // => [0.3333, 0.6667]
 */
export function sharesOf(changes: StageChanges, level = 0.95): StageShares {
  const { n, clusters, df, means, covariance } = changes;
  const t = df === null ? null : studentTQuantile((1 + level) / 2, df);
  const last = means.length - 1;
  const total = means[last]!;
  const change = (index: number): StageChange => {
    const estimate = means[index]!;
    if (covariance === null || t === null) return { change: estimate, standardError: null, interval: null };
    const standardError = Math.sqrt(covariance[index]![index]!);
    return {
      change: estimate,
      standardError,
      interval: [estimate - t * standardError, estimate + t * standardError],
    };
  };
  const share = (index: number): Pick<StepShare, 'share' | 'fieller'> => {
    if (total === 0) return { share: null, fieller: null };
    const ratio = means[index]! / total;
    if (covariance === null || t === null) return { share: ratio, fieller: null };
    const variances = {
      numerator: covariance[index]![index]!,
      denominator: covariance[last]![last]!,
      between: covariance[index]![last]!,
    };
    return { share: ratio, fieller: fieller(means[index]!, total, variances, t) };
  };
  const g =
    covariance === null || t === null || total === 0
      ? null
      : (t * t * covariance[last]![last]!) / (total * total);
  const steps = means.slice(0, last).map((_, index) => ({ ...change(index), ...share(index) }));
  return { n, clusters, df, total: change(last), g, steps };
}

/** A test that a step carried at least a given part of the total change, without dividing by the total. */
export interface CarriedTest {
  /** Mean of step − θ·total, turned so that it is positive where the step carried more than θ. */
  readonly estimate: number;
  /** `null` with one cluster, and so are the rest. */
  readonly standardError: number | null;
  readonly df: number | null;
  readonly t: number | null;
  /** One-sided: small when the step carried at least θ. */
  readonly p: number | null;
  /** One-sided: small when the total's direction itself is beyond doubt. Both must be small to say that it carried θ. */
  readonly pTotal: number | null;
}

/**
 * The ratio-free test that step `step` (from stage `step` to stage `step + 1`, counted from 0) carried at least the
 * part `atLeast` of the total change: a one-sided t test of Δ_step − θ·total in the direction of the total.
 *
 * Where the total's direction is in doubt it says little: read `p` together with `pTotal`.
 *
 * @throws RangeError when there is no such step
 *
 * @example
 * carriedAtLeast(stageChanges([[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 1]], [0, 1, 2, 3]), 1, 0.5);
 * // => { estimate: 0.125, p: 0.3188, pTotal: 0.0288 }
 */
export function carriedAtLeast(
  { means, covariance, df }: StageChanges,
  step: number,
  atLeast: number,
): CarriedTest {
  const last = means.length - 1;
  if (means[step] === undefined || step === last) throw new RangeError(`there is no step ${step}`);
  const total = means[last]!;
  const estimate = (total < 0 ? -1 : 1) * (means[step]! - atLeast * total);
  if (covariance === null || df === null) {
    return { estimate, standardError: null, df, t: null, p: null, pTotal: null };
  }
  const [ofStep, between, ofTotal] = [
    covariance[step]![step]!,
    covariance[step]![last]!,
    covariance[last]![last]!,
  ];
  // Where step and total vary as one this may come out a hair below 0.
  const standardError = Math.sqrt(Math.max(0, ofStep - 2 * atLeast * between + atLeast ** 2 * ofTotal));
  const t = ratioTo(estimate, standardError);
  const tTotal = ratioTo(Math.abs(total), Math.sqrt(ofTotal));
  return { estimate, standardError, df, t, p: studentTCdf(-t, df), pTotal: studentTCdf(-tTotal, df) };
}

/** A t statistic; 0 where nothing was found and nothing varies. */
function ratioTo(estimate: number, standardError: number): number {
  return estimate === 0 ? 0 : estimate / standardError;
}

/** Per sample, what each step changed; last of all, what all of them changed together. */
function changesByStep(valuesByStage: readonly ArrayLike<number>[]): Float64Array[] {
  if (valuesByStage.length < 3) {
    throw new RangeError(`shares need three stages or more, not ${valuesByStage.length}`);
  }
  const first = valuesByStage[0]!;
  if (valuesByStage.some((values) => values.length !== first.length)) {
    throw new RangeError('shares need the same samples in every stage');
  }
  const difference = (from: ArrayLike<number>, to: ArrayLike<number>) => {
    const change = new Float64Array(first.length);
    for (let i = 0; i < change.length; i++) change[i] = to[i]! - from[i]!;
    return change;
  };
  const steps = valuesByStage.slice(1).map((values, i) => difference(valuesByStage[i]!, values));
  return [...steps, difference(first, valuesByStage.at(-1)!)];
}
