import {
  digestOf,
  type Eval,
  InputError,
  ModelError,
  type Sample,
  SandboxError,
  type Sandboxes,
  StemmaError,
  type Transcript,
  type TrialId,
  trialKey,
  trialSeed,
} from '../core/index.ts';
import type { EvalEntry } from '../study/index.ts';
import { type Arm, canRate, type Seat } from './crew.ts';
import type { History } from './history.ts';
import type { Purse } from './purse.ts';
import { rateByAll } from './rate-transcript.ts';
import type { Session } from './session.ts';
import type { Cell } from './tally.ts';

/** Exceptions in a row from one eval's own code after which it is broken, and the run ends. */
const BROKEN_AFTER = 20;

/** What went wrong in one eval's trials without a break. */
interface Breakage {
  /** Exceptions of the eval's own code. */
  inARow: number;
  /** Sandboxes that could not be opened, or died. */
  sandboxes: number;
}

/** What a study's trials need beside the session. */
export interface Conduct {
  readonly session: Session;
  readonly arms: readonly Arm[];
  readonly entries: readonly EvalEntry[];
  readonly seats: readonly Seat[];
  readonly history: History;
  readonly purse: Purse;
  readonly sandboxes: Sandboxes;
}

/** One trial that lacks its transcript, or some of its ratings. */
interface Trial {
  readonly id: TrialId;
  readonly key: string;
  readonly sample: Sample;
  readonly arm: Arm;
  readonly evaluation: Eval;
  readonly cell: Cell;
  /** `null` when the transcript is there and only ratings are missing. */
  readonly attempt: number | null;
  /** Whose ratings are missing. */
  readonly seats: readonly Seat[];
}

/**
 * Puts every sample to every stage, and has every transcript rated, as far as the records do not hold it yet. Samples
 * are streamed, never held. Stages take turns on each sample, so a run that is stopped early has compared its stages
 * on the same samples; a slow stage holds the fast ones back for that, which costs no time in the end, since the run
 * can't end before the slow one does.
 *
 * @returns whether every trial was begun: `false` when the run was stopped first
 * @throws InputError when an eval gives a sample id twice, and what reading its samples throws
 */
export async function conduct(run: Conduct): Promise<boolean> {
  for (const entry of run.entries) {
    const seats = run.seats.filter((seat) => canRate(seat, entry.eval));
    const breakage: Breakage = { inARow: 0, sandboxes: 0 };
    const seen = new Set<string>();
    for await (const sample of entry.eval.samples(entry.options)) {
      refuseSeen(seen, sample, entry);
      for (let epoch = 1; epoch <= entry.epochs; epoch++) {
        for (const arm of run.arms) {
          const trial = missing(run, { arm, entry, sample, epoch, seats });
          if (trial === null) continue;
          if (!(await admit(run, trial))) return false;
          void run.session.carry(() => carryOut(run, trial, breakage));
        }
      }
    }
  }
  return true;
}

function refuseSeen(seen: Set<string>, { id }: Sample, { id: name }: EvalEntry): void {
  if (seen.has(id)) {
    throw new InputError(`the eval "${name}" has two samples with the id "${id}"`, {
      remedy: 'Give each sample an id of its own: a trial is known by it.',
    });
  }
  seen.add(id);
}

/** What the records lack of a trial; `null` for nothing. */
function missing(
  { history, session }: Conduct,
  at: { arm: Arm; entry: EvalEntry; sample: Sample; epoch: number; seats: readonly Seat[] },
): Trial | null {
  const { arm, entry, sample, epoch } = at;
  const id: TrialId = { stage: arm.id, eval: entry.id, sample: sample.id, epoch };
  const key = trialKey(id);
  const attempt = history.attemptFor(key);
  let { seats } = at;
  if (attempt === null) {
    if (history.failed(key)) return null;
    seats = seats.filter((seat) => !history.rated(key, seat.id));
    if (seats.length === 0) return null;
  }
  const cell = session.tally.cell(arm.id, entry.id)!;
  return { id, key, sample, arm, evaluation: entry.eval, cell, attempt, seats };
}

/** Waits until this trial may begin, and takes its slots. @returns whether it may, or the run is stopping */
async function admit({ session, purse }: Conduct, { attempt, arm }: Trial): Promise<boolean> {
  const { halt, underWay } = session;
  if (attempt !== null) await arm.slots.take();
  await underWay.take();
  for (;;) {
    // The slot taken for this trial is not one that has begun.
    const answer = halt.stopping ? null : purse.ask(underWay.taken - 1, session.ended);
    if (answer === 'begin') return true;
    if (answer === 'wait') {
      await underWay.given();
      continue;
    }
    if (answer !== null) halt.stop(answer);
    if (attempt !== null) arm.slots.give();
    underWay.give();
    return false;
  }
}

