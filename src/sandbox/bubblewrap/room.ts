import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { SandboxError, type SandboxLimits } from '../../core/index.ts';
import { AGENT_ID, identity } from './identity.ts';
import { HOME, type Layout, systemArguments } from './layout.ts';
import type { Programs } from './programs.ts';

const SCRIPT = readFileSync(new URL('./room.sh', import.meta.url), 'utf8');
/** The room's own process: says that all is mounted, and ends when we close its input, or die. */
const KEEPER = 'echo ready; read -r _';
const OPENING_MS = 30_000;

export interface RoomOptions {
  readonly layout: Layout;
  readonly limits: SandboxLimits;
  readonly programs: Programs;
  /** A folder of the host's that does not exist yet; made here, and taken away when the room is closed. */
  readonly folder: string;
  /** Folders of control groups that every process of the room joins. */
  readonly cgroups: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * A running bubblewrap with nothing in it but a shell that waits: namespaces and mounts for commands to be run in. It
 * ends when it is closed, and when this process does.
 */
export class Room {
  readonly #child: ChildProcess;
  readonly #folder: string;
  /** Of bubblewrap itself, which stays outside of the room's process namespace. */
  readonly outer: number;
  /** Of the room's first process, as the host counts; its namespaces are those of the room. */
  readonly inner: number;
  /** Resolves when the last process of the room has been told to end, with why it ended. */
  readonly ended: Promise<string>;
  #alive = true;

  constructor(child: ChildProcess, folder: string, inner: number, ended: Promise<string>) {
    this.#child = child;
    this.#folder = folder;
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

  /** Ends every process of the room, waits until the last is gone, and takes the folder away. */
  async close(): Promise<void> {
    this.#child.ref();
    // The kernel ends all others with the first; bubblewrap then sees it gone and ends by itself.
    if (this.#alive) killIfThere(this.inner);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.ended;
    clearTimeout(late);
    await rm(this.#folder, { recursive: true, force: true });
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
export async function openRoom(options: RoomOptions): Promise<Room> {
  const { folder, programs, signal } = options;
  signal.throwIfAborted();
  await mkdir(folder, { mode: 0o700 });
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'room', 'enter', ...sourcesOf(options.layout)], {
    cwd: '/',
    detached: true,
    env: environmentOf(options),
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  try {
    return await withPatience(begin(child, options), child, signal);
  } catch (error) {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
    if (error === signal.reason || error instanceof SandboxError) throw error;
    throw new SandboxError(`a sandbox could not be opened: ${(error as Error).message}`, {
      cause: error,
      remedy: `stemma doctor says what ${programs.bwrap} can do here`,
    });
  }
}

async function begin(child: ChildProcess, { layout, folder }: RoomOptions): Promise<Room> {
  const [stdin, stdout, stderr, args, info] = child.stdio as unknown as [
    Writable,
    Readable,
    Readable,
    Writable,
    Readable,
  ];
  const said = collect(stderr);
  const about = collect(info);
  for (const stream of [stdin, args]) stream.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) =>
      resolve(said() || `bubblewrap ended (${signal ?? `exit code ${code}`})`),
    );
  });
  const lines = lineReader(stdout, ended);
  args.end(
    bwrapArguments(layout)
      .map((argument) => `${argument}\0`)
      .join(''),
  );
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
  return new Room(child, folder, (JSON.parse(about()) as { 'child-pid': number })['child-pid'], ended);
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < 8192) text += chunk;
  });
  return () => text.trim();
}

/** Waits for a line of the room's; rejects with what was said when the room ended instead. */
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

function sourcesOf({ binds }: Layout): string[] {
  return binds.map(({ source }) => source);
}

function environmentOf({ layout, limits, programs, folder, cgroups }: RoomOptions): Record<string, string> {
  const range = identity.kind === 'range' ? identity : undefined;
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    ROOM_SCRIPT: SCRIPT,
    ROOM_KEEPER: KEEPER,
    ROOM_FOLDER: folder,
    ROOM_BYTES: String(writableBytes(limits)),
    ROOM_INODES: String(Math.max(4096, Math.ceil(writableBytes(limits) / 4096))),
    ROOM_CGROUPS: cgroups.join(' '),
    ROOM_TREES: layout.trees.map(({ name }) => name).join(' '),
    ROOM_UNSHARE: programs.unshare,
    ROOM_PRIVACY: range ? '--mount' : '--user --map-root-user --mount',
    ROOM_BWRAP: programs.bwrap,
    ROOM_SETPRIV: programs.setpriv,
    ROOM_OWNER: range ? `${range.first}:${range.first}` : '',
    ROOM_AGENT: range ? `${range.first + AGENT_ID}:${range.first + AGENT_ID}` : '',
  };
}

/** Files written count as memory, so they may take up most of it at most: else a full disk would kill the room. */
export function writableBytes({ diskBytes, memoryBytes }: SandboxLimits): number {
  return Math.min(diskBytes, Math.floor(memoryBytes * 0.75));
}

function bwrapArguments(layout: Layout): string[] {
  const trees = [...layout.trees.map(({ name, path }) => ({ from: `/tmp/trees/${name}`, path }))];
  return [
    '--die-with-parent',
    '--new-session',
    ...['pid', 'net', 'ipc', 'uts'].map((name) => `--unshare-${name}`),
    '--unshare-cgroup-try',
    ...(identity.kind === 'single'
      ? ['--unshare-user', '--uid', String(AGENT_ID), '--gid', String(AGENT_ID)]
      : []),
    ...['--cap-drop', 'ALL', '--clearenv', '--hostname', 'sandbox', '--info-fd', '4'],
    ...systemArguments(),
    ...['--proc', '/proc', '--dev', '/dev', '--bind', '/tmp/shm', '/dev/shm', '--remount-ro', '/dev'],
    ...['--bind', '/tmp/tmp', '/tmp'],
    ...[{ from: '/tmp/home', path: HOME }, ...trees].flatMap(({ from, path }) => [
      ...foldersAbove(path),
      ...['--bind', from, path],
    ]),
    ...layout.binds.flatMap(({ path, readOnly }, i) => [
      ...foldersAbove(path),
      ...[readOnly ? '--ro-bind' : '--bind', `/tmp/binds/${i}`, path],
    ]),
    ...['--remount-ro', '/', '--chdir', '/'],
  ];
}

/** bubblewrap makes the folders above a bind for itself alone; these are for all. */
function foldersAbove(path: string): string[] {
  const above = posix.dirname(path);
  return above === '/' ? [] : [...foldersAbove(above), '--perms', '0755', '--dir', above];
}
