import type { ChildProcess } from 'node:child_process';
import { posix } from 'node:path';
import { type ExecOptions, SandboxError, type SandboxLimits } from '../../core/index.ts';
import { MOST_TIMER_MS } from '../../core/most-timer.ts';
import { type CommandKind, EngineSandbox, type EngineSandboxOptions } from '../engine-sandbox.ts';
import { HOME, type RawResult } from '../inside.ts';
import type { CommandGroup, ContainerGroups } from './cgroups.ts';
import type { Container } from './container.ts';
import { isEnding, killDescendants, ticksNow } from './descendants.ts';
import { type CommandLimits, enterContainer } from './enter.ts';
import { AGENT_ID } from './identity.ts';
import { feed, type ShellPool } from './shell-pool.ts';
import { Stream } from './stream.ts';

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

interface BubblewrapOptions extends CommandLimits, Omit<EngineSandboxOptions, 'agent'> {
  readonly container: Container;
  /** `null` where there are none on this machine. */
  readonly groups: ContainerGroups | null;
  readonly limits: SandboxLimits;
  /** Of the image and the task. */
  readonly env: Readonly<Record<string, string>>;
  readonly shells: ShellPool;
}

/** One command under way. */
interface RunningCommand {
  readonly child: ChildProcess;
  readonly group: CommandGroup | undefined;
  /** Clock ticks after boot when it was told what to run. */
  readonly since: number;
}

export class BubblewrapSandbox extends EngineSandbox {
  readonly engine = 'bubblewrap';
  readonly #options: BubblewrapOptions;
  readonly #streams = new Set<Stream>();
  readonly #commands = new Set<RunningCommand>();

  constructor(options: BubblewrapOptions) {
    super({ ...options, agent: AGENT_ID });
    this.#options = options;
  }

  protected get alive(): boolean {
    return this.#options.container.alive;
  }

  protected async close(): Promise<void> {
    const { container, groups, shells } = this.#options;
    try {
      await shells.close();
      await container.close();
      await groups?.remove();
    } finally {
      for (const stream of this.#streams) stream.close();
    }
  }

  protected async run(
    command: readonly string[] | string,
    options: ExecOptions,
    kind: CommandKind,
  ): Promise<RawResult> {
    const { limits, groups } = this.#options;
    options.signal?.throwIfAborted();
    this.mustLive();
    const began = performance.now();
    const killsBefore = groups?.memoryKills() ?? 0;
    const maxBytes = options.maxOutputBytes ?? limits.outputBytes;
    const { running, stdout, stderr } = await this.#start(command, options, kind, maxBytes);
    const ended = await this.#wait(running, options);
    const finish = (stream: Stream) => stream.finish(() => this.#streams.delete(stream));
    const [output, errors] = [finish(stdout), finish(stderr)];
    running.group?.close();
    options.signal?.throwIfAborted();
    await this.#mustStillLive(ended.signal);
    const limit = ended.late
      ? 'time'
      : ended.exitCode !== 0 && (groups?.memoryKills() ?? 0) > killsBefore
        ? 'memory'
        : undefined;
    return {
      exitCode: limit === undefined ? ended.exitCode : null,
      ...(ended.signal !== null && { signal: ended.signal }),
      stdout: output.bytes,
      stderr: errors.bytes,
      dropped: { stdout: output.dropped, stderr: errors.dropped },
      ...(limit !== undefined && { limit }),
      durationMs: performance.now() - began,
    };
  }

  async #start(
    command: readonly string[] | string,
    options: ExecOptions,
    kind: CommandKind,
    maxBytes: number,
  ): Promise<{ running: RunningCommand; stdout: Stream; stderr: Stream }> {
    const { container, shells, programs } = this.#options;
    const { stdin } = options;
    const shell = await shells.take(kind);
    const { child, group } = shell;
    child.ref();
    const since = ticksNow();
    feed(
      shell.script,
      enterContainer(container, programs, command, { ...this.#place(options), reads: stdin !== undefined }),
    );
    feed(shell.stdin, stdin ?? '');
    const [stdout, stderr] = [new Stream(shell.stdout, maxBytes), new Stream(shell.stderr, maxBytes)];
    for (const stream of [stdout, stderr]) this.#streams.add(stream);
    return { running: { child, group, since }, stdout, stderr };
  }

  /** Waits for a command to end, and ends it with all its children when its time is up or nobody wants it any more. */
  async #wait(
    running: RunningCommand,
    { timeoutMs = this.#options.limits.timeoutMs, signal }: ExecOptions,
  ): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null; late: boolean }> {
    let late = false;
    let killing: Promise<void> | undefined;
    const kill = () => {
      killing ??= this.#kill(running);
    };
    const timer = setTimeout(
      () => {
        late = true;
        kill();
      },
      Math.min(timeoutMs, MOST_TIMER_MS),
    );
    signal?.addEventListener('abort', kill, { once: true });
    this.#commands.add(running);
    try {
      const ended = await ending(running.child);
      clearTimeout(timer);
      await killing;
      return { ...ended, late };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      this.#commands.delete(running);
    }
  }

  async #kill(running: RunningCommand): Promise<void> {
    const { container } = this.#options;
    if (running.group) await running.group.kill();
    else if (running.child.pid !== undefined) {
      const others = [...this.#commands].filter((other) => other !== running);
      const { since, child } = running;
      const spared = new Set(others.flatMap((other) => other.child.pid ?? []));
      const { inner, pause } = container;
      const all = await killDescendants({ inner, pause, pid: child.pid!, since, spared });
      // What can't be ended on its own ends with the container, and the next command says so.
      if (!all) await container.close();
    }
    running.child.kill('SIGKILL');
  }

  #place({ cwd = '.', user = 'agent', env = {} }: ExecOptions) {
    const home = user === 'agent' ? HOME : '/root';
    return {
      user,
      cwd: posix.resolve(this.workdir, cwd),
      env: { ...ENVIRONMENT, HOME: home, USER: user, LOGNAME: user, ...this.#options.env, ...env },
    };
  }

  /**
   * A container that dies takes its commands with it. The news of it may come a moment after theirs: its first process is marked
   * as ending before the kernel ends the others, and is there until the last of them is gone.
   */
  async #mustStillLive(signal: NodeJS.Signals | null): Promise<void> {
    const { container } = this.#options;
    if (signal === 'SIGKILL' && container.alive && isEnding(container.inner)) await container.ended;
    this.mustLive();
  }
}

function ending(child: ChildProcess): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new SandboxError(`a command can't be started: ${error.message}`)));
    child.on('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
