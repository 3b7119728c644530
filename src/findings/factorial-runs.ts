import {
  type Clusters,
  countRuns,
  pairedDifference,
  type RunVariance,
  readClusters,
  studentTCdf,
  studentTQuantile,
} from '../stats/index.ts';
import type { Interval } from './findings.ts';
import type { RatingColumn } from './rating-column.ts';
import { inEveryRun, meansByRun } from './replicates.ts';

/** What several training runs of the stages came to, run by run. */
interface RunsOfStages {
  readonly clusters: Clusters;
  /** By run: of every sample that all runs have a value for, the weighted sum over stages. */
  combined(weighted: readonly (readonly [stage: number, weight: number])[]): Float64Array[];
}

/**
 * Run k of a sum over stages takes run k of each of them; a stage with one run is the same in all.
 *
 * @returns `undefined` where no stage has several runs; a text that says why these can't be counted
 */
export function trainingRuns(
  column: RatingColumn,
  members: readonly number[],
): RunsOfStages | string | undefined {
  const { table } = column;
  const [runs, ...others] = [...new Set(members.map((stage) => table.runs[stage]!))].filter((one) => one > 1);
  if (runs === undefined) return undefined;
  if (others.length > 0) return 'the stages have different numbers of replicates';
  const means = new Map(members.map((stage) => [stage, meansByRun(column, stage)]));
  const shared = inEveryRun([...means.values()].flat());
  if (shared.length === 0) return 'no sample has a value in every run of every stage with factors';
  return {
    clusters: readClusters(
      shared.map((sample) => table.clusters[sample]!),
      shared.length,
    ),
    combined: (weighted) =>
      Array.from({ length: runs }, (_, run) => {
        const parts = weighted.map(([stage, weight]) => {
          const ofStage = means.get(stage)!;
          return [ofStage[ofStage.length === 1 ? 0 : run]!, weight] as const;
        });
        return Float64Array.from(shared, (sample) =>
          parts.reduce((sum, [values, weight]) => sum + weight * values[sample]!, 0),
        );
      }),
  };
}

/** A difference of differences, with what training runs add to its variance. */
export function interactionIn(
  d: Float64Array,
  clusters: Int32Array,
  runs: readonly RunVariance[],
  bound: number,
): { readonly estimate: number; readonly interval: Interval | null; readonly p: number | null } {
  const { mean, interval, p, standardError, df } = pairedDifference(d, clusters, 0.95, bound);
  if (runs.length === 0 || interval === null || standardError === null || df === null)
    return { estimate: mean, interval, p };
  const whole = countRuns({ variance: standardError ** 2, df }, runs);
  const error = Math.sqrt(whole.variance);
  if (error === 0) return { estimate: mean, interval, p };
  const reach = studentTQuantile(0.975, whole.df) * error;
  return {
    estimate: mean,
    interval: [Math.min(interval[0], mean - reach), Math.max(interval[1], mean + reach)],
    p: Math.max(p ?? 0, 2 * studentTCdf(-Math.abs(mean) / error, whole.df)),
  };
}
