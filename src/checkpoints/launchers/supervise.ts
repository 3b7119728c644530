import { setTimeout as delay } from 'node:timers/promises';
import { InputError, MissingPartError, StemmaError } from '../../core/index.ts';
import type { TrainingControl } from '../../organism/methods.ts';
import type { Attempt, ProcessJob } from '../engines/engine.ts';
import { EventReader, type JobEvent, type Step } from './job-events.ts';
import { exitOf, logTail } from './job-files.ts';
import type { Launcher, Liveness, Running } from './launcher.ts';

interface SupervisionOptions extends Omit<TrainingControl, 'stateFile'> {
  readonly onWarning: (warning: string) => void;
  /** Starts without a new saved step after which a job counts as failed. */
  readonly restarts: number;
  /** Between two looks, in milliseconds. */
  readonly everyMs?: number;
}

/** Exit codes that a trainer may give; src/checkpoints/engines/trl/python/progress.py has the same. */
const STOPPED = 75;
const USERS_MISTAKE = [64, 65];
const MACHINES_FAULT = 66;
const TAKEN = 73;
/** What a shell says where a program is not there, or may not be run. */
const NO_PROGRAM = [126, 127];

/**
 * Has a job done: attaches to the start that is under way or starts it, follows its events, starts it again where it died,
 * and ends when it is done, was stopped as asked, or fails.
 *
 * @returns the attempts that it took; `null` where it was stopped, with its state saved
 * @throws InputError, MissingPartError, StemmaError with what the training said of its failure
 */
export async function supervise(
  job: ProcessJob,
  launcher: Launcher,
  options: SupervisionOptions,
): Promise<readonly Attempt[] | null> {
  const attempts: Attempt[] = [];
  const isStopped = () => options.signal?.aborted === true;
  let saved = -1;
  let idle = 0;
  for (;;) {
    if (isStopped()) return null;
    const running = (await launcher.attach(job)) ?? (await launcher.begin(job, newAttempt()));
    const end = await follow(job, running, options);
    attempts.push({ at: running.attempt, lastStep: end.lastStep, outcome: end.words });
    if (end.code === 0) return attempts;
    const stopped = end.code === STOPPED || end.problem?.code === STOPPED;
    if (isStopped() && (stopped || end.problem === null)) return null;
    if (end.problem !== null && !stopped) throw failure(job, end);
    if (end.code === TAKEN)
      throw new StemmaError(`stage ${job.stage} is being trained by another process already`, {
        place: { file: job.folder },
        remedy: 'Wait for it, or end it.',
      });
    if (end.saved > saved) [saved, idle] = [end.saved, 0];
    else idle++;
    const cannotStart = end.code !== null && NO_PROGRAM.includes(end.code);
    if (end.final || cannotStart || idle > options.restarts) throw failure(job, end);
    options.onWarning(
      `the training of ${job.stage} ${end.words}; it is started again where its state was saved`,
    );
  }
}

/** The name of a start: unique, and in the order of time. */
function newAttempt(): string {
  return new Date().toISOString();
}

interface ProcessEnd {
  /** `null` where it was killed before it could say. */
  readonly code: number | null;
  readonly problem: Extract<JobEvent, { event: 'problem' }> | null;
  readonly lastStep: number | null;
  /** The last step whose state was saved; -1 for none. */
  readonly saved: number;
  readonly words: string;
  /** It is not to be started again. */
  readonly final: boolean;
}

const EVERY_MS = 200;

