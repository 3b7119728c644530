import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Names the process that something belongs to, so that whoever finds it later can tell whether that process still lives: its
 * id and start time (ids are used again), and the boot and process namespace in which that id means something.
 */
export function ownerName(pid = process.pid): string {
  return [pid, startTime(pid) ?? 0, place()].join('.');
}

/** True only where it is certain: the owner is known here and lives no more. */
export function ownerIsGone(owner: string): boolean {
  const [pid, started, ...where] = owner.split('.');
  const [boot, namespace] = where.join('.').split('.');
  const [ownBoot, ownNamespace] = place().split('.');
  if (!/^\d+$/.test(pid ?? '') || namespace === undefined) return false;
  // A machine booted anew has none of its old processes; where its disk is shared, the other machine has another boot too,
  // so a strange boot proves nothing.
  if (boot !== ownBoot || namespace !== ownNamespace) return false;
  return startTime(Number(pid)) !== Number(started);
}

/** Removes what owners that are gone have left in a folder, under names that begin with a prefix and go on with the owner's. */
export async function sweepOrphans(
  folder: string,
  prefix: string,
  remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true }),
): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = name.slice(prefix.length, name.lastIndexOf('-'));
    if (name.startsWith(prefix) && ownerIsGone(owner)) await remove(join(folder, name));
  }
}

/** Clock ticks after boot at which a process began; `undefined` where there is none. */
function startTime(pid: number): number | undefined {
  const fields = statOf(pid);
  return fields && Number(fields[19]);
}

/** The fields of /proc/PID/stat from the state (field 3) on; `undefined` where there is no such process. */
export function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything; the state follows it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

let here: string | undefined;

function place(): string {
  if (here === undefined) {
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');
      const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
      here = `${boot}.${namespace}`;
    } catch {
      here = 'unknown.0';
    }
  }
  return here;
}
