import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { SandboxError, type SandboxLimits } from '../../core/index.ts';
import { coveringInherited } from '../inherited.ts';
import { writableBytes } from '../limits.ts';
import { childrenOf } from './descendants.ts';
import { AGENT_ID, identity } from './identity.ts';
import { isReachable, type Layout, placeFor, systemArguments } from './layout.ts';
import type { Programs } from './programs.ts';

const SCRIPT = readFileSync(new URL('./container.sh', import.meta.url), 'utf8');
/** The container's own process. It reports that everything is mounted, and ends when its input closes, also by our death. */
const PAUSE = 'echo ready; read -r _';
const OPENING_MS = 30_000;

interface ContainerOptions {
  readonly layout: Layout;
  readonly limits: SandboxLimits;
  readonly programs: Programs;
  /** How an image's changes are kept apart from it; `null`: it is copied. */
  readonly overlay: string | null;
  /** Folders of control groups that the container's own processes join. */
  readonly cgroups: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * A running bubblewrap in which only a shell waits. Commands are run in its namespaces and mounts. It ends when it is
 * closed, or when this process ends.
 */
export class Container {
  readonly #child: ChildProcess;
  /** Process id of bubblewrap itself, which stays outside of the container's process namespace. */
  readonly outer: number;
  /** Process id, on the host, of the container's first process. Its namespaces are those of the container. */
  readonly inner: number;
  /** Process id, on the host, of the shell that waits in the container. */
  readonly pause: number;
  /** Resolves with the reason once the last process of the container has been told to end. */
  readonly ended: Promise<string>;
  #alive = true;

  constructor(child: ChildProcess, inner: number, ended: Promise<string>) {
    // No command has been run yet, so it is the only child.
    this.pause = childrenOf(inner)[0] ?? 0;
    this.#child = child;
    this.outer = child.pid!;
    this.inner = inner;
    this.ended = ended;
    void ended.then(() => {
      this.#alive = false;
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Ends every process of the container, and waits until the last is gone. */
  async close(): Promise<void> {
    this.#child.ref();
    // The kernel ends all other processes with the first one. Bubblewrap notices and ends by itself.
    if (this.#alive) killIfThere(this.inner);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.ended;
    clearTimeout(late);
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** @throws SandboxError saying what bubblewrap said; the signal's reason */
export async function openContainer(options: ContainerOptions): Promise<Container> {
  const { layout, programs, signal } = options;
  signal.throwIfAborted();
  const mounts = planMounts(layout);
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'container', 'enter', ...mounts.staged], {
    cwd: '/',
    detached: true,
    env: environmentOf(options, mounts.place),
    stdio: coveringInherited(['pipe', 'pipe', 'pipe', 'pipe', 'pipe']),
  });
  try {
    return await withPatience(begin(child, bwrapArguments(layout, mounts)), child, signal);
  } catch (error) {
    child.kill('SIGKILL');
    if (error === signal.reason || error instanceof SandboxError) throw error;
    throw new SandboxError(`a sandbox could not be opened: ${(error as Error).message}`, {
      cause: error,
      remedy: `stemma doctor says what ${programs.bwrap} can do here`,
    });
  }
}

async function begin(child: ChildProcess, bwrap: readonly string[]): Promise<Container> {
  const [stdin, stdout, stderr, args, info] = child.stdio as unknown as [
    Writable,
    Readable,
    Readable,
    Writable,
    Readable,
  ];
  const said = collect(stderr);
  const about = flatObject(info);
  for (const stream of [stdin, args]) stream.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) =>
      resolve(said() || `bubblewrap ended (${signal ?? `exit code ${code}`})`),
    );
  });
  const lines = lineReader(stdout, ended);
  args.end(bwrap.map((argument) => `${argument}\0`).join(''));
  if (identity.kind === 'range') {
    await lines('unshared');
    const map = `0 ${identity.first} ${identity.count}\n`;
    writeFileSync(`/proc/${child.pid}/uid_map`, map);
    writeFileSync(`/proc/${child.pid}/gid_map`, map);
    stdin.write('mapped\n');
  }
  await lines('ready');
  for (const stream of [stdin, stdout, stderr, args, info])
    (stream as unknown as { unref?(): void }).unref?.();
  child.unref();
  return new Container(child, (JSON.parse(await about) as { 'child-pid': number })['child-pid'], ended);
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < 8192) text += chunk;
  });
  return () => text.trim();
}

/** The JSON object that bubblewrap writes about itself: on a busy machine it can come after the container's first line. */
function flatObject(stream: Readable): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('}')) resolve(text);
    });
  });
}

