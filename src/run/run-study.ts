import type { Sandboxes, Transcript } from '../core/index.ts';
import { openFolder, openRun, type RunWriter, untilClosed } from '../records/index.ts';
import { manifestDifferences, type Plan, type Study } from '../study/index.ts';
import { conduct } from './conduct.ts';
import { type Arm, Crew, canRate, type Seat } from './crew.ts';
import { requirePrices } from './endpoint.ts';
import { Halt } from './halt.ts';
import { History } from './history.ts';
import { keepHeapLean } from './lean-heap.ts';
import { OUTAGE_POLICY, type OutagePolicy } from './outage.ts';
import { type Progress, ProgressMeter } from './progress.ts';
import { Purse, type Spent } from './purse.ts';
import { RunSandboxes } from './sandboxes.ts';
import { Session } from './session.ts';
import { Slots } from './slots.ts';
import { spentEarlier } from './spent-earlier.ts';
import { type RunSummary, summaryOf } from './summary.ts';
import { Tally } from './tally.ts';
import {
  checkpointsFor,
  openRunModels,
  type StageTrainingProgress,
  stoppedInTraining,
  trainStages,
} from './train-stages.ts';

export interface SessionOptions {
  /** Stops gently: no new trials, those under way are finished and recorded. */
  readonly stop?: AbortSignal;
  /** Stops at once: trials under way leave no record and will run again. */
  readonly abort?: AbortSignal;
  /** At most ten times a second, and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  /** Tries again the trials and ratings whose record is an error; a trial's attempt then counts one up. */
  readonly retryErrors?: boolean;
  /** When an endpoint counts as down, and how long it is waited for. */
  readonly outage?: Partial<OutagePolicy>;
}

export interface RunOptions extends SessionOptions {
  /** The run folder; made when it is not there. */
  readonly folder: string;
  /** Where checkpoints of trained stages are kept; default `checkpoints` beside the run folder. */
  readonly checkpoints?: string;
  /** After every step of a stage's training. */
  readonly onTraining?: (progress: StageTrainingProgress) => void;
}

/**
 * Trains the stages that have a recipe and no checkpoint yet; then carries the plan out, or goes on with it where the
 * records in the folder end: elicits every trial that has no transcript, and has every transcript rated by every rater
 * that has not. Each record is on disk before it counts, so the process may end at any moment and lose no more than the
 * trials under way.
 *
 * A budget of tokens or dollars is for all sessions of the run together; its wall time is for each session, since it is
 * there to give a machine back in time. Budgets and signals end a run with a summary; what it can't go on with (a key
 * that is refused, an endpoint that stays down, a full disk) ends it with an error. Both leave a run that can be resumed.
 *
 * @throws InputError, MissingPartError before anything is asked; RecordsError when the folder can't be used or is of
 *   another run; ModelError when an endpoint refuses all calls; StemmaError when one stays down or an eval is broken
 */
export async function runStudy(plan: Plan, options: RunOptions): Promise<RunSummary> {
  const { study } = plan;
  keepHeapLean();
  requirePrices(study);
  const checkpoints = options.checkpoints ?? checkpointsFor(options.folder);
  const stopped = await trained(study, checkpoints, options);
  if (stopped !== null) return stoppedInTraining(plan, stopped.stage, stopped.wallMs);
  using halt = new Halt(options);
  await using models = openRunModels(
    { folder: study.folder, endpoints: study.endpoints, transcripts: transcriptsOf },
    checkpoints,
  );
  const crew = new Crew(models, study.endpoints, halt, { ...OUTAGE_POLICY, ...options.outage });
  const arms = await Promise.all(study.stages.map((stage) => crew.arm(stage, study)));
  const seats = await crew.seats(study.raters);
  await using sandboxes = new RunSandboxes(study.sandbox);
  if (study.evals.some(({ eval: { sandboxed } }) => sandboxed)) await sandboxes.ready();
  const writer = await openFolder(
    options.folder,
    plan.manifest,
    manifestDifferences,
    'Name another folder with --out, or undo these changes: what was asked differently can’t be compared.',
  );
  // Awaited here: what this function holds is let go of when it returns.
  return await untilClosed(writer, halt, () =>
    carryOut(plan, options, { writer, halt, crew, arms, seats, sandboxes }),
  );
}

