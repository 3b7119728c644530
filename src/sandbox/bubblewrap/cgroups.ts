import {
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxLimits } from '../../core/index.ts';
import type { CommandKind } from '../engine-sandbox.ts';
import { ownerIsGone, ownerName } from '../owner.ts';
import { send } from './descendants.ts';
import { mayAccess } from './programs.ts';

/*
 * Control groups hold what a whole sandbox may use up. Of each sandbox:
 *
 *   …/stemma-<owner>-<n>            memory and CPU; in version 1, the same name below each controller
 *   …/stemma-<owner>-<n>/own        what reads and writes files for us
 *   …/stemma-<owner>-<n>/commands   processes and threads
 *   …/stemma-<owner>-<n>/…/<k>      one command with all its children, so that they can be ended together
 */

const PREFIX = 'stemma-';
const CONTROLLERS = ['memory', 'pids', 'cpu'] as const;
type Controller = (typeof CONTROLLERS)[number];

export interface CgroupPlace {
  readonly version: 1 | 2;
  /** The folder below which ours are made, by controller; absent where we may make none. In version 2 all are one. */
  readonly folders: Readonly<Partial<Record<Controller, string>>>;
}

/** Where this process may make control groups; `null` where it may make none that can hold processes together. */
export function findCgroups(mounts = '/sys/fs/cgroup', own = '/proc/self/cgroup'): CgroupPlace | null {
  try {
    const lines = readFileSync(own, 'utf8').trim().split('\n');
    const place = existsSync(join(mounts, 'cgroup.controllers'))
      ? version2(mounts, lines)
      : version1(mounts, lines);
    return place.folders.pids === undefined ? null : place;
  } catch {
    return null;
  }
}

/** Ours go below the group that we are in, so that what holds for us holds for them together. */
function version1(mounts: string, lines: readonly string[]): CgroupPlace {
  const folders: Partial<Record<Controller, string>> = {};
  for (const controller of CONTROLLERS) {
    const line = lines
      .map((text) => text.split(':'))
      .find(([, names]) => names?.split(',').includes(controller));
    const below = line?.slice(2).join(':') ?? '/';
    const folder = [join(mounts, controller, below), join(mounts, controller)].find(mayMake);
    if (folder !== undefined) folders[controller] = folder;
  }
  return { version: 1, folders };
}

/**
 * A group with processes of its own can't hand controllers down, but for the uppermost. As root that one is used; with a
 * group that was delegated to us (systemd: Delegate=yes), we first move into a leaf of it.
 */
function version2(mounts: string, lines: readonly string[]): CgroupPlace {
  const below = lines.find((line) => line.startsWith('0::'))?.slice(3) ?? '/';
  const own = join(mounts, below).replace(/\/stemma-host$/, '');
  const parent = [mounts, own].find((folder) => mayMake(folder) && handsDown(folder));
  if (parent === undefined) return { version: 2, folders: {} };
  const down = readFileSync(join(parent, 'cgroup.subtree_control'), 'utf8').split(/\s+/);
  const there = CONTROLLERS.filter((controller) => down.includes(controller));
  return { version: 2, folders: Object.fromEntries(there.map((controller) => [controller, parent])) };
}

function handsDown(folder: string): boolean {
  const control = join(folder, 'cgroup.subtree_control');
  const handed = () => readFileSync(control, 'utf8').split(/\s+/);
  const missing = CONTROLLERS.filter((controller) => !handed().includes(controller));
  try {
    // The uppermost has no type, and may keep its processes.
    if (missing.includes('pids') && existsSync(join(folder, 'cgroup.type'))) {
      mkdirSync(join(folder, 'stemma-host'), { recursive: true });
      for (const pid of pidsIn(folder))
        writeFileSync(join(folder, 'stemma-host', 'cgroup.procs'), String(pid));
    }
    for (const controller of missing) write(control, `+${controller}`);
  } catch {
    // What is handed down already may be enough.
  }
  return handed().includes('pids');
}

/** Controllers that hold something for the whole of a sandbox. */
export function controllersOf(place: CgroupPlace | null): readonly Controller[] {
  return place === null ? [] : CONTROLLERS.filter((controller) => place.folders[controller] !== undefined);
}

/** The control groups of one sandbox. */
export class ContainerGroups {
  readonly #place: CgroupPlace;
  readonly #name: string;
  #commands = 0;

