import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import {
  type ExecOptions,
  type ExecResult,
  type FileTree,
  type Sandbox,
  SandboxError,
  type Sandboxes,
  SandboxFileError,
} from '../../core/index.ts';

/** What a command of the test's own does; what it leaves out is success without output. */
export type MemoryExec = (
  command: readonly string[] | string,
  options: ExecOptions,
  files: Map<string, string>,
) => Partial<ExecResult> | Promise<Partial<ExecResult>>;

export interface MemorySandbox extends Sandbox {
  /** By absolute path. */
  readonly files: Map<string, string>;
  /** Every command so far, as it was given. */
  readonly commands: (readonly string[] | string)[];
  /** From now on every call throws a SandboxError, as when the room is gone. */
  die(): void;
  readonly disposed: boolean;
}

/**
 * A sandbox for tests of logic: files in memory, and commands that a function answers. The command that the bash tool was
 * given is the last argument of what it runs (`bashLine`).
 */
export function memorySandbox({
  files = {},
  exec = () => ({}),
  workdir = '/workspace',
}: {
  readonly files?: Readonly<Record<string, string>>;
  readonly exec?: MemoryExec;
  readonly workdir?: string;
} = {}): MemorySandbox {
  const at = (path: string) => posix.resolve(workdir, path);
  const content = new Map(Object.entries(files).map(([path, text]) => [at(path), text]));
  const commands: (readonly string[] | string)[] = [];
  let dead = false;
  let disposed = false;
  const alive = () => {
    if (dead || disposed) throw new SandboxError('the sandbox is gone');
  };
  return {
    engine: 'bubblewrap',
    workdir,
    files: content,
    commands,
    die: () => {
      dead = true;
    },
    get disposed() {
      return disposed;
    },
    async exec(command, options = {}) {
      alive();
      options.signal?.throwIfAborted();
      commands.push(command);
      return { ...success, ...(await unlessAborted(exec(command, options, content), options.signal)) };
    },
    async readFile(path, { maxBytes = 16 << 20 } = {}) {
      alive();
      const text = content.get(at(path));
      if (text === undefined) throw new SandboxFileError(`${path}: there is no such file`);
      const bytes = new TextEncoder().encode(text);
      if (bytes.length > maxBytes) throw new SandboxFileError(`${path} is larger than ${maxBytes} bytes`);
      return bytes;
    },
    async writeFile(path, data) {
      alive();
      content.set(at(path), typeof data === 'string' ? data : new TextDecoder().decode(data));
    },
    async snapshot(folder = workdir) {
      alive();
      return treeOf(content, at(folder));
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
    },
  };
}

/** Opens memory sandboxes, and keeps them to be looked at. */
export function memorySandboxes(
  open: () => MemorySandbox = () => memorySandbox(),
): Sandboxes & { readonly opened: readonly MemorySandbox[] } {
  const opened: MemorySandbox[] = [];
  return {
    engine: 'bubblewrap',
    opened,
    async open({ files = {} }, signal) {
      signal.throwIfAborted();
      const sandbox = open();
      for (const [path, { data }] of Object.entries(files)) await sandbox.writeFile(path, data);
      opened.push(sandbox);
      return sandbox;
    },
    async [Symbol.asyncDispose]() {
      for (const sandbox of opened) await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** The command line that the bash tool was asked to run. */
export function bashLine(command: readonly string[] | string): string {
  if (typeof command === 'string') return command;
  // sh -c SHELL sh WRAPPER bash LINE
  return command.at(-1)!;
}

const success: ExecResult = {
  exitCode: 0,
  stdout: '',
  stderr: '',
  dropped: { stdout: 0, stderr: 0 },
  durationMs: 1,
};

function unlessAborted<T>(work: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    Promise.resolve(work).then(resolve, reject);
  });
}

function treeOf(files: ReadonlyMap<string, string>, folder: string): FileTree {
  const below = [...files].filter(([path]) => path.startsWith(`${folder}/`)).sort();
  return new Map(
    below.map(([path, text]) => {
      const digest = createHash('sha256').update(text).digest('hex');
      return [
        path.slice(folder.length + 1),
        { kind: 'file', mode: 0o644, bytes: Buffer.byteLength(text), digest },
      ];
    }),
  );
}
