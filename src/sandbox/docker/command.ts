import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { SandboxError, type SandboxLimits } from '../../core/index.ts';
import type { RawResult } from '../inside.ts';
import type { DockerCli } from './cli.ts';
import { type CommandEnding, MarkedStream } from './marks.ts';

const BEGIN = script('./begin.sh');
const END = script('./end.sh');
/** After a command has ended, processes that it left may hold its streams open, and the client with them. */
const SETTLE_MS = 150;
const KILL_PATIENCE_MS = 20_000;
/** How often a command is begun again while the processes of the sandbox are used up, and how long is waited between. */
const FULL_TRIES = 4;
const FULL_PAUSE_MS = 500;

/** A container, as a command needs it. */
export interface RunningContainer {
  readonly cli: DockerCli;
  readonly id: string;
  /** Path inside of an init that can be a subreaper; `''` where there is none. */
  readonly init: string;
  readonly limits: SandboxLimits;
}

interface ContainerCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** `uid:gid` */
  readonly user: string;
  /** Processes and threads of its user at once; `null`: those that are spared for the engine too. */
  readonly processes: number | null;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
}

/** What became of a command, before the cause of a SIGKILL is looked for. */
export interface Ended extends RawResult {
  readonly stopped?: 'time' | 'signal';
}

/** A script without its comments, which would be in the list of processes that the inside sees. */
function script(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8').replace(/^\s*#.*\n/gm, '');
}

/** The arguments before a script that root of a container runs. */
export function asRoot(id: string): string[] {
  return ['exec', '--user', '0:0', id, '/bin/sh', '-c'];
}

/** @throws SandboxError when the container is gone or can't be entered */
export async function runCommand(container: RunningContainer, command: ContainerCommand): Promise<Ended> {
  for (let tries = 1; ; tries += 1) {
    const ended = await attempt(container, command);
    if (!('refused' in ended)) return ended;
    if (tries === FULL_TRIES || ended.stopped) return fullOf(container, ended);
    await pause(FULL_PAUSE_MS);
  }
}

interface Refused {
  readonly refused: true;
  readonly stopped: boolean;
  readonly durationMs: number;
}

async function attempt(
  { cli, id, init, limits }: RunningContainer,
  command: ContainerCommand,
): Promise<Ended | Refused> {
  const started = performance.now();
  const mark = `stemma-${randomBytes(12).toString('hex')}`;
  const child = cli.spawn(
    execArguments(id, init, mark, command),
    command.stdin === undefined ? 'ignore' : 'pipe',
  );
  const stdout = new MarkedStream(mark, command.maxOutputBytes);
  const stderr = new MarkedStream(mark, command.maxOutputBytes);
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  child.stdin?.on('error', () => {});
  if (command.stdin !== undefined) child.stdin?.end(command.stdin);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new SandboxError(`${cli.program} can't be started: ${error.message}`)),
    );
    child.once('close', resolve);
  });
  const stopper = stopAt(command);
  const ended = Promise.all([stdout.ended, stderr.ended]);
  const over = Promise.race([closed, ended]).then(() => undefined);
  const stopped = await Promise.race([over, stopper.stopped]);
  if (stopped) await endCommand({ cli, id, init, limits }, mark, closed);
  stopper.clear();
  const durationMs = performance.now() - started;
  const client = await Promise.race([closed, pause(SETTLE_MS, null, { ref: false })]);
  child.kill('SIGKILL');
  if (!stderr.begun && !stopped) return refusal(stderr.before || stdout.before, durationMs);
  const [output, errors] = [stdout.finish(), stderr.finish()];
  return {
    ...outcome(stopped ? KILLED : (stderr.ending ?? unmarked(client))),
    stdout: output.bytes,
    stderr: errors.bytes,
    dropped: { stdout: output.dropped, stderr: errors.dropped },
    durationMs,
    ...(stopped && { stopped }),
  };
}

function execArguments(id: string, init: string, mark: string, command: ContainerCommand): string[] {
  return [
    ...['exec', '--user', command.user, ...(command.stdin === undefined ? [] : ['--interactive']), id],
    // The mark is in the first line of the arguments, where `end.sh` looks for it.
    ...['/bin/sh', '-c', `# ${mark}\n${BEGIN}`, 'begin', mark, init, command.cwd],
    command.processes === null ? '' : String(command.processes),
    ...Object.entries(command.env).map(([name, value]) => `${name}=${value}`),
    ...command.argv,
  ];
}

function stopAt({ timeoutMs, signal }: ContainerCommand): {
  stopped: Promise<'time' | 'signal'>;
  clear: () => void;
} {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<'time' | 'signal'>();
  const timer = setTimeout(() => stop('time'), timeoutMs);
  const abort = () => stop('signal');
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return {
    stopped,
    clear: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

/** Ends a command with all its children, and where that can't be done in time, the container. */
async function endCommand(
  { cli, id }: RunningContainer,
  mark: string,
  closed: Promise<unknown>,
): Promise<void> {
  const { code } = await cli.call([...asRoot(id), END, 'end', mark], { timeoutMs: KILL_PATIENCE_MS });
  const gone =
    code === 0 &&
    (await Promise.race([closed.then(() => true), pause(KILL_PATIENCE_MS, false, { ref: false })]));
  if (!gone) await cli.call(['kill', id]);
}

const KILLED: CommandEnding = { how: 'signal', code: 128 + constants.signals.SIGKILL };

/** What marks the end was killed itself; all that is known is the client's exit code. */
function unmarked(code: number | null): CommandEnding {
  return code === null ? KILLED : { how: code > 128 ? 'signal' : 'exit', code };
}

function outcome({ how, code }: CommandEnding): { exitCode: number | null; signal?: string } {
  if (how === 'exit') return { exitCode: code };
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return { exitCode: null, signal: name ?? `signal ${code - 128}` };
}

function refusal(said: string, durationMs: number): Refused {
  // The sandbox is well, and full: its processes are used up by what earlier commands left behind.
  if (/resource temporarily unavailable|cannot fork|failed to create new OS thread/i.test(said))
    return { refused: true, stopped: false, durationMs };
  throw new SandboxError(`the sandbox can't be entered: ${said.split('\n').at(-1) || 'it is gone'}`);
}

function fullOf({ limits }: RunningContainer, { durationMs }: Refused): Ended {
  const text = `cannot fork: the sandbox is full of processes (at most ${limits.processes})\n`;
  return {
    exitCode: 126,
    stdout: Buffer.alloc(0),
    stderr: Buffer.from(text),
    dropped: { stdout: 0, stderr: 0 },
    durationMs,
  };
}