  constructor(place: CgroupPlace, number: number, limits: SandboxLimits) {
    this.#place = place;
    this.#name = `${PREFIX}${ownerName()}-${number}`;
    for (const folder of this.#folders()) mkdirSync(folder);
    const pids = this.#of('pids')!;
    if (place.version === 2) write(join(pids, 'cgroup.subtree_control'), '+pids');
    for (const part of ['own', 'commands']) mkdirSync(join(pids, part));
    this.#limit(limits);
  }

  #limit({ memoryBytes, processes, cpus }: SandboxLimits): void {
    const [memory, cpu] = [this.#of('memory'), this.#of('cpu')];
    const period = 100_000;
    const quota = Math.max(1000, Math.round(cpus * period));
    // Two more: what waits outside for a command to end, and what is ready for the next.
    writeFileSync(join(this.#of('pids')!, 'commands', 'pids.max'), String(processes + 2));
    if (this.#place.version === 1) {
      if (memory) writeFileSync(join(memory, 'memory.limit_in_bytes'), String(memoryBytes));
      if (memory) write(join(memory, 'memory.memsw.limit_in_bytes'), String(memoryBytes));
      if (cpu) writeFileSync(join(cpu, 'cpu.cfs_period_us'), String(period));
      if (cpu) writeFileSync(join(cpu, 'cpu.cfs_quota_us'), String(quota));
    } else {
      if (memory) writeFileSync(join(memory, 'memory.max'), String(memoryBytes));
      if (memory) write(join(memory, 'memory.swap.max'), '0');
      if (cpu) writeFileSync(join(cpu, 'cpu.max'), `${quota} ${period}`);
    }
  }

  /** Joined while an image is laid out, since what is copied is in memory. */
  get memory(): readonly string[] {
    return this.#of('memory') === undefined ? [] : [this.#of('memory')!];
  }

  command(kind: CommandKind): CommandGroup {
    const name = join(kind, String(this.#commands++));
    const folder = join(this.#of('pids')!, name);
    mkdirSync(folder);
    return new CommandGroup(folder, this.#joined(name));
  }

  /** How many processes of the sandbox the kernel has ended for want of memory so far. */
  memoryKills(): number {
    const memory = this.#of('memory');
    if (memory === undefined) return 0;
    const file = this.#place.version === 1 ? 'memory.oom_control' : 'memory.events';
    return Number(/^oom_kill (\d+)$/m.exec(read(join(memory, file)))?.[1] ?? 0);
  }

  /** Once no process is left. A group can stay busy for a moment after its last process has gone. */
  async remove(): Promise<void> {
    for (const folder of this.#folders()) await removeGroup(folder);
  }

  #of(controller: Controller): string | undefined {
    const folder = this.#place.folders[controller];
    return folder === undefined ? undefined : join(folder, this.#name);
  }

  #folders(): string[] {
    return [...new Set(CONTROLLERS.flatMap((controller) => this.#of(controller) ?? []))];
  }

  #joined(part: string): string[] {
    const pids = this.#of('pids')!;
    return [...this.#folders().filter((folder) => folder !== pids), join(pids, part)];
  }
}

/** One command with its children, wherever they have put themselves. */
export class CommandGroup {
  readonly #folder: string;
  readonly joined: readonly string[];

  constructor(folder: string, joined: readonly string[]) {
    this.#folder = folder;
    this.joined = joined;
  }

  /** Ends all of them. No new one can be made meanwhile, so it comes to an end. */
  async kill(): Promise<void> {
    write(join(this.#folder, 'cgroup.kill'), '1');
    write(join(this.#folder, 'pids.max'), '0');
    for (let pause = 1; pause < 1000; pause *= 1.5) {
      const left = pidsIn(this.#folder);
      if (left.length === 0) return;
      for (const pid of left) send(pid, 'SIGKILL');
      await sleep(pause);
    }
  }

  /** Gives the group up where the command left nothing behind. */
  close(): void {
    try {
      rmdirSync(this.#folder);
    } catch {
      // Processes of it live on in the background; it goes with the sandbox.
    }
  }
}

/** Ends what is left of sandboxes whose process was killed, and takes their groups away. */
export async function sweepCgroups(place: CgroupPlace | null): Promise<void> {
  for (const parent of new Set(Object.values(place?.folders ?? {}))) {
    for (const name of folders(parent)) {
      const owner = /^stemma-(.+)-\d+$/.exec(name)?.[1];
      if (owner !== undefined && ownerIsGone(owner)) await removeGroup(join(parent, name));
    }
  }
}

async function removeGroup(folder: string): Promise<void> {
  for (const name of folders(folder)) await removeGroup(join(folder, name));
  for (let pause = 1; pause < 2000; pause *= 1.5) {
    for (const pid of pidsIn(folder)) send(pid, 'SIGKILL');
    try {
      return rmdirSync(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    }
    await sleep(pause);
  }
}

function pidsIn(folder: string): number[] {
  return read(join(folder, 'cgroup.procs'))
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

function folders(folder: string): string[] {
  try {
    const members = readdirSync(folder, { withFileTypes: true });
    return members.filter((member) => member.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function mayMake(folder: string): boolean {
  return mayAccess(folder, constants.W_OK);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** For what not every kernel has. */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'r+' });
  } catch {}
}
