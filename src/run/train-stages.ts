import { dirname, join } from 'node:path';
import {
  engineOf,
  launcherFor,
  organismFile,
  readLineage,
  readOrganismLineage,
  supervise,
  type TrainingJob,
  type TrainingPlace,
  type TrainingProgress,
  trainedFolder,
} from '../checkpoints/index.ts';
import { InputError } from '../core/index.ts';
import { counted } from '../format/index.ts';
import type { Plan, Study } from '../study/index.ts';
import { answeredRecipe, type StoppedAsking } from './ask-teachers.ts';
import { type FetchOptions, fetchWeights } from './fetch-weights.ts';
import type { StoppedBy } from './stop-control.ts';
import type { RunSummary } from './summary.ts';
import { TeacherBudget } from './teacher-budget.ts';

/** Where the checkpoints of a run's trained stages are kept: beside the run folder, so that runs share them. */
export function checkpointsFor(runFolder: string): string {
  return join(dirname(runFolder), 'checkpoints');
}

interface TrainingOptions extends FetchOptions {
  readonly checkpoints: string;
  /** The run that the answers of teachers are asked for: its folder, which need not be there. Its budget pays them. */
  readonly folder: string;
  /** Stops after the step under way and saves the state: the same call goes on there. */
  readonly signal?: AbortSignal;
  readonly onTraining?: (progress: StageTrainingProgress) => void;
  /** After every answer of a teacher. */
  readonly onAsking?: (progress: AskingProgress) => void;
  /** What a reader should know, a sentence each. */
  readonly onWarning?: (warning: string) => void;
}

/** A stage that is trained, and how many are done or to be done. */
interface StageInTraining {
  readonly id: string;
  /** Counts from 1. */
  readonly number: number;
  readonly of: number;
}

export type StageTrainingProgress = StageInTraining & TrainingProgress;

/** How far a teacher is that a stage needs before its training. */
export interface AskingProgress extends StageInTraining {
  /** The stage that is asked. */
  readonly teacher: string;
  /** Prompts that have an answer, those of earlier sessions among them. */
  readonly answered: number;
  readonly prompts: number;
  /** Spent by this session on teachers, and in US dollars. */
  readonly tokens: { readonly input: number; readonly output: number };
  readonly usd: number;
}

/** What training came to. */
export interface TrainingEnd {
  /** What ended it before all checkpoints were there; `null` for nothing. */
  readonly stopped: { readonly stage: string; readonly by: StoppedBy; readonly line: string } | null;
  /** Spent by this session on teachers. */
  readonly tokens: { readonly input: number; readonly output: number };
  readonly usd: number;
}

/**
 * Fetches the weights that stages have on the hub. Then it trains, in training order, every stage that has a recipe and no checkpoint yet. Stages that are teachers of others are asked
 * before these are trained.
 *
 * @returns what stopped it, and what it spent
 * @throws InputError when a parent's checkpoint is missing or damaged, or the data are not what was planned;
 *   MissingPartError where a part is missing that trains; StemmaError with what a trainer said of its failure
 */
export async function trainStages(
  study: Study,
  { checkpoints, folder, signal, onTraining, onAsking, onDownload, onWarning = () => {} }: TrainingOptions,
): Promise<TrainingEnd> {
  const { stages, training } = study;
  const jobs = stages.flatMap(({ id, training: given }): TrainingJob[] =>
    given === undefined ? [] : [{ stage: id, ...given }],
  );
  const missing = jobs.filter((job) => !engineOf(job.recipe).isTrained(job, checkpoints));
  const place = { checkpoints, python: training.python, onWarning };
  const budget = await TeacherBudget.of(study, checkpoints, folder);
  const spent = () => {
    const { usd, ...tokens } = budget.session;
    return { tokens, usd };
  };
  const stopped = (stage: string, by: StoppedBy, line: string): TrainingEnd => ({
    stopped: { stage, by, line },
    ...spent(),
  });
  const fetching = await fetchWeights(study, {
    ...(signal === undefined ? {} : { signal }),
    ...(onDownload === undefined ? {} : { onDownload }),
  });
  if (fetching !== null) {
    const line = `Stopped as asked while the weights of ${fetching} were being fetched; what has come is kept.`;
    return stopped(fetching, 'signal', line);
  }
  for (const [index, job] of missing.entries()) {
    const about = { id: job.stage, number: index + 1, of: missing.length };
    const recipe = await answeredRecipe(job.recipe, study, {
      checkpoints,
      signal: signal ?? new AbortController().signal,
      budget,
      onWarning,
      onAnswer: (teacher, answered, prompts) =>
        onAsking?.({ ...about, teacher, answered, prompts, ...spent() }),
    });
    if ('by' in recipe) return stopped(job.stage, recipe.by, askingLine(recipe, job.stage));
    const trained = await train({ ...job, recipe }, place, training, {
      ...(signal === undefined ? {} : { signal }),
      onProgress: (progress) => onTraining?.({ ...progress, ...about }),
    });
    if (trained) continue;
    return stopped(
      job.stage,
      'signal',
      `Stopped as asked while ${job.stage} was being trained; its state is saved.`,
    );
  }
  for (const warning of versionWarnings(jobs, checkpoints)) onWarning(warning);
  return { stopped: null, ...spent() };
}

function askingLine({ by, teacher, done, of }: StoppedAsking, pupil: string): string {
  const why =
    by === 'signal'
      ? 'Stopped as asked'
      : `Stopped: the budget ${by === 'usd' ? 'in dollars' : 'of tokens'} is used up, or does not cover another prompt`;
  return `${why}, while ${teacher} was asked as the teacher of ${pupil}: ${done} of ${counted(of, 'prompt')} are answered, and kept.`;
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
  for (const { stage, name, recipe } of jobs) {
    const lineage =
      recipe.engine === 'organism'
        ? readOrganismLineage(organismFile(name, checkpoints, ''))
        : readLineage(trainedFolder(checkpoints, name));
    const said = lineage?.result.versions ?? {};
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
export function stoppedInTraining(
  { trials }: Plan,
  { tokens, usd }: TrainingEnd,
  stopped: NonNullable<TrainingEnd['stopped']>,
  wallMs: number,
): RunSummary {
  return {
    trials: { planned: trials, done: 0, skipped: 0, errors: 0, dropped: 0 },
    failures: [],
    ratings: { rated: 0, unparsed: 0, refused: 0, error: 0 },
    ratedNothing: [],
    newJudges: [],
    tokens,
    usd: usd === 0 ? null : usd,
    stoppedBy: stopped.by,
    complete: false,
    wallMs,
    lines: [stopped.line],
  };
}
