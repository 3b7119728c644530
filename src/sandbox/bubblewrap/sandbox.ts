import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { posix } from 'node:path';
import {
  type ExecOptions,
  type ExecResult,
  type FileTree,
  type Sandbox,
  SandboxError,
  type SandboxLimits,
} from '../../core/index.ts';
import { execResult, type RawResult } from '../inside.ts';
import { readInside, snapshotInside, writeInside } from '../inside-files.ts';
import { enter } from './enter.ts';
import { HOME } from './layout.ts';
import type { Pipes } from './pipes.ts';
import type { Programs } from './programs.ts';
import type { Room } from './room.ts';
import { Stream } from './stream.ts';

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

export interface BubblewrapOptions {
  readonly room: Room;
  readonly workdir: string;
  readonly limits: SandboxLimits;
  readonly env: Readonly<Record<string, string>>;
  readonly programs: Programs;
  readonly pipes: Pipes;
  readonly cgroups: readonly string[];
  /** Called once, when it has been disposed of. */
  readonly onDispose: () => void;
}

export class BubblewrapSandbox implements Sandbox {
  readonly engine = 'bubblewrap';
  readonly workdir: string;
  readonly #options: BubblewrapOptions;
  readonly #streams = new Set<Stream>();
  #disposed: Promise<void> | undefined;

  constructor(options: BubblewrapOptions) {
    this.#options = options;
    this.workdir = options.workdir;
  }

  async exec(command: readonly string[] | string, options: ExecOptions = {}): Promise<ExecResult> {
    return execResult(await this.#run(command, options));
  }

  async readFile(path: string, { maxBytes }: { maxBytes?: number } = {}): Promise<Uint8Array> {
    return readInside(this.#run, path, maxBytes);
  }

  async writeFile(path: string, data: Uint8Array | string, { mode }: { mode?: number } = {}): Promise<void> {
    return writeInside(this.#run, path, data, mode);
  }

  async snapshot(folder = this.workdir): Promise<FileTree> {
    return snapshotInside(this.#run, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    await this.#options.room.close();
    for (const stream of this.#streams) stream.close();
    this.#options.onDispose();
  }

  readonly #run = async (
    command: readonly string[] | string,
    options: ExecOptions = {},
  ): Promise<RawResult> => {
    const { room, limits, pipes } = this.#options;
    options.signal?.throwIfAborted();
    this.#mustLive();
    const started = performance.now();
    const [out, err] = [await pipes.fromChild(), await pipes.fromChild()];
    const input = options.stdin === undefined ? undefined : await pipes.toChild();
    const [program, ...args] = enter(this.#options, command, this.#place(options)) as [string, ...string[]];
    const child = spawn(program, args, {
      cwd: '/',
      env: {},
      detached: true,
      stdio: [input?.theirs ?? 'ignore', out.theirs, err.theirs],
    });
    for (const pipe of [out, err, input]) if (pipe) closeSync(pipe.theirs);
    if (input) feed(input.ours, options.stdin!);
    const maxBytes = options.maxOutputBytes ?? limits.outputBytes;
    const [stdout, stderr] = [new Stream(out.ours, maxBytes), new Stream(err.ours, maxBytes)];
    this.#streams.add(stdout).add(stderr);
    const kill = () => child.kill('SIGKILL');
    const timer = setTimeout(kill, options.timeoutMs ?? limits.timeoutMs);
    const { exitCode, signal } = await ending(child);
    clearTimeout(timer);
    const durationMs = performance.now() - started;
    const [output, errors] = [stdout.finish(), stderr.finish()];
    if (!room.alive) this.#mustLive();
    return {
      exitCode,
      ...(signal === null ? {} : { signal }),
      stdout: output.bytes,
      stderr: errors.bytes,
      dropped: { stdout: output.dropped, stderr: errors.dropped },
      durationMs,
    };
  };

  #place({ cwd = '.', user = 'agent', env = {} }: ExecOptions) {
    const names =
      user === 'agent'
        ? { HOME, USER: 'agent', LOGNAME: 'agent' }
        : { HOME: '/root', USER: 'root', LOGNAME: 'root' };
    return {
      user,
      cwd: posix.resolve(this.workdir, cwd),
      env: { ...ENVIRONMENT, ...names, ...this.#options.env, ...env },
    };
  }

  #mustLive(): void {
    if (this.#disposed !== undefined) throw new SandboxError('the sandbox has been closed');
    if (!this.#options.room.alive) throw new SandboxError('the sandbox has died');
  }
}

function feed(fd: number, data: string | Uint8Array): void {
  const socket = new Socket({ fd, readable: false, writable: true });
  // A command need not read what it is given.
  socket.on('error', () => {});
  socket.end(data);
}

function ending(child: ChildProcess): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new SandboxError(`a command can't be started: ${error.message}`)));
    child.on('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
