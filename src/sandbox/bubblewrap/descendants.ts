import { readdirSync, readFileSync } from 'node:fs';
import { statOf } from '../owner.ts';

/*
 * Ending a command with all its children where no control group holds them together. Children that leave their parent's
 * session and outlive it become children of the container's first process; among those, the ones that began after the
 * command did are taken for its own, unless their session is that of another command still running. A process that an
 * earlier command left in the background, and that forks twice just then, can be ended by mistake.
 */

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Clock ticks after boot. */
  readonly started: number;
}

interface Hunt {
  /** The container's first process, and the one that keeps the container open. */
  readonly inner: number;
  readonly pause: number;
  /** The command's own first process, which leads its session. */
  readonly pid: number;
  /** Clock ticks after boot when the command began. */
  readonly since: number;
  /** Sessions of the container's other commands. */
  readonly spared: ReadonlySet<number>;
}

/** Stops them all before it ends any, so that none can make another meanwhile. @returns whether none is left */
export async function killDescendants(hunt: Hunt): Promise<boolean> {
  const found = new Set<number>();
  for (let round = 0; round < 200; round++) {
    const fresh = descendants(hunt, processes()).filter((pid) => !found.has(pid));
    if (fresh.length === 0 && round > 0) break;
    for (const pid of fresh) {
      send(pid, 'SIGSTOP');
      found.add(pid);
    }
  }
  for (const pid of found) send(pid, 'SIGKILL');
  return descendants(hunt, processes()).every((pid) => found.has(pid));
}

/** @param all  every process of the machine */
export function descendants(
  { inner, pause, pid, since, spared }: Hunt,
  all: ReadonlyMap<number, Process>,
): number[] {
  return [...all.values()].filter(isOurs).map((process) => process.pid);

  function isOurs(process: Process): boolean {
    if (process.pid === pid) return true;
    if (process.started < since || process.pid === inner || process.pid === pause) return false;
    if (process.parent === inner) return !spared.has(process.session);
    const parent = all.get(process.parent);
    return parent !== undefined && isOurs(parent);
  }
}

function processes(): Map<number, Process> {
  const all = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    const process = /^\d+$/.test(name) ? processOf(Number(name)) : undefined;
    if (process) all.set(process.pid, process);
  }
  return all;
}

/** In the flags of a process: it is on its way out (PF_EXITING). */
const EXITING = 0x4;

/** Whether a process has ended, or is ending: the kernel ends the others of its namespace then. */
export function isEnding(pid: number): boolean {
  const fields = livingStatOf(pid);
  return fields === undefined || (Number(fields[6]) & EXITING) !== 0;
}

/** `undefined` where there is none, or one that has ended and only waits to be noticed. */
export function processOf(pid: number): Process | undefined {
  const fields = livingStatOf(pid);
  return (
    fields && { pid, parent: Number(fields[1]), session: Number(fields[3]), started: Number(fields[19]) }
  );
}

function livingStatOf(pid: number): string[] | undefined {
  const fields = statOf(pid);
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : fields;
}

export function childrenOf(pid: number): number[] {
  return [...processes().values()].filter(({ parent }) => parent === pid).map((child) => child.pid);
}

/** Clock ticks after boot: Linux tells times of processes in hundredths of a second, whatever its own clock. */
export function ticksNow(): number {
  return Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100);
}

/** A process that is gone is none to worry about. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}
