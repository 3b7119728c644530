import type { Measure } from '../core/index.ts';
import {
  clusteredMean,
  clusteredScore,
  countRuns,
  type Interval,
  rateEvidence,
  readClusters,
  studentTQuantile,
} from '../stats/index.ts';
import type { StageEstimate } from './contrast-findings.ts';
import type { Runs } from './replicates.ts';
import type { StageValues } from './stage-values.ts';

/** Values that are there, with the cluster of each. */
export interface PresentValues {
  readonly values: Float64Array;
  readonly clusters: Int32Array;
}

/** Leaves out the samples without a value. */
export function present(values: Float64Array, clusters: Int32Array): PresentValues {
  const kept = { values: new Float64Array(values.length), clusters: new Int32Array(values.length) };
  let count = 0;
  for (let sample = 0; sample < values.length; sample++) {
    if (Number.isNaN(values[sample])) continue;
    kept.values[count] = values[sample]!;
    kept.clusters[count] = clusters[sample]!;
    count++;
  }
  return { values: kept.values.subarray(0, count), clusters: kept.clusters.subarray(0, count) };
}

/**
 * A measure's estimate at one stage.
 *
 * @param clusters of all samples of the eval, by number
 * @param runs     of the stage, where it has several
 */
export function estimateStage(
  id: string,
  measure: Measure,
  stage: StageValues,
  clusters: Int32Array,
  bootstrap: StageEstimate['bootstrap'],
  runs?: Runs,
): StageEstimate {
  const seen = present(stage.means, clusters);
  const counts = {
    id,
    n: seen.values.length,
    clusters: new Set(seen.clusters).size,
    trials: stage.trials,
    ...(measure.kind === 'rate' && stage.events !== null ? { events: stage.events } : {}),
  };
  const { missing } = stage;
  if (counts.n === 0) {
    const why = 'no trial of this stage has a value';
    return { ...counts, ...NOTHING, estimate: null, method: 'none', missing, why };
  }
  const estimate = meanOfPresent(measure, seen, stage.trials / counts.n, { runs });
  const labels = stage.labels === null ? {} : { labels: stage.labels };
  return {
    ...counts,
    ...estimate,
    ...runsSeen(runs),
    ...(bootstrap === undefined ? {} : { bootstrap }),
    ...labels,
    missing,
  };
}

/**
 * The mean of values that are there with its interval: the one rule for an estimate, a point of a curve and a part under a
 * condition.
 *
 * @param epochs trials a sample, on average
 */
export function meanOfPresent(
  measure: Measure,
  seen: PresentValues,
  epochs: number,
  { level = 0.95, runs }: { readonly level?: number; readonly runs?: Runs | undefined } = {},
): Estimate {
  return measure.kind === 'rate'
    ? rateOf(seen, epochs, level, runs)
    : withRuns(scoreOf(seen, measure, level), measure, level, runs);
}

type Estimate = Pick<
  StageEstimate,
  'estimate' | 'interval' | 'method' | 'standardError' | 'degreesOfFreedom' | 'effectiveN' | 'atMost' | 'why'
>;

const NOTHING = { interval: null, standardError: null, degreesOfFreedom: null, effectiveN: null } as const;

const ONE_CLUSTER = {
  ...NOTHING,
  method: 'mean',
  why: 'all samples are in one cluster, so there is nothing to judge the spread by',
};

/** Each run's own estimate, and how far these are spread. */
function runsSeen(runs: Runs | undefined): Pick<StageEstimate, 'runs'> {
  const [variance] = runs?.variances ?? [];
  if (variance === undefined) return {};
  return { runs: { values: variance.means, standardDeviation: variance.standardDeviation } };
}

function rateOf(
  { values, clusters }: PresentValues,
  epochs: number,
  level: number,
  runs: Runs | undefined,
): Estimate {
  const sample = {
    values,
    clusters: readClusters(clusters, values.length),
    epochs,
    ...(runs === undefined ? {} : { runs: runs.variances }),
  };
  const { estimate, standardError, df, nEff, interval, kornGraubard } = rateEvidence(sample, level);
  if (interval === null) return { estimate, ...ONE_CLUSTER };
  return {
    estimate,
    interval,
    method: 'Wilson score interval on the effective n, t quantile',
    standardError,
    degreesOfFreedom: df,
    effectiveN: nEff,
    ...(kornGraubard === null ? {} : { atMost: kornGraubard[1] }),
  };
}

/** A score's interval with the variance that several runs add. */
function withRuns(
  found: Estimate,
  { range, rangeOf }: Measure,
  level: number,
  runs: Runs | undefined,
): Estimate {
  const { estimate, standardError, degreesOfFreedom, interval } = found;
  if (runs === undefined || estimate === null || standardError === null || degreesOfFreedom === null)
    return found;
  const { variance, df } = countRuns({ variance: standardError ** 2, df: degreesOfFreedom }, runs.variances);
  if (interval === null || variance === 0) return found;
  const reach = studentTQuantile((1 + level) / 2, df) * Math.sqrt(variance);
  const [bottom, top] = rangeOf === 'values' ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : range;
  const within: Interval = [Math.max(bottom, estimate - reach), Math.min(top, estimate + reach)];
  return {
    ...found,
    interval: [Math.min(interval[0], within[0]), Math.max(interval[1], within[1])],
    standardError: Math.sqrt(variance),
    degreesOfFreedom: df,
  };
}

function scoreOf({ values, clusters }: PresentValues, { range, rangeOf }: Measure, level: number): Estimate {
  if (rangeOf === 'values') return unboundedScoreOf({ values, clusters }, level);
  const { estimate, standardError, df, interval, method } = clusteredScore(values, clusters, range, level);
  if (interval === null) return { estimate, ...ONE_CLUSTER };
  return {
    estimate,
    interval,
    method:
      method === 'CR2-t'
        ? 'mean ± t · CR2 standard error'
        : 'Wilson score interval of the mean as a part of the range, the clusters being all alike',
    standardError,
    degreesOfFreedom: df,
    effectiveN: null,
  };
}

/** A score whose range nobody declared: what was seen bounds nothing. */
function unboundedScoreOf({ values, clusters }: PresentValues, level: number): Estimate {
  const { mean, cr2, df } = clusteredMean(values, clusters);
  if (cr2 === null || df === null) return { estimate: mean, ...ONE_CLUSTER };
  const seen = { estimate: mean, standardError: cr2, degreesOfFreedom: df, effectiveN: null };
  if (cr2 === 0) {
    const why = 'no cluster differs from another, and no range was declared that bounds what they could do';
    return { ...seen, interval: null, method: 'mean', why };
  }
  const reach = studentTQuantile((1 + level) / 2, df) * cr2;
  return { ...seen, interval: [mean - reach, mean + reach], method: 'mean ± t · CR2 standard error' };
}
