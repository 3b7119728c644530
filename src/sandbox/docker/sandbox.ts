import { posix } from 'node:path';
import { type ExecOptions, SandboxError, type SandboxSpec } from '../../core/index.ts';
import { type CommandKind, EngineSandbox, type EngineSandboxOptions } from '../engine-sandbox.ts';
import { DEFAULT_PATH } from '../image/instructions.ts';
import { HOME, type RawResult } from '../inside.ts';
import { asRoot, type Ended, type RunningContainer, runCommand } from './command.ts';

const OOM_KILLS =
  'cat /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events 2>/dev/null; exit 0';

interface DockerSandboxOptions extends EngineSandboxOptions {
  readonly container: RunningContainer;
  readonly env: Readonly<Record<string, string>>;
  /** Of a command of the ordinary user's, at once. */
  readonly processes: number | null;
  /** What the image has in its workdir, where that is a folder to be filled; else `null`. */
  readonly archive: Buffer | null;
}

/** A container in which nothing runs of its own, and commands by `docker exec`. */
export class DockerSandbox extends EngineSandbox {
  readonly engine = 'docker';
  readonly #options: DockerSandboxOptions;
  #oomKills = 0;
  #died = false;

  constructor(options: DockerSandboxOptions) {
    super(options);
    this.#options = options;
  }

  protected get alive(): boolean {
    return !this.#died;
  }

  get id(): string {
    return this.#options.container.id;
  }

  override async writeFiles(files: NonNullable<SandboxSpec['files']>): Promise<void> {
    const { archive } = this.#options;
    if (archive !== null) await this.#unpack(archive);
    await super.writeFiles(files);
  }

  /** Puts what the image has in its workdir into the writable folder that is there now; it belongs to the ordinary user. */
  async #unpack(archive: Buffer): Promise<void> {
    const { workdir } = this;
    const { exitCode, stderr } = await this.exec(
      [
        ...['tar', '-x', '-p', '--no-same-owner', '--strip-components=1', '--no-overwrite-dir'],
        ...['-C', workdir, '-f', '-'],
      ],
      { stdin: archive, timeoutMs: 120_000 },
    );
    if (exitCode !== 0)
      throw new SandboxError(`the image's ${workdir} can't be put into the sandbox: ${stderr.trim()}`);
  }

  protected async close(): Promise<void> {
    const { container } = this.#options;
    const { code, stderr } = await container.cli.call(['rm', '--force', container.id]);
    if (code !== 0 && !/no such container|already in progress/i.test(stderr))
      throw new SandboxError(`a sandbox could not be closed: ${stderr}`);
  }

  protected async run(
    command: readonly string[] | string,
    options: ExecOptions,
    kind: CommandKind,
  ): Promise<RawResult> {
    const { container, agent, env, processes } = this.#options;
    const { limits } = container;
    options.signal?.throwIfAborted();
    this.mustLive();
    const user = options.user ?? 'agent';
    const ended = await runCommand(container, {
      argv: typeof command === 'string' ? ['/bin/sh', '-c', command] : command,
      cwd: posix.resolve(this.workdir, options.cwd ?? '.'),
      user: user === 'agent' ? `${agent}:${agent}` : '0:0',
      env: { PATH: DEFAULT_PATH, LANG: 'C.UTF-8', ...nameOf(user), ...env, ...options.env },
      processes: kind === 'commands' && user === 'agent' ? processes : null,
      timeoutMs: options.timeoutMs ?? limits.timeoutMs,
      maxOutputBytes: options.maxOutputBytes ?? limits.outputBytes,
      ...(options.stdin !== undefined && { stdin: options.stdin }),
      ...(options.signal && { signal: options.signal }),
    });
    options.signal?.throwIfAborted();
    return this.#explained(ended);
  }

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
    const { code, stdout, stderr } = await cli.call([...asRoot(id), OOM_KILLS]);
    if (code !== 0) {
      this.#died = true;
      throw new SandboxError(`the sandbox has died: ${stderr.split('\n').at(-1)}`);
    }
    return Number(/^oom_kill (\d+)$/m.exec(stdout.toString('utf8'))?.[1] ?? 0);
  }
}

function nameOf(user: 'agent' | 'root'): Record<string, string> {
  return user === 'agent'
    ? { HOME, USER: 'agent', LOGNAME: 'agent' }
    : { HOME: '/root', USER: 'root', LOGNAME: 'root' };
}
