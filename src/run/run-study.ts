import type { ServerEvent } from '../checkpoints/index.ts';
import { InputError, type Transcript } from '../core/index.ts';
import { openFolder, openRun, type Shard, untilClosed } from '../records/index.ts';
import { compareWithRun, type Plan, type Study, withWeights } from '../study/index.ts';
import type { Spent } from './budget-tracker.ts';
import { requirePrices } from './endpoint-terms.ts';
import { identityOfStages, stageWeights } from './identity.ts';
import { keepHeapLean } from './lean-heap.ts';
import { openSamples } from './samples.ts';
import { RunSandboxes } from './sandboxes.ts';
import { serveStages } from './serve-stages.ts';
import { runSession, type SessionOptions } from './session.ts';
import { shareOf } from './shard.ts';
import { StopControl } from './stop-control.ts';
import type { RunSummary } from './summary.ts';
import { settleToolProtocol } from './tool-protocol.ts';
import {
  checkpointsFor,
  openRunModels,
  requireTrained,
  type StageTrainingProgress,
  stoppedInTraining,
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
  if (shard !== null) requireTrained(study, checkpoints);
  const stopped = await trained(study, checkpoints, options);
  if (stopped !== null) return stoppedInTraining(plan, stopped.stage, stopped.wallMs);
  using control = new StopControl(options);
  const weights = await stageWeights(study, checkpoints, options);
  await using serving = await serveStages(study, {
    checkpoints,
    weights,
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
  await using sandboxes = new RunSandboxes(study.sandbox);
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
              const settled =
                ids.length < stages.length ? null : await settleToolProtocol(study, stages, control.signal);
              if (settled !== null) options.onWarning?.(settled);
              return identity;
            },
          },
          budget: study.budget,
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

/** For those who call this from TypeScript: they know their own command. */
function genericCommand(...flags: readonly string[]): string {
  return ['the same command with', ...flags].join(' ');
}

async function trained(
  study: Study,
  checkpoints: string,
  { stop, abort, onTraining, onWarning }: RunOptions,
): Promise<{ stage: string; wallMs: number } | null> {
  const begun = performance.now();
  const stage = await trainStages(study, {
    checkpoints,
    signal: AbortSignal.any([stop, abort].filter((signal) => signal !== undefined)),
    ...(onTraining === undefined ? {} : { onTraining }),
    ...(onWarning === undefined ? {} : { onWarning }),
  });
  return stage === null ? null : { stage, wallMs: performance.now() - begun };
}

function costPerTrial({ trials, usualTokens: tokens, usualUsd: usd }: Plan): Spent {
  const count = Math.max(1, trials);
  return { tokens: (tokens.input + tokens.output) / count, usd: (usd ?? 0) / count };
}

/** What `replay:` models answer from. */
async function* transcriptsOf(folder: string): AsyncIterable<Transcript> {
  using reader = await openRun(folder);
  yield* reader.transcripts();
}