async function trained(
  study: Study,
  checkpoints: string,
  { stop, abort, onTraining }: RunOptions,
): Promise<{ stage: string; wallMs: number } | null> {
  const begun = performance.now();
  const stage = await trainStages(study, {
    checkpoints,
    signal: AbortSignal.any([stop, abort].filter((signal) => signal !== undefined)),
    ...(onTraining === undefined ? {} : { onTraining }),
  });
  return stage === null ? null : { stage, wallMs: performance.now() - begun };
}

interface Staff {
  readonly writer: RunWriter;
  readonly halt: Halt;
  readonly crew: Crew;
  readonly arms: readonly Arm[];
  readonly seats: readonly Seat[];
  readonly sandboxes: Sandboxes;
}

async function carryOut(plan: Plan, options: RunOptions, staff: Staff): Promise<RunSummary> {
  const { writer, halt, crew, arms, seats, sandboxes } = staff;
  const { budget } = plan.study;
  const entries = plan.evals.map(({ entry }) => entry);
  const retryErrors = options.retryErrors ?? false;
  const history = new History(
    writer.reader,
    seats.map(({ id }) => id),
    { retryErrors },
  );
  const tally = tallyOf(plan, staff, history);
  const priced = crew.priced.some(({ price }) => price !== null);
  const meter = new ProgressMeter(tally, options.onProgress, {
    priced,
    outages: () => crew.outages,
    state: () => (halt.stopping ? 'stopping' : 'running'),
  });
  const session = new Session({ writer, halt, tally, meter, underWay: new Slots(roomFor(arms, seats)) });
  const purse = new Purse(budget, {
    earlier: await spentEarlier(writer.reader, budget, {
      stages: new Map(arms.map(({ id, price }) => [id, price])),
      raters: new Map(seats.map(({ id, price }) => [id, price])),
    }),
    estimate: perTrial(plan),
    spent: () => ({ tokens: tally.session.inputTokens + tally.session.outputTokens, usd: tally.session.usd }),
  });
  const clock = budget.wallMs === undefined ? undefined : setTimeout(() => halt.stop('wall'), budget.wallMs);
  const begun = await session.run(() =>
    conduct({ session, arms, entries, seats, history, purse, sandboxes }),
  );
  clearTimeout(clock);
  return summaryOf(session, { begun, priced });
}

function tallyOf(plan: Plan, { arms, seats }: Staff, history: History): Tally {
  const tally = new Tally(
    plan.evals.flatMap(({ entry, samples }) =>
      arms.map(({ id }) => ({ stage: id, eval: entry.id, total: samples * entry.epochs })),
    ),
  );
  const ratersOf = plan.evals.map(({ entry }) => {
    const able = seats.filter((seat) => canRate(seat, entry.eval));
    return [entry.id, able.map(({ id }) => id)] as const;
  });
  history.countInto(tally);
  for (const { stage, eval: name } of history.finished(new Map(ratersOf))) {
    const cell = tally.cell(stage, name);
    if (cell) cell.skipped++;
  }
  return tally;
}

/**
 * Trials that may be under way: as many as the checkpoints take, and beside them a store of answered ones that are being
 * written and rated; it evens out the two, and is what holds the checkpoints back when judges are slower.
 */
function roomFor(arms: readonly Arm[], seats: readonly Seat[]): number {
  const asked = arms.reduce((sum, { slots }) => sum + slots.size, 0);
  const judged = seats.reduce((most, { slots }) => Math.max(most, slots?.size ?? 0), 0);
  return asked + Math.max(128, 2 * judged);
}

function perTrial({ trials, usualTokens: tokens, usualUsd: usd }: Plan): Spent {
  const count = Math.max(1, trials);
  return { tokens: (tokens.input + tokens.output) / count, usd: (usd ?? 0) / count };
}

/** What `replay:` models answer from. */
async function* transcriptsOf(folder: string): AsyncIterable<Transcript> {
  using reader = await openRun(folder);
  yield* reader.transcripts();
}
