import type { ServerEvent } from '../checkpoints/index.ts';
import { InputError } from '../core/index.ts';
import { openFolder, type Shard, untilClosed } from '../records/index.ts';
import { compareWithRun, faultInWords, type Plan, type Study, withWeights } from '../study/index.ts';
import type { Spent } from './budget-tracker.ts';
import { requirePrices } from './endpoint-terms.ts';
import type { FetchOptions } from './fetch-weights.ts';
import { identityOfStages, stageWeights } from './identity.ts';
import { keepHeapLean } from './lean-heap.ts';
import { openRunModels, transcriptsOf } from './open-models.ts';
import { openSamples } from './samples.ts';
import { RunSandboxes } from './sandboxes.ts';
import { serveStages } from './serve-stages.ts';
import { runSession, type SessionOptions } from './session.ts';
import { shareOf } from './shard.ts';
import { groupsOf } from './stage-groups.ts';
import { StopControl } from './stop-control.ts';
import type { RunSummary } from './summary.ts';
import { spentOnTeachers } from './teacher-budget.ts';
import { settleToolProtocol } from './tool-protocol.ts';
import {
  type AskingProgress,
  checkpointsFor,
  requireTrained,
  type StageTrainingProgress,
  stoppedInTraining,
  type TrainingEnd,
  trainStages,
} from './train-stages.ts';
import { OUTAGE_POLICY } from './watched-model.ts';
import { withLastSession } from './with-last-session.ts';
import { Workers } from './workers.ts';

export interface RunOptions extends SessionOptions {
  /** The run folder; made when it is not there. */
  readonly folder: string;
  /** Where checkpoints of trained stages are kept; default `checkpoints` beside the run folder. */
  readonly checkpoints?: string;
  /** Reads every byte of the checkpoints' files, also where their digests are kept from before. */
  readonly verify?: boolean;
  /** The part of the run that this process does; other processes do the others. `null`: all of it. */
  readonly shard?: Shard | null;
  /** The command that goes on with this run, with more flags: for messages. */
  readonly command?: (...flags: readonly string[]) => string;
  /** What happens to servers that stemma starts. */
  readonly onServer?: (event: ServerEvent) => void;
  /** After every step of a stage's training. */
  readonly onTraining?: (progress: StageTrainingProgress) => void;
  /** After every piece of weights that come from the hub. */
  readonly onDownload?: NonNullable<FetchOptions['onDownload']>;
  /** After every answer of a stage that is asked as the teacher of another one. */
  readonly onAsking?: (progress: AskingProgress) => void;
}

/**
 * Carries a study out, or goes on with it where the records in the folder end.
 *
 * First it trains the stages that have a recipe and no checkpoint yet. Then it does each job that the records lack: elicits
 * every trial that has no transcript, and has every transcript rated by every rater that has not rated it. Each record is
 * on disk before it counts. So the process may end at any moment and lose no more than the trials under way.
 *
 * A budget of tokens or dollars is for all sessions of the run together. Its wall time is for each session, since it is
 * there to give a machine back in time. Budgets and signals end a run with a summary. What it cannot go on with (a key that
 * is refused, an endpoint that stays down, a full disk) ends it with an error. Both leave a run that can be resumed.
 *
 * @throws InputError, MissingPartError before anything is asked; RecordsError when the folder can't be used or is of
 *   another run; ModelError when an endpoint refuses all calls; StemmaError when one stays down or an eval is broken
 */
