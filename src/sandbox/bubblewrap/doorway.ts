import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { SandboxError } from '../../core/index.ts';
import { coveringInherited } from '../inherited.ts';
import type { CommandGroup, CommandKind, RoomGroups } from './cgroups.ts';
import { processOf } from './descendants.ts';
import { beforeRoom, type Entrance } from './enter.ts';
import type { Pipe, Pipes } from './pipes.ts';

/** A shell on the host, held by the room's limits already, that becomes the command it is told. */
interface Doorkeeper {
  readonly child: ChildProcess;
  readonly group: CommandGroup | undefined;
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  /** Where it is told what to become. */
  readonly script: number;
}

/**
 * Processes that wait at a room's door. To join a control group takes the kernel 10 ms and more; so one shell that has
 * joined always stands ready for the next command, and the next is made while that one runs.
 */
export class Doorway {
  readonly #entrance: Entrance;
  readonly #pipes: Pipes;
  readonly #groups: RoomGroups | null;
  readonly #ready: Record<CommandKind, Promise<Doorkeeper> | undefined> = {
    commands: undefined,
    own: undefined,
  };
  #closed = false;

  constructor(entrance: Entrance, pipes: Pipes, groups: RoomGroups | null) {
    this.#entrance = entrance;
    this.#pipes = pipes;
    this.#groups = groups;
  }

  /** Makes one ready, so that the first command need not wait for it either. */
  prepare(kind: CommandKind): void {
    this.#ready[kind] ??= this.#make(kind);
    // Whoever takes it is told.
    this.#ready[kind].catch(() => {});
  }

  /** @throws SandboxError when none can be made */
  async take(kind: CommandKind): Promise<Doorkeeper> {
    for (let tries = 0; tries < 3; tries++) {
      this.prepare(kind);
      const taken = this.#ready[kind]!;
      this.#ready[kind] = undefined;
      const keeper = await taken;
      if (hasEnded(keeper.child)) {
        // The kernel may have chosen it when the task's memory ran out.
        release(keeper);
        continue;
      }
      setImmediate(() => this.#closed || this.prepare(kind));
      return keeper;
    }
    throw new SandboxError('a command can not be brought under the limits of its sandbox');
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const kind of ['commands', 'own'] as const) {
      const keeper = await this.#ready[kind]?.catch(() => undefined);
      this.#ready[kind] = undefined;
      if (keeper === undefined) continue;
      const { child } = keeper;
      if (!hasEnded(child)) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.ref();
        child.kill('SIGKILL');
        await gone;
      }
      release(keeper);
    }
  }

  async #make(kind: CommandKind): Promise<Doorkeeper> {
    const group = this.#groups?.command(kind);
    const ends: Pipe[] = [
      await this.#pipes.toChild(),
      await this.#pipes.fromChild(),
      await this.#pipes.fromChild(),
      await this.#pipes.toChild(),
    ];
    const argv = beforeRoom(this.#entrance, group?.joined ?? [], kind);
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: '/',
      env: {},
      // A session of its own: no terminal of ours to type into.
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

/** The news of a child's end can come later than its end. */
function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null || pid === undefined || processOf(pid) === undefined;
}

function release({ stdin, stdout, stderr, script, group }: Doorkeeper): void {
  for (const end of [stdin, stdout, stderr, script]) closeSync(end);
  group?.close();
}

/** Writes all of it as fast as it is read, and closes. Nobody need read it. */
export function feed(fd: number, data: string | Uint8Array): void {
  const socket = new Socket({ fd, readable: false, writable: true });
  socket.on('error', () => {});
  socket.end(data);
}