async function carryOut(run: Conduct, trial: Trial, breakage: Breakage): Promise<void> {
  const { session } = run;
  const { attempt, cell, evaluation, seats } = trial;
  const transcript =
    attempt === null
      ? await recorded(session, trial)
      : await elicitAndRecord(run, { ...trial, attempt }, breakage);
  if (transcript.status !== 'error') {
    await rateByAll(session, seats, { transcript, evaluation, cell });
  }
  cell.done++;
}

async function recorded({ writer }: Session, { key }: Trial): Promise<Transcript> {
  const transcript = await writer.reader.transcript(key);
  if (transcript) return transcript;
  throw new StemmaError('the index knows a transcript that the records do not hold', {
    place: { file: writer.folder, trial: key },
    remedy: 'Delete index.sqlite in the run folder: it is made anew from the records.',
  });
}

type Elicitable = Trial & { readonly attempt: number };

/** @returns the transcript, once it is on disk */
async function elicitAndRecord(run: Conduct, trial: Elicitable, breakage: Breakage): Promise<Transcript> {
  const { session } = run;
  const { arm, cell, key } = trial;
  let transcript: Transcript;
  try {
    transcript = await elicit(run, trial, breakage);
  } finally {
    // The checkpoint is free for the next trial while this one is recorded and rated.
    arm.slots.give();
  }
  if (transcript.key !== key) {
    throw new StemmaError(
      `the eval "${trial.evaluation.name}" returned a transcript of the trial ${transcript.key}`,
      {
        place: { trial: key },
      },
    );
  }
  // What failed because all was dropped is no failure of the checkpoint's, and leaves no record.
  if (transcript.error?.kind === 'cancelled' || (session.halt.dropped && transcript.status === 'error')) {
    throw new ModelError('cancelled', `trial ${key} was cancelled`);
  }
  await session.writer.appendTranscript(transcript);
  session.tally.transcript(cell, transcript, arm.price);
  session.meter.touch();
  return transcript;
}

async function elicit(
  { session, sandboxes }: Conduct,
  trial: Elicitable,
  breakage: Breakage,
): Promise<Transcript> {
  const { arm, evaluation, id, sample, attempt } = trial;
  const seed = arm.sampling.seed === null ? null : trialSeed(arm.sampling.seed, id);
  const startedAt = new Date();
  try {
    const transcript = await evaluation.elicit(sample, arm.model, {
      trial: id,
      attempt,
      sampling: { ...arm.sampling, seed },
      samplingDigest: arm.samplingDigest,
      signal: session.halt.signal,
      sandboxes,
    });
    breakage.inARow = 0;
    refuseDeadSandboxes(breakage, transcript);
    return transcript;
  } catch (error) {
    // Aborted, fatal, or wrong input: the run's concern. Anything else is a fault in the eval's code on this sample.
    if (session.halt.dropped || error instanceof StemmaError) throw error;
    if (++breakage.inARow >= BROKEN_AFTER) {
      throw new StemmaError(
        `the eval "${evaluation.name}" threw ${BROKEN_AFTER} times in a row; the last: ${error}`,
        {
          place: { trial: trial.key },
          cause: error,
        },
      );
    }
    return brokenTranscript(trial, { seed, startedAt, error });
  }
}

/** One sandbox that dies is that trial's error; so many one after the other are the machine's, and the run's concern. */
function refuseDeadSandboxes(breakage: Breakage, { error, key }: Transcript): void {
  breakage.sandboxes = error?.kind === 'sandbox' ? breakage.sandboxes + 1 : 0;
  if (breakage.sandboxes < BROKEN_AFTER) return;
  throw new SandboxError(`${BROKEN_AFTER} sandboxes in a row failed; the last: ${error?.message}`, {
    place: { trial: key },
    remedy:
      '`stemma doctor` says what holds sandboxes here. The same command goes on; --retry-errors tries the failed trials again.',
  });
}

function brokenTranscript(
  { key, id, attempt, sample, arm }: Elicitable,
  { seed, startedAt, error }: { seed: number | null; startedAt: Date; error: unknown },
): Transcript {
  return {
    key,
    trial: id,
    attempt,
    status: 'error',
    cluster: sample.cluster,
    digests: { sample: digestOf(sample), sampling: arm.samplingDigest },
    seed,
    metadata: sample.metadata,
    input: sample.input,
    output: [],
    thoughts: null,
    response: null,
    error: {
      kind: 'internal',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    },
    usage: { inputTokens: null, outputTokens: null },
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    calls: 0,
    requests: 0,
    raw: [],
  };
}
