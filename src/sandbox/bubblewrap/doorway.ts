import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { CommandGroup, CommandKind, RoomGroups } from './cgroups.ts';
import { beforeRoom, type Entrance } from './enter.ts';
import type { Pipe, Pipes } from './pipes.ts';

/** A shell on the host, held by the room's limits already, that becomes the command it is told. */
export interface Doorkeeper {
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

  async take(kind: CommandKind): Promise<Doorkeeper> {
    this.prepare(kind);
    const keeper = this.#ready[kind]!;
    this.#ready[kind] = undefined;
    setImmediate(() => this.#closed || this.prepare(kind));
    return keeper;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const kind of ['commands', 'own'] as const) {
      const keeper = await this.#ready[kind]?.catch(() => undefined);
      this.#ready[kind] = undefined;
      if (keeper === undefined) continue;
      const gone = new Promise((resolve) => keeper.child.once('exit', resolve));
      keeper.child.ref();
      keeper.child.kill('SIGKILL');
      for (const end of [keeper.stdin, keeper.stdout, keeper.stderr, keeper.script]) closeSync(end);
      await gone;
      keeper.group?.close();
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
      stdio: ends.map(({ theirs }) => theirs),
    });
    child.on('error', () => {});
    child.unref();
    for (const { theirs } of ends) closeSync(theirs);
    const [script, stdout, stderr, stdin] = ends.map(({ ours }) => ours) as [number, number, number, number];
    return { child, group, stdin, stdout, stderr, script };
  }
}

/** Writes all of it as fast as it is read, and closes. Nobody need read it. */
export function feed(fd: number, data: string | Uint8Array): void {
  const socket = new Socket({ fd, readable: false, writable: true });
  socket.on('error', () => {});
  socket.end(data);
}