export async function runStudy(plan: Plan, options: RunOptions): Promise<RunSummary> {
  const { shard = null } = options;
  const study = shareOf(plan.study, shard);
  keepHeapLean();
  requirePrices(study);
  const checkpoints = options.checkpoints ?? checkpointsFor(options.folder);
  requireFewLeaks(plan);
  if (shard !== null) requireUsualLoad(study);
  requireImages(plan);
  if (shard !== null) requireTrained(study, checkpoints);
  const begun = performance.now();
  const training = await trained(study, checkpoints, options);
  if (training.stopped !== null)
    return stoppedInTraining(plan, training, training.stopped, performance.now() - begun);
  using control = new StopControl(options);
  const weights = await stageWeights(study, checkpoints, options);
  await using serving = await serveStages(study, {
    checkpoints,
    weights,
    shard,
    onFail: (error) => control.fail(error),
    ...(options.onServer === undefined ? {} : { onEvent: options.onServer }),
  });
  await using models = openRunModels(
    {
      ...(serving === null ? {} : { servedAt: serving.servedAt }),
      folder: study.folder,
      endpoints: study.endpoints,
      transcripts: transcriptsOf,
      onEvent: (event) => workers.observe(event),
    },
    checkpoints,
  );
  const workers = new Workers(models, study.endpoints, control, { ...OUTAGE_POLICY, ...options.outage });
  const stages = await Promise.all(study.stages.map((stage) => workers.openStage(stage, study)));
  const raters = await workers.openRaters(study.raters);
  let isSettled = false;
  const { engine = study.sandbox.engine } = plan.images ?? {};
  await using sandboxes = new RunSandboxes({ ...study.sandbox, engine });
  if (study.evals.some(({ eval: { sandboxed } }) => sandboxed)) await sandboxes.ready();
  const manifest = withWeights(plan.manifest, weights);
  const writer = await openFolder(options.folder, manifest, {
    roles: ['elicit'],
    shard,
    compare: (recorded, wanted, reader) => compareWithRun(recorded, wanted, { reader, entries: study.evals }),
    remedy:
      'Name another folder with --out, or undo these changes: what was asked differently can’t be compared.',
  });
  // A part does not know how the others went: the last pass over the whole run says that.
  const recorded = (work: () => Promise<RunSummary>) =>
    shard === null ? withLastSession(options.folder, control, work) : work();
  // Awaited here, because what this function holds is closed when it returns.
  return await untilClosed(writer, control, () =>
    recorded(async () => {
      await using samples = await openSamples(writer, plan.evals, shard);
      return await runSession(
        {
          writer,
          control,
          workers,
          entries: study.evals,
          raters,
          elicits: {
            stages,
            samples,
            sandboxes,
            costPerTrial: costPerTrial(plan),
            serving,
            groups: groupsOf(study.stages, serving?.groups ?? []),
            identify: async (recorded, ids) => {
              const identity = await identityOfStages(plan, {
                ids,
                models,
                folder: writer.folder,
                recorded,
                signal: control.signal,
                command: options.command ?? genericCommand,
                onWarning: options.onWarning ?? (() => {}),
              });
              // Where stemma serves stages one after the other, not all of them can be asked before the first trial.
              const all = serving === null || serving.groups.length === 1;
              const settled =
                all && !isSettled ? await settleToolProtocol(study, stages, control.signal) : null;
              isSettled = true;
              if (settled !== null) options.onWarning?.(settled);
              return identity;
            },
          },
          budget: study.budget,
          teachers: { ...training, all: taught(study, checkpoints, options) },
          shard,
        },
        options,
      );
    }),
  );
}

/** Stages that were trained on what they are asked show nothing. */
function requireFewLeaks({ leaks, study }: Plan): void {
  const { leaked_at_most: most } = study.training;
  const leak = leaks.find(({ samples, of }) => samples.length > most * of);
  if (leak === undefined) return;
  const { samples, of, eval: name, source, stages } = leak;
  throw new InputError(
    `${samples.length} of the ${of} samples of ${name} occur in the training source "${source}" of ${stages.join(', ')}`,
    {
      place: study.locate([]),
      remedy: 'Take those rows out of the source, or declare it: training: { leaked_at_most: SHARE }.',
    },
  );
}

/** Other parts would be at the server while this one asks an arm by itself. */
function requireUsualLoad({ stages, locate }: Study): void {
  if (stages.every(({ atOnce }) => atOnce === undefined)) return;
  throw new InputError(
    'a control under another load cannot be asked in parts: the other parts are a load too',
    {
      place: locate(['controls', 'again']),
      remedy: 'Run the study undivided, or take `at_once` out of its controls.',
    },
  );
}

/** An image that cannot be built is told before the first trial, and not with the trial that needs it. */
function requireImages({ images }: Plan): void {
  const [fault, ...others] = images?.faults ?? [];
  if (fault === undefined) return;
  throw new InputError([fault, ...others].map(faultInWords).join('\n  '), {
    remedy: 'Put these packages there, or leave these scenarios out (options.scenarios).',
  });
}

/** For those who call this from TypeScript: they know their own command. */
function genericCommand(...flags: readonly string[]): string {
  return ['the same command with', ...flags].join(' ');
}

async function trained(
  study: Study,
  checkpoints: string,
  { folder, stop, abort, onTraining, onAsking, onDownload, onWarning }: RunOptions,
): Promise<TrainingEnd> {
  return await trainStages(study, {
    checkpoints,
    folder,
    signal: AbortSignal.any([stop, abort].filter((signal) => signal !== undefined)),
    ...(onTraining === undefined ? {} : { onTraining }),
    ...(onAsking === undefined ? {} : { onAsking }),
    ...(onDownload === undefined ? {} : { onDownload }),
    ...(onWarning === undefined ? {} : { onWarning }),
  });
}

/** What all sessions spent on teachers; of a part, its share, as it has its share of the budget. */
function taught(study: Study, checkpoints: string, { folder, shard = null }: RunOptions): Spent {
  const { tokens, usd } = spentOnTeachers(study, checkpoints, folder);
  const parts = shard?.of ?? 1;
  return { tokens: tokens / parts, usd: usd / parts };
}

/** Teachers are asked before the first trial: they are not a part of what trials cost. */
function costPerTrial({ trials, usualTokens, usualUsd, teachers }: Plan): Spent {
  const count = Math.max(1, trials);
  const taught = teachers.reduce((sum, { tokens: { usual } }) => sum + usual.input + usual.output, 0);
  const paid = teachers.reduce((sum, { usd }) => sum + (usd?.usual ?? 0), 0);
  return {
    tokens: (usualTokens.input + usualTokens.output - taught) / count,
    usd: usualUsd === null ? 0 : (usualUsd - paid) / count,
  };
}
