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
  readonly samples: readonly SampleRef[];
  /** Who rates this eval, and what each is asked. */
  readonly raters: readonly { readonly id: string; readonly questions: readonly string[] }[];
}

/**
 * The jobs that the records lack, in the order in which they should be done. Pure: the same plan and records give the
 * same jobs.
 *
 * The evals come in the order of the study. Within an eval, samples that were begun come first, then the others, both
 * in `sampleOrder`. All jobs of one sample are together: the answers of all stages, then their ratings. So a run that
 * stops early has judged its stages on the same samples, and a run that goes on finishes first what it had begun.
 */
export function* missingJobs(plan: JobPlan, recorded: Recorded): Generator<Job> {
  for (const entry of plan.evals) {
    const isIncomplete = (sample: SampleRef) => jobsOfSample(plan, entry, sample, recorded).length > 0;
    // An order costs a digest per sample, and a run that is complete needs none.
    if (!entry.samples.some(isIncomplete)) continue;
    const order = sampleOrder(entry.samples, { name: entry.id, seed: plan.seed });
    const begun = new Set(order.filter((sample) => isBegun(plan, entry, sample, recorded)));
    for (const sample of begun) yield* jobsOfSample(plan, entry, sample, recorded);
    for (const sample of order) if (!begun.has(sample)) yield* jobsOfSample(plan, entry, sample, recorded);
  }
}

function jobsOfSample(plan: JobPlan, entry: EvalJobs, sample: SampleRef, recorded: Recorded): Job[] {
  const elicitJobs: Job[] = [];
  const rateJobs: Job[] = [];
  for (const trial of trialsOfSample(plan, entry, sample)) {
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

/** Consecutive jobs of one sample, together. */
export function* bySample(jobs: Iterable<Job>): Generator<readonly Job[]> {
  let group: Job[] = [];
  for (const job of jobs) {
    const first = group[0]?.trial;
    if (first && (first.eval !== job.trial.eval || first.sample !== job.trial.sample)) {
      yield group;
      group = [];
    }
    group.push(job);
  }
  if (group.length > 0) yield group;
}