/** Waits for a line of output. Rejects with the container's error output if it ends first. */
function lineReader(stdout: Readable, ended: Promise<string>): (line: string) => Promise<void> {
  let text = '';
  let look = () => {};
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    look();
  });
  return (line) =>
    new Promise((resolve, reject) => {
      look = () => {
        if (text.split('\n').includes(line)) resolve();
      };
      look();
      void ended.then((why) => reject(new Error(why)));
    });
}

async function withPatience<T>(work: Promise<T>, child: ChildProcess, signal: AbortSignal): Promise<T> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(OPENING_MS)]);
  const stop = () => child.kill('SIGKILL');
  patience.addEventListener('abort', stop, { once: true });
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted) throw new SandboxError(`a sandbox was not open after ${OPENING_MS / 1000} s`);
    throw error;
  } finally {
    patience.removeEventListener('abort', stop);
  }
}

/** Where the container's own file system is mounted on the host's, in a mount namespace of its own. */
interface Mounts {
  readonly place: string;
  /** Sources that the inside's user can't get to by their own path. */
  readonly staged: readonly string[];
}

function planMounts({ binds, root }: Layout): Mounts {
  const sources = [...new Set(binds.map(({ source }) => source))];
  return {
    place: placeFor(root === null ? sources : [root, ...sources]),
    staged: sources.filter((source) => !isReachable(source)),
  };
}

function environmentOf(
  { layout, limits, programs, overlay, cgroups }: ContainerOptions,
  place: string,
): Record<string, string> {
  const owner = (id: number) =>
    identity.kind === 'range' ? `${identity.first + id}:${identity.first + id}` : '';
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    CONTAINER_SCRIPT: SCRIPT,
    CONTAINER_PAUSE: PAUSE,
    CONTAINER_WORKING_FOLDER: place,
    CONTAINER_BYTES: String(writableBytes(limits)),
    CONTAINER_INODES: String(Math.max(4096, Math.ceil(writableBytes(limits) / 4096))),
    CONTAINER_CGROUPS: cgroups.join(' '),
    CONTAINER_IMAGE: layout.root ?? '',
    CONTAINER_OVERLAY: overlay ?? '',
    CONTAINER_OWNED: layout.owned ? 'yes' : '',
    CONTAINER_TREES: layout.trees.map(({ from }) => from).join('\n'),
    CONTAINER_UNSHARE: programs.unshare,
    CONTAINER_PRIVACY: identity.kind === 'range' ? '--mount' : '--user --map-root-user --mount',
    CONTAINER_BWRAP: programs.bwrap,
    CONTAINER_SETPRIV: programs.setpriv,
    CONTAINER_ENV: programs.env,
    CONTAINER_OWNER: owner(0),
    CONTAINER_AGENT: owner(AGENT_ID),
  };
}

function bwrapArguments({ root, trees, binds }: Layout, { place, staged }: Mounts): string[] {
  const seen = (source: string) =>
    staged.includes(source) ? `${place}/staged/${staged.indexOf(source)}` : source;
  return [
    '--die-with-parent',
    '--new-session',
    ...['pid', 'net', 'ipc', 'uts'].map((name) => `--unshare-${name}`),
    '--unshare-cgroup-try',
    ...(identity.kind === 'single'
      ? ['--unshare-user', '--uid', String(AGENT_ID), '--gid', String(AGENT_ID)]
      : []),
    ...['--cap-drop', 'ALL', '--clearenv', '--hostname', 'sandbox', '--info-fd', '4'],
    ...(root === null ? systemArguments() : ['--bind', `${place}/root`, '/']),
    ...['--proc', '/proc', '--dev', '/dev', '--bind', `${place}/shm`, '/dev/shm', '--remount-ro', '/dev'],
    ...trees.flatMap(({ from, path }) => [
      ...(root === null ? foldersAbove(path) : []),
      ...['--bind', `${place}/${from}`, path],
    ]),
    ...binds.flatMap(({ source, path, readOnly }) => [
      ...(root === null ? foldersAbove(path) : []),
      ...[readOnly ? '--ro-bind' : '--bind', seen(source), path],
    ]),
    ...['--remount-ro', '/', '--chdir', '/'],
  ];
}

/** Bubblewrap creates the folders above a bind mount for itself alone. These can be read by everybody. */
function foldersAbove(path: string): string[] {
  const above = posix.dirname(path);
  return above === '/' ? [] : [...foldersAbove(above), '--perms', '0755', '--dir', above];
}
