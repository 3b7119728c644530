import { dirname, join } from 'node:path';
import {
  isTrained,
  organismOpener,
  type TrainingJob,
  type TrainingProgress,
  trainOrganism,
} from '../checkpoints/index.ts';
import { openModels } from '../models/index.ts';
import type { Plan, Study } from '../study/index.ts';
import type { RunSummary } from './summary.ts';

/** Where the checkpoints of a run's trained stages are kept: beside the run folder, so that runs share them. */
export function checkpointsFor(runFolder: string): string {
  return join(dirname(runFolder), 'checkpoints');
}

/** Opens what a study's models name, organisms from where their checkpoints are kept. */
export function openRunModels(
  options: Omit<Parameters<typeof openModels>[0], 'openers'>,
  checkpoints: string,
): ReturnType<typeof openModels> {
  return openModels({ ...options, openers: { organism: organismOpener(checkpoints) } });
}

interface TrainingOptions {
  readonly checkpoints: string;
  /** Stops after the step under way and saves the state: the same call goes on there. */
  readonly signal?: AbortSignal;
  readonly onTraining?: (progress: StageTrainingProgress) => void;
}

/** A stage's training as it goes on, and how many are done or to be done. */
export interface StageTrainingProgress extends TrainingProgress {
  readonly id: string;
  /** Counts from 1. */
  readonly number: number;
  readonly of: number;
}

/**
 * Trains, in training order, every stage that has a recipe and no checkpoint yet.
 *
 * @returns the stage whose training was stopped; `null` when all checkpoints are there
 * @throws InputError when a parent's checkpoint is missing or damaged; MissingPartError without jax-js
 */
export async function trainStages(
  { stages }: Pick<Study, 'stages'>,
  { checkpoints, signal, onTraining }: TrainingOptions,
): Promise<string | null> {
  const jobs = stages.flatMap(({ id, training }): TrainingJob[] =>
    training === undefined ? [] : [{ stage: id, ...training }],
  );
  const missing = jobs.filter((job) => !isTrained(job, checkpoints));
  for (const [index, job] of missing.entries()) {
    const trained = await trainOrganism(job, checkpoints, {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (progress) =>
        onTraining?.({ ...progress, id: job.stage, number: index + 1, of: missing.length }),
    });
    if (!trained) return job.stage;
  }
  return null;
}

/** The end of a session that was stopped before its first trial. */
export function stoppedInTraining({ trials }: Plan, stage: string, wallMs: number): RunSummary {
  return {
    trials: { planned: trials, done: 0, skipped: 0, errors: 0, dropped: 0 },
    failures: [],
    ratings: { rated: 0, unparsed: 0, refused: 0, error: 0 },
    ratedNothing: [],
    newJudges: [],
    tokens: { input: 0, output: 0 },
    usd: null,
    stoppedBy: 'signal',
    complete: false,
    wallMs,
    lines: [`Stopped as asked while ${stage} was being trained; its state is saved.`],
  };
}
