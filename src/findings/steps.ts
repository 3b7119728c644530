import type { StageInfo } from '../core/index.ts';
import { pairedDifference } from '../stats/index.ts';
import { chainShares, sharesAlong } from './chain-shares.ts';
import { curvesOf } from './curves.ts';
import { meanOfPresent, present } from './estimate.ts';
import type { Interval } from './findings.ts';
import type { StepFindings } from './part-findings.ts';
import { differenceRange, possible, possibleInterval } from './possible.ts';
import type { RatingColumn } from './rating-column.ts';
import { runsOf } from './replicates.ts';
import type { StageValues } from './stage-values.ts';

/** A measure at several checkpoints of one kind of training. */
export interface Steps {
  readonly column: RatingColumn;
  readonly stages: readonly StageInfo[];
  /** Of the stages to report, by number. */
  readonly shown: readonly number[];
  /** Of every stage, by number. */
  readonly values: readonly StageValues[];
  readonly margin: number | null;
}

/**
 * Checkpoints of one kind of training that say at which `step` they were taken: the measure at each with a band that holds at
 * all of them at once, a test of a linear trend over the steps, and how the change from the first to the last divides among the
 * stretches between them.
 *
 * The band takes each interval at 1 − 0.05/K (Bonferroni), so that all K hold together in 95 %. The trend is the slope of a
 * line through each sample's values, averaged: paired, with clusters counted (CR2).
 *
 * @returns one entry a kind of training that has three checkpoints with a step or more
 */
export function stepsOf({ column, stages, shown, values, margin }: Steps): StepFindings[] {
  return curvesOf(stages, shown).map(({ kind, order }): StepFindings => {
    const along = { column, stages, chain: order, margin };
    const { shares } = sharesAlong([along], (chain) => chainShares(chain, values));
    return {
      kind,
      points: order.map((stage) => ({
        id: stages[stage]!.id,
        step: stages[stage]!.step!,
        ...pointOf(column, values[stage]!, stage, 1 - 0.05 / order.length),
      })),
      ...trendOf({ column, stages, shown, values, margin }, order),
      ...(shares === undefined ? {} : { shares }),
    };
  });
}

function pointOf(
  column: RatingColumn,
  { means, trials }: StageValues,
  stage: number,
  level: number,
): { readonly estimate: number | null; readonly band: Interval | null } {
  const seen = present(means, column.table.clusters);
  if (seen.values.length === 0) return { estimate: null, band: null };
  const options = { level, runs: runsOf(column, null, stage) };
  const { estimate, interval } = meanOfPresent(column.measure, seen, trials / seen.values.length, options);
  return { estimate, band: interval };
}

/** The change over the whole stretch that a straight line through the checkpoints makes of it. */
function trendOf({ column, stages, values }: Steps, order: readonly number[]): Pick<StepFindings, 'trend'> {
  const { table, measure } = column;
  const steps = order.map((stage) => stages[stage]!.step!);
  const center = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  const squares = steps.reduce((sum, step) => sum + (step - center) ** 2, 0);
  const length = steps.at(-1)! - steps[0]!;
  const shared = table.samples
    .map((_, sample) => sample)
    .filter((sample) => order.every((stage) => !Number.isNaN(values[stage]!.means[sample]!)));
  if (shared.length === 0) return {};
  const d = Float64Array.from(shared, (sample) =>
    order.reduce(
      (sum, stage, k) => sum + ((steps[k]! - center) / squares) * length * values[stage]!.means[sample]!,
      0,
    ),
  );
  const clusters = Int32Array.from(shared, (sample) => table.clusters[sample]!);
  const range = differenceRange(measure);
  const { mean, interval, p } = pairedDifference(d, clusters, 0.95, range[1]);
  return {
    trend: {
      n: shared.length,
      clusters: new Set(clusters).size,
      change: possible(mean, range),
      interval: interval && possibleInterval(interval, range),
      p,
    },
  };
}
