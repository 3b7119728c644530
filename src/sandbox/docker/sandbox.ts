import { posix } from 'node:path';
import {
  type ExecOptions,
  type ExecResult,
  type FileTree,
  type Sandbox,
  SandboxError,
  type SandboxSpec,
} from '../../core/index.ts';
import { DEFAULT_PATH } from '../image/instructions.ts';
import { execResult, type RawResult, tooLong } from '../inside.ts';
import { readInside, snapshotInside, writeAllInside, writeInside } from '../inside-files.ts';
import { type Ended, type RunningContainer, runCommand } from './command.ts';
import { HOME } from './layout.ts';

const OOM_KILLS =
  'cat /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events 2>/dev/null; exit 0';

interface DockerSandboxOptions {
  readonly container: RunningContainer;
  readonly workdir: string;
  /** Id of the ordinary user. */
  readonly agent: number;
  readonly env: Readonly<Record<string, string>>;
  /** Of a command of the ordinary user's, at once. */
  readonly processes: number | null;
  /** Called once, when it has been disposed of. */
  readonly onDispose: () => void;
}

/** A container in which nothing runs of its own, and commands by `docker exec`. */
export class DockerSandbox implements Sandbox {
  readonly engine = 'docker';
  readonly workdir: string;
  readonly #options: DockerSandboxOptions;
  #oomKills = 0;
  #disposed: Promise<void> | undefined;
  #died = false;

  constructor(options: DockerSandboxOptions) {
    this.#options = options;
    this.workdir = options.workdir;
  }

  get id(): string {
    return this.#options.container.id;
  }

  async exec(command: readonly string[] | string, options: ExecOptions = {}): Promise<ExecResult> {
    return tooLong(command) ?? execResult(await this.#run(command, options, this.#options.processes));
  }

  async readFile(path: string, { maxBytes }: { maxBytes?: number } = {}): Promise<Uint8Array> {
    return readInside(this.#run, path, maxBytes);
  }

  async writeFile(path: string, data: Uint8Array | string, { mode }: { mode?: number } = {}): Promise<void> {
    return writeInside(this.#run, path, data, mode);
  }

  /** Before the first command: files that are anywhere, whoever may write there. */
  async writeFiles(files: NonNullable<SandboxSpec['files']>): Promise<void> {
    return writeAllInside(this.#run, { files, workdir: this.workdir, owner: this.#options.agent });
  }

  async snapshot(folder = this.workdir): Promise<FileTree> {
    return snapshotInside(this.#run, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    const { container, onDispose } = this.#options;
    try {
      const { code, stderr } = await container.cli.call(['rm', '--force', container.id]);
      if (code !== 0 && !/no such container|already in progress/i.test(stderr))
        throw new SandboxError(`a sandbox could not be closed: ${stderr}`);
    } finally {
      onDispose();
    }
  }

  readonly #run = async (
    command: readonly string[] | string,
    options: ExecOptions = {},
    processes: number | null = null,
  ): Promise<RawResult> => {
    const { container, agent, env } = this.#options;
    const { limits } = container;
    options.signal?.throwIfAborted();
    this.#mustLive();
    const user = options.user ?? 'agent';
    const ended = await runCommand(container, {
      argv: typeof command === 'string' ? ['/bin/sh', '-c', command] : command,
      cwd: posix.resolve(this.workdir, options.cwd ?? '.'),
      user: user === 'agent' ? `${agent}:${agent}` : '0:0',
      env: { PATH: DEFAULT_PATH, LANG: 'C.UTF-8', ...nameOf(user), ...env, ...options.env },
      processes: user === 'agent' ? processes : null,
      timeoutMs: options.timeoutMs ?? limits.timeoutMs,
      maxOutputBytes: options.maxOutputBytes ?? limits.outputBytes,
      ...(options.stdin !== undefined && { stdin: options.stdin }),
      ...(options.signal && { signal: options.signal }),
    });
    options.signal?.throwIfAborted();
    return this.#explained(ended);
  };

  async #explained({ stopped, ...result }: Ended): Promise<RawResult> {
    if (stopped === 'time') return { ...result, limit: 'time' };
    // A shell whose program was killed ends with 137 itself.
    if (result.signal !== 'SIGKILL' && result.exitCode !== 137) return result;
    const kills = await this.#countOomKills();
    const isMemory = kills > this.#oomKills;
    this.#oomKills = kills;
    return isMemory ? { ...result, exitCode: null, limit: 'memory' } : result;
  }

  /** @throws SandboxError when the container is gone: then the command was not ended by a limit */
  async #countOomKills(): Promise<number> {
    const { cli, id } = this.#options.container;
    const { code, stdout, stderr } = await cli.call([
      'exec',
      '--user',
      '0:0',
      id,
      '/bin/sh',
      '-c',
      OOM_KILLS,
    ]);
    if (code !== 0) {
      this.#died = true;
      throw new SandboxError(`the sandbox has died: ${stderr.split('\n').at(-1)}`);
    }
    return Number(/^oom_kill (\d+)$/m.exec(stdout.toString('utf8'))?.[1] ?? 0);
  }

  #mustLive(): void {
    if (this.#disposed !== undefined) throw new SandboxError('the sandbox has been closed');
    if (this.#died) throw new SandboxError('the sandbox has died');
  }
}

function nameOf(user: 'agent' | 'root'): Record<string, string> {
  return user === 'agent'
    ? { HOME, USER: 'agent', LOGNAME: 'agent' }
    : { HOME: '/root', USER: 'root', LOGNAME: 'root' };
}
