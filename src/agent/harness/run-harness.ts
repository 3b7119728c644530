import { join } from 'node:path/posix';
import { type ExecResult, InputError, SandboxError, SandboxFileError } from '../../core/index.ts';
import { MOST_TIMER_MS } from '../../core/most-timer.ts';
import type { AgentOptions } from '../agent.ts';
import { BridgeSession } from '../bridge/session.ts';
import { Clock } from '../clock.ts';
import { LinkedAbort } from '../linked-abort.ts';
import type { FoundHarness } from './find.ts';
import type { Launch } from './harness.ts';
import { type HarnessOutcome, harnessOutcome } from './harness-outcome.ts';
import { INSIDE, type OpenHarness } from './open-harness.ts';

/** The sandbox is open with `harness.spec(…)`. */
export interface HarnessOptions
  extends Pick<AgentOptions, 'subject' | 'sandbox' | 'sampling' | 'signal' | 'limits'> {
  readonly harness: OpenHarness;
  readonly prompt: string;
  /** Added to the CLI's own system text. */
  readonly system?: string;
}

/** Settings and sessions of the CLI are here; its tools have the sandbox's own HOME. Not in /tmp: Codex wants it elsewhere. */
const HOME = '/home/agent/.stemma-harness';
/** How long a CLI may take to end by itself once its session is over. */
const GRACE_MS = 10_000;
/** Node sizes its heap by the host's memory, of which the sandbox has a part. */
const HEAP_MIB = 512;
/** An argument of a program holds 128 KiB on Linux; some is left for what is around it. */
const LONGEST_ARGUMENT = 120_000;

/**
 * Lets a CLI of somebody else's act in a sandbox, with the checkpoint under study in the place of its own model, until the CLI
 * ends, a limit does, or something fails. The counterpart of `runAgent`: same limits, same outcome.
 *
 * @throws once the signal aborts, on a fatal ModelError, and InputError for a prompt that the CLI can't be given
 */
export async function runHarness(options: HarnessOptions): Promise<HarnessOutcome> {
  const { harness, subject, prompt, system, sampling, signal, limits } = options;
  const launch = harness.found.kind.launch({ prompt, system, home: HOME });
  checkLength(launch);
  using clock = new Clock(signal, limits.timeMs);
  using stop = new Stop(clock.signal);
  const session = new BridgeSession({
    subject,
    sampling,
    limits,
    clock,
    prompt,
    onEnd: () => stop.in(GRACE_MS),
  });
  harness.bridge.attach(session);
  let ended: ExecResult | SandboxError | 'stopped';
  try {
    ended = await execute(options, launch, stop.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SandboxError) ended = error;
    else if (error instanceof SandboxFileError) ended = new SandboxError(error.message, { cause: error });
    else if (stop.signal.aborted) ended = 'stopped';
    else throw error;
  } finally {
    harness.bridge.detach();
  }
  // A CLI may end by itself in the moment of the abort.
  signal.throwIfAborted();
  if (clock.expired) session.close({ ended: 'time', value: limits.timeMs! });
  if (session.end?.ended === 'model-error' && session.end.error.fatal) throw session.end.error;
  return harnessOutcome({
    session,
    ended,
    launch,
    found: harness.found,
    sampling,
    elapsedMs: clock.elapsedMs,
  });
}

async function execute(
  { harness, sandbox }: HarnessOptions,
  launch: Launch,
  signal: AbortSignal,
): Promise<ExecResult> {
  for (const [path, text] of Object.entries(launch.files)) await sandbox.writeFile(join(HOME, path), text);
  const program = programInside(harness.found);
  return sandbox.exec([INSIDE.node, INSIDE.relay, INSIDE.socket, ...program, ...launch.args], {
    env: launch.env,
    stdin: launch.stdin ?? '',
    // What ends a trial is its own limit.
    timeoutMs: MOST_TIMER_MS,
    signal,
  });
}

function programInside({ program: { path, runs } }: FoundHarness): readonly string[] {
  const file = path === '' ? INSIDE.cli : join(INSIDE.cli, path);
  return runs === 'node' ? [INSIDE.node, `--max-old-space-size=${HEAP_MIB}`, file] : [file];
}

/** @throws InputError for a text that no program can be started with */
function checkLength({ args }: Launch): void {
  const longest = Math.max(...args.map((argument) => Buffer.byteLength(argument)));
  if (longest <= LONGEST_ARGUMENT) return;
  throw new InputError(`a prompt of ${longest} bytes is too long for a command line`, {
    remedy: `Put what is more than ${LONGEST_ARGUMENT} bytes into a file of the task.`,
  });
}

/** Ends the CLI: at once with the trial's clock, or some time after its session is over. */
class Stop extends LinkedAbort {
  #timer: NodeJS.Timeout | undefined;

  in(ms: number): void {
    this.#timer ??= setTimeout(() => this.abort(new Error('the session is over')), ms);
  }

  override [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    super[Symbol.dispose]();
  }
}
