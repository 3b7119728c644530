import { dirname, join } from 'node:path';
import {
  engineOf,
  launcherFor,
  organismOpener,
  readLineage,
  supervise,
  type TrainingJob,
  type TrainingPlace,
  type TrainingProgress,
  trainedFolder,
} from '../checkpoints/index.ts';
import { InputError } from '../core/index.ts';
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
  return openModels({
    servedAt: notServed,
    ...options,
    openers: { organism: organismOpener(checkpoints) },
  });
}

/** Weights answer only where something serves them. */
async function notServed(stage: string): Promise<never> {
  throw new InputError(`nothing serves the weights of the stage "${stage}"`, {
    remedy: `Have stemma serve them (serving: { with: vllm }, docs/serving.md), or name a server that you started: model: "http://127.0.0.1:8000/v1#${stage}".`,
  });
}

interface TrainingOptions {
  readonly checkpoints: string;
  /** Stops after the step under way and saves the state: the same call goes on there. */
  readonly signal?: AbortSignal;
  readonly onTraining?: (progress: StageTrainingProgress) => void;
  /** What a reader should know, a sentence each. */
  readonly onWarning?: (warning: string) => void;
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
 * @throws InputError when a parent's checkpoint is missing or damaged, or the data are not what was planned;
 *   MissingPartError where a part is missing that trains; StemmaError with what a trainer said of its failure
 */
export async function trainStages(
  { stages, training }: Pick<Study, 'stages' | 'training'>,
  { checkpoints, signal, onTraining, onWarning = () => {} }: TrainingOptions,
): Promise<string | null> {
  const jobs = stages.flatMap(({ id, training: given }): TrainingJob[] =>
    given === undefined ? [] : [{ stage: id, ...given }],
  );
  const missing = jobs.filter((job) => !engineOf(job.recipe).isTrained(job, checkpoints));
  const place = { checkpoints, python: training.python, onWarning };
  for (const [index, job] of missing.entries()) {
    const trained = await train(job, place, training, {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (progress) =>
        onTraining?.({ ...progress, id: job.stage, number: index + 1, of: missing.length }),
    });
    if (!trained) return job.stage;
  }
  for (const warning of versionWarnings(jobs, checkpoints)) onWarning(warning);
  return null;
}

/** Parts of a run do not train: several would train the same stage. @throws InputError naming what is missing */
export function requireTrained({ stages }: Pick<Study, 'stages'>, checkpoints: string): void {
  const missing = stages.filter(
    ({ id, training }) =>
      training !== undefined && !engineOf(training.recipe).isTrained({ stage: id, ...training }, checkpoints),
  );
  if (missing.length === 0) return;
  throw new InputError(`not trained yet: ${missing.map(({ id }) => id).join(', ')}`, {
    remedy: 'Train before you divide the run: stemma train STUDY.',
  });
}

async function train(
  job: TrainingJob,
  place: TrainingPlace,
  settings: Study['training'],
  control: { readonly signal?: AbortSignal; readonly onProgress: (progress: TrainingProgress) => void },
): Promise<boolean> {
  const prepared = await engineOf(job.recipe).prepare(job, place);
  if (prepared.kind === 'in-process') return prepared.run(control);
  const attempts = await supervise(prepared, launcherFor(settings), {
    ...control,
    onWarning: place.onWarning,
    restarts: settings.restarts,
  });
  if (attempts === null) return false;
  await prepared.collect(attempts);
  return true;
}

/** Stages that were trained with different versions of a library differ in more than their recipes. */
function versionWarnings(jobs: readonly TrainingJob[], checkpoints: string): string[] {
  const versions = new Map<string, Map<string, string[]>>();
  for (const { stage, name } of jobs) {
    const said = readLineage(trainedFolder(checkpoints, name))?.result.versions ?? {};
    for (const [library, version] of Object.entries(said)) {
      const byVersion = versions.get(library) ?? new Map<string, string[]>();
      versions.set(
        library,
        byVersion.set(String(version), [...(byVersion.get(String(version)) ?? []), stage]),
      );
    }
  }
  return [...versions].flatMap(([library, byVersion]) => {
    if (byVersion.size < 2) return [];
    const each = [...byVersion].map(([version, stages]) => `${stages.join(', ')}: ${version}`);
    return [
      `the stages were trained with different versions of ${library} (${each.join('; ')}): they differ in more than their recipes`,
    ];
  });
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
