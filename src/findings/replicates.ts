import { type RunVariance, readClusters, runVariance } from '../stats/index.ts';
import { type RatingColumn, sampleMeans } from './rating-column.ts';

/** What the training runs of stages add to the variance of a difference, or of one stage. */
export interface Runs {
  /** One where the runs of both arms pair, or one arm alone has several; else one an arm. */
  readonly variances: readonly RunVariance[];
  /** The difference (or the value) of each run, on the samples that all runs have a value for; absent where runs do not pair. */
  readonly byRun?: readonly number[];
}

/**
 * The runs of a difference. Run k of a stage comes from run k of its parent, so arms with equally many runs pair by k. An arm
 * with one run is the same in every pair. Arms with other numbers of runs are taken as independent.
 *
 * @param from `null` for the values of `to` alone
 * @returns    `undefined` where no stage has several runs, or no sample has a value in all of them
 */
export function runsOf(column: RatingColumn, from: number | null, to: number): Runs | undefined {
  const { table } = column;
  const counts = { from: from === null ? 1 : table.runs[from]!, to: table.runs[to]! };
  if (counts.from === 1 && counts.to === 1) return undefined;
  const ofFrom = from === null ? null : meansByRun(column, from);
  const ofTo = meansByRun(column, to);
  if (ofFrom !== null && counts.from > 1 && counts.to > 1 && counts.from !== counts.to) {
    const apart = [ofFrom, ofTo].flatMap((byRun) => varianceOf(column, byRun) ?? []);
    return apart.length === 2 ? { variances: apart } : undefined;
  }
  const pairs = Array.from({ length: Math.max(counts.from, counts.to) }, (_, run) => {
    const after = ofTo[counts.to === 1 ? 0 : run]!;
    const before = ofFrom?.[counts.from === 1 ? 0 : run];
    return before === undefined ? after : after.map((value, sample) => value - before[sample]!);
  });
  const variance = varianceOf(column, pairs);
  return variance === undefined ? undefined : { variances: [variance], byRun: variance.means };
}

/** By run, then by sample; NaN where a run has no value. */
export function meansByRun(column: RatingColumn, stage: number): Float64Array[] {
  return Array.from({ length: column.table.runs[stage]! }, (_, run) => sampleMeans(column, stage, run));
}

/** The samples that have a value in every run. */
export function inEveryRun(byRun: readonly Float64Array[]): number[] {
  const samples = byRun[0]!.length;
  return Array.from({ length: samples }, (_, sample) => sample).filter((sample) =>
    byRun.every((values) => !Number.isNaN(values[sample])),
  );
}

function varianceOf({ table }: RatingColumn, byRun: readonly Float64Array[]): RunVariance | undefined {
  const shared = inEveryRun(byRun);
  const clusters = readClusters(
    shared.map((sample) => table.clusters[sample]!),
    shared.length,
  );
  if (shared.length === 0 || clusters.count < 2) return undefined;
  return runVariance(
    byRun.map((values) => Float64Array.from(shared, (sample) => values[sample]!)),
    clusters,
  );
}
