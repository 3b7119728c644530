import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { SandboxError } from '../../core/index.ts';
import type { CommandKind } from '../engine-sandbox.ts';
import { coveringInherited } from '../inherited.ts';
import type { CommandGroup, ContainerGroups } from './cgroups.ts';
import { processOf } from './descendants.ts';
import { type CommandLimits, joinLimits } from './enter.ts';
import type { Pipe, Pipes } from './pipes.ts';

/** A shell on the host that is already under the container's limits. It waits for a command and then becomes that command. */
interface ReadyShell {
  readonly child: ChildProcess;
  readonly group: CommandGroup | undefined;
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  /** The command is written here. */
  readonly script: number;
}

/**
 * Shells that were started ahead of time. The kernel takes 10 ms or more to add a process to a control group. So one shell
 * that has been added always waits for the next command. Its successor is started while that command runs.
 */
export class ShellPool {
  readonly #commandLimits: CommandLimits;
  readonly #pipes: Pipes;
  readonly #groups: ContainerGroups | null;
  readonly #ready: Record<CommandKind, Promise<ReadyShell> | undefined> = {
    commands: undefined,
    own: undefined,
  };
  #closed = false;

  constructor(commandLimits: CommandLimits, pipes: Pipes, groups: ContainerGroups | null) {
    this.#commandLimits = commandLimits;
    this.#pipes = pipes;
    this.#groups = groups;
  }

  /** Starts a shell now, so that the first command does not wait for one. */
  prepare(kind: CommandKind): void {
    this.#ready[kind] ??= this.#make(kind);
    // An error reaches the caller of take().
    this.#ready[kind].catch(() => {});
  }

  /** A shell that waits for a command. @throws SandboxError when none can be started */
  async take(kind: CommandKind): Promise<ReadyShell> {
    for (let tries = 0; tries < 3; tries++) {
      this.prepare(kind);
      const taken = this.#ready[kind]!;
      this.#ready[kind] = undefined;
      const shell = await taken;
      if (hasEnded(shell.child)) {
        // The kernel may have killed it when the task's memory ran out.
        release(shell);
        continue;
      }
      setImmediate(() => this.#closed || this.prepare(kind));
      return shell;
    }
    throw new SandboxError('a command can not be brought under the limits of its sandbox');
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const kind of ['commands', 'own'] as const) {
      const shell = await this.#ready[kind]?.catch(() => undefined);
      this.#ready[kind] = undefined;
      if (shell === undefined) continue;
      const { child } = shell;
      if (!hasEnded(child)) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.ref();
        child.kill('SIGKILL');
        await gone;
      }
      release(shell);
    }
  }

  async #make(kind: CommandKind): Promise<ReadyShell> {
    const group = this.#groups?.command(kind);
    const ends: Pipe[] = [
      await this.#pipes.toChild(),
      await this.#pipes.fromChild(),
      await this.#pipes.fromChild(),
      await this.#pipes.toChild(),
    ];
    const argv = joinLimits(this.#commandLimits, group?.joined ?? [], kind);
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: '/',
      env: {},
      // In a session of its own it cannot write to our terminal.
      detached: true,
      stdio: coveringInherited(ends.map(({ theirs }) => theirs)),
    });
    child.on('error', () => {});
    child.unref();
    for (const { theirs } of ends) closeSync(theirs);
    const [script, stdout, stderr, stdin] = ends.map(({ ours }) => ours) as [number, number, number, number];
    return { child, group, stdin, stdout, stderr, script };
  }
}

/** Node may report the end of a child some time after it. So this also asks the kernel. */
function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null || pid === undefined || processOf(pid) === undefined;
}

function release({ stdin, stdout, stderr, script, group }: ReadyShell): void {
  for (const end of [stdin, stdout, stderr, script]) closeSync(end);
  group?.close();
}

/** Writes all of the data as fast as it is read, then closes. A reader that goes away is not an error. */
export function feed(fd: number, data: string | Uint8Array): void {
  const socket = new Socket({ fd, readable: false, writable: true });
  socket.on('error', () => {});
  socket.end(data);
}
