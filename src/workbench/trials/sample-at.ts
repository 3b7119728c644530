import { type Transcript, type TrialKey, trialKey } from '../../core/index.ts';
import type { SampleName } from './list-query.ts';
import {
  type RatedValue,
  ratingsAt,
  type SampleSelection,
  TRIAL_STATUSES,
  type TrialColumns,
} from './table.ts';

/** A trial without its texts. */
export interface RatedTrial {
  readonly key: TrialKey;
  readonly stage: string;
  readonly epoch: number;
  readonly status: Transcript['status'];
  readonly ratings: readonly RatedValue[];
  /** Whether the trial itself passes the filter; the others of its sample are shown beside it. */
  readonly matches: boolean;
}

/** A sample with its trials at all stages. */
export interface SampleTrials extends SampleName {
  readonly cluster: string;
  /** By stage in training order, then by epoch. */
  readonly trials: readonly RatedTrial[];
  /** The largest difference between the means of two stages, by one rater on one measure; 0 where none differ. */
  readonly change: number;
}

/** A sample of a selection. @param place in the selection */
export function sampleAt(table: TrialColumns, selection: SampleSelection, place: number): SampleTrials {
  const { samples, trials } = table;
  const at = selection.samples[place]!;
  const name = { eval: table.evals[samples.eval[at]!]!, sample: samples.id[at]! };
  return {
    ...name,
    cluster: table.clusters[samples.cluster[at]!]!,
    change: selection.changes[place]!,
    trials: trialsOf(table, at).map((trial) => {
      const stage = table.stages[trials.stage[trial]!]!;
      const epoch = trials.epoch[trial]!;
      return {
        key: trialKey({ ...name, stage, epoch }),
        stage,
        epoch,
        status: TRIAL_STATUSES[trials.status[trial]!]!,
        ratings: ratingsAt(table, selection.columns, trial),
        matches: selection.matches(trial),
      };
    }),
  };
}

/** Places of a sample's trials in the table. */
export function trialsOf({ samples }: TrialColumns, sample: number): number[] {
  const first = samples.first[sample]!;
  return Array.from({ length: samples.first[sample + 1]! - first }, (_, at) => first + at);
}
