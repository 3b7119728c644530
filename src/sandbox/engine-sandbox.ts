import {
  type ExecOptions,
  type ExecResult,
  type FileTree,
  type Sandbox,
  type SandboxEngine,
  SandboxError,
  type SandboxSpec,
} from '../core/index.ts';
import { execResult, type RawResult, tooLong } from './inside.ts';
import { readInside, snapshotInside, writeAllInside, writeInside } from './inside-files.ts';

/** `commands`: of the task, held by its limit on processes. `own`: what reads and writes files for us, and is not. */
export type CommandKind = 'commands' | 'own';

export interface EngineSandboxOptions {
  readonly workdir: string;
  /** Id of the ordinary user. */
  readonly agent: number;
  /** Called once, when it has been disposed of. */
  readonly onDispose: () => void;
}

/** A sandbox of any engine: engines differ in how they run a command, and files are read and written by commands. */
export abstract class EngineSandbox implements Sandbox {
  abstract readonly engine: SandboxEngine;
  readonly workdir: string;
  readonly #agent: number;
  readonly #onDispose: () => void;
  #disposed: Promise<void> | undefined;

  constructor({ workdir, agent, onDispose }: EngineSandboxOptions) {
    this.workdir = workdir;
    this.#agent = agent;
    this.#onDispose = onDispose;
  }

  protected abstract run(
    command: readonly string[] | string,
    options: ExecOptions,
    kind: CommandKind,
  ): Promise<RawResult>;
  protected abstract readonly alive: boolean;
  /** Gives up what the sandbox is made of. */
  protected abstract close(): Promise<void>;

  /** What we run ourselves does not fail for want of a process that the task has used up. */
  readonly #runOwn = (command: readonly string[] | string, options: ExecOptions = {}): Promise<RawResult> =>
    this.run(command, options, 'own');

  async exec(command: readonly string[] | string, options: ExecOptions = {}): Promise<ExecResult> {
    return tooLong(command) ?? execResult(await this.run(command, options, 'commands'));
  }

  async readFile(path: string, { maxBytes }: { maxBytes?: number } = {}): Promise<Uint8Array> {
    return readInside(this.#runOwn, path, maxBytes);
  }

  async writeFile(path: string, data: Uint8Array | string, { mode }: { mode?: number } = {}): Promise<void> {
    return writeInside(this.#runOwn, path, data, mode);
  }

  /** Before the first command: files that are anywhere, whoever may write there. */
  async writeFiles(files: NonNullable<SandboxSpec['files']>): Promise<void> {
    return writeAllInside(this.#runOwn, { files, workdir: this.workdir, owner: this.#agent });
  }

  async snapshot(folder = this.workdir): Promise<FileTree> {
    return snapshotInside(this.#runOwn, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.close().finally(this.#onDispose);
    return this.#disposed;
  }

  /** @throws SandboxError when it does not live any more */
  protected mustLive(): void {
    if (this.#disposed !== undefined) throw new SandboxError('the sandbox has been closed');
    if (!this.alive) throw new SandboxError('the sandbox has died');
  }
}
