import { type TrialId, trialKey } from '../core/index.ts';
import type { Recorded } from './recorded.ts';
import { type SampleRef, sampleOrder } from './sample-order.ts';

/** One piece of work: data, so that any process that has the study can do it. */
export type Job = ElicitJob | RateJob;

/** Puts a sample to a checkpoint and records the transcript. */
export interface ElicitJob {
  readonly kind: 'elicit';
  readonly trial: TrialId;
  /** Counts from 1; above 1 where a recorded error is tried again. */
  readonly attempt: number;
}

/** Has one rater answer these questions about a recorded transcript, and records the ratings. */
export interface RateJob {
  readonly kind: 'rate';
  readonly trial: TrialId;
  readonly rater: string;
  /** Ids of the eval's questions. */
  readonly questions: readonly string[];
}

/** What is to be done in all, whatever the records hold already. */
export interface JobPlan {
  /** Ids, in training order. */
  readonly stages: readonly string[];
  readonly evals: readonly EvalJobs[];
  /** Decides the order of the samples. */
  readonly seed: number;
  /** `false`: only transcripts that are recorded already are rated. */
  readonly elicits: boolean;
}

export interface EvalJobs {
  /** Of the entry in the study. */
  readonly id: string;
  readonly epochs: number;
  /** All samples in one epoch before the next one begins: another program does the trials, epoch by epoch. */
  readonly epochByEpoch?: boolean;
  readonly samples: readonly SampleRef[];
  /** Who rates this eval, and what each is asked. */
  readonly raters: readonly { readonly id: string; readonly questions: readonly string[] }[];
}

/**
 * The jobs that the records lack, in the order in which they should be done. Pure: the same plan and records give the
 * same jobs.
 *
 * The evals come in the order of the study. Within an eval, samples that were begun come first, then the others, both
 * in `sampleOrder`. All jobs of one sample are together (of one epoch of it, where the eval goes epoch by epoch): the answers
 * of all stages, then their ratings. So a run that stops early has judged its stages on the same samples, and a run that goes
 * on finishes first what it had begun.
 */
export function* missingJobs(plan: JobPlan, recorded: Recorded): Generator<Job> {
  for (const jobs of missingBySample(plan, recorded)) yield* jobs;
}

/** The same jobs, those of one sample together. */
export function* missingBySample(plan: JobPlan, recorded: Recorded): Generator<readonly Job[]> {
  for (const entry of plan.evals) {
    const isIncomplete = (sample: SampleRef) => jobsOfSample(plan, entry, sample, recorded).length > 0;
    // An order costs a digest per sample, and a run that is complete needs none.
    if (!entry.samples.some(isIncomplete)) continue;
    const order = begunFirst(plan, entry, recorded);
    const rounds = entry.epochByEpoch
      ? Array.from({ length: entry.epochs }, (_, index) => index + 1)
      : [null];
    for (const epoch of rounds) {
      for (const sample of order) {
        const jobs = jobsOfSample(plan, entry, sample, recorded, epoch);
        if (jobs.length > 0) yield jobs;
      }
    }
  }
}

/** The samples in their order, those that have a record before the others. */
function begunFirst(plan: JobPlan, entry: EvalJobs, recorded: Recorded): readonly SampleRef[] {
  const order = sampleOrder(entry.samples, { name: entry.id, seed: plan.seed });
  if (recorded.isEmpty) return order;
  const begun = new Set(order.filter((sample) => isBegun(plan, entry, sample, recorded)));
  return [...begun, ...order.filter((sample) => !begun.has(sample))];
}

/** @param only the epoch whose jobs are wanted; `null`: all */
function jobsOfSample(
  plan: JobPlan,
  entry: EvalJobs,
  sample: SampleRef,
  recorded: Recorded,
  only: number | null = null,
): Job[] {
  const elicitJobs: Job[] = [];
  const rateJobs: Job[] = [];
  for (const trial of trialsOfSample(plan, entry, sample)) {
    if (only !== null && trial.epoch !== only) continue;
    const key = trialKey(trial);
    const attempt = plan.elicits ? recorded.attemptFor(key) : null;
    if (attempt !== null) elicitJobs.push({ kind: 'elicit', trial, attempt });
    else if (!recorded.isRatable(key)) continue;
    for (const { id: rater, questions } of entry.raters) {
      if (attempt !== null || !recorded.isRated(key, rater)) {
        rateJobs.push({ kind: 'rate', trial, rater, questions });
      }
    }
  }
  return [...elicitJobs, ...rateJobs];
}

function isBegun(plan: JobPlan, entry: EvalJobs, sample: SampleRef, recorded: Recorded): boolean {
  return trialsOfSample(plan, entry, sample).some((trial) => recorded.has(trialKey(trial)));
}

/** The stages take turns within each epoch. */
function trialsOfSample({ stages }: JobPlan, { id, epochs }: EvalJobs, sample: SampleRef): TrialId[] {
  const trials: TrialId[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    for (const stage of stages) trials.push({ stage, eval: id, sample: sample.id, epoch });
  }
  return trials;
}