async function follow(job: ProcessJob, running: Running, options: SupervisionOptions): Promise<ProcessEnd> {
  const { signal, onWarning, everyMs = EVERY_MS } = options;
  await using reader = new EventReader(job.folder, running.offset);
  const meter = new SpeedMeter(job, options);
  let problem: ProcessEnd['problem'] = null;
  let saved = -1;
  let stopAsked = false;
  let told = '';
  let lookedTwice = false;
  const take = async () => {
    for (const event of await reader.next()) {
      if (event.event === 'step') meter.saw(event);
      else if (event.event === 'saved') saved = event.step;
      else if (event.event === 'warning') onWarning(`${job.stage}: ${event.text}`);
      else problem = event;
    }
  };
  for (;;) {
    const alive = await running.liveness();
    await take();
    const code = exitOf(job.folder, running.attempt);
    if (code !== null || alive.state === 'gone') {
      await take();
      if (code === null && !lookedTwice) {
        // A file system that machines share may show the end a little later.
        lookedTwice = true;
        await pause(2 * everyMs, undefined);
        continue;
      }
      const final = alive.final === true && code === null;
      return { code, problem, lastStep: meter.lastStep, saved, final, words: endWords(code, alive) };
    }
    if (alive.state !== 'running' && alive.why !== undefined && alive.why !== told) {
      told = alive.why;
      onWarning(`${job.stage}: ${alive.why}`);
    }
    if (signal?.aborted === true && !stopAsked) {
      stopAsked = true;
      await running.stop();
    }
    await pause(everyMs, stopAsked ? undefined : signal);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
}

function endWords(code: number | null, { why }: Liveness): string {
  if (code === 0) return 'finished';
  if (code === STOPPED) return 'was stopped';
  if (code === null)
    return `ended without a word${why === undefined ? ' (killed, or its machine went down)' : `: ${why}`}`;
  if (code === 137) return 'was killed by signal 9, as happens when memory runs out';
  return code > 128 ? `was ended by signal ${code - 128}` : `ended with exit code ${code}`;
}

function failure(job: ProcessJob, { code, problem, words }: ProcessEnd): StemmaError {
  const log = `Its log: ${job.folder}/log.txt`;
  if (problem === null) {
    const tail = logTail(job.folder);
    const place = { file: job.folder };
    if (code !== null && NO_PROGRAM.includes(code))
      return new MissingPartError(`the training of ${job.stage} cannot be started:\n${tail}`, {
        place,
        remedy:
          'Name the Python that trains (training: { python: .venv/bin/python } in the study), or the command in the recipe. `stemma doctor` says what is there.',
      });
    return new StemmaError(
      `the training of ${job.stage} ${words}, and saved nothing new${tail === '' ? '' : `:\n${tail}`}`,
      {
        place,
        remedy: /No module named/.test(tail) ? `${log}. \`stemma doctor\` lists Python's packages.` : log,
      },
    );
  }
  const given = problem.code ?? code ?? 1;
  const message = `the training of ${job.stage} failed: ${problem.problem}`;
  const details = { place: { file: job.folder }, remedy: problem.remedy || log };
  if (USERS_MISTAKE.includes(given)) return new InputError(message, details);
  return given === MACHINES_FAULT
    ? new MissingPartError(message, details)
    : new StemmaError(message, details);
}

/** Turns steps into progress: speed and time left are of this session alone. */
class SpeedMeter {
  readonly #job: ProcessJob;
  readonly #options: SupervisionOptions;
  #first: { at: number; step: number; tokens: number } | null = null;
  #loss: number | null = null;
  lastStep: number | null = null;

  constructor(job: ProcessJob, options: SupervisionOptions) {
    this.#job = job;
    this.#options = options;
  }

  saw({ step, steps, loss, tokens, watched }: Step): void {
    this.lastStep = step;
    this.#loss = this.#loss === null ? loss : 0.95 * this.#loss + 0.05 * loss;
    this.#first ??= { at: performance.now(), step, tokens: tokens ?? 0 };
    const seconds = (performance.now() - this.#first.at) / 1000;
    const done = step - this.#first.step;
    this.#options.onProgress?.({
      stage: this.#job.stage,
      step,
      steps,
      loss: this.#loss,
      tokensPerSecond: seconds === 0 ? 0 : ((tokens ?? 0) - this.#first.tokens) / seconds,
      etaSeconds: done === 0 ? 0 : (seconds / done) * (steps - step),
      watched: watched ?? {},
    });
  }
}
