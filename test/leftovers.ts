import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** What a process and its sandboxes hold on a machine, as far as it can be told from outside; each in words. */
export interface Leftovers {
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly controlGroups: readonly string[];
  /** Folders, files and sockets in its temporary folder. */
  readonly files: readonly string[];
}

/**
 * Looks for what belongs to the stemma processes of these ids. Their sandboxes bear the id in the names of control groups and
 * temporary folders; what was started with `TMPDIR` set to the folder bears that in its environment.
 *
 * @param temporary the `TMPDIR` that these processes, and nobody else, were given
 */
export function leftoversOf(pids: readonly number[], temporary: string): Leftovers {
  const names = pids.map((pid) => `stemma-${pid}.`);
  const folder = realpathSync(temporary);
  const isTheirs = (text: string) => text.includes(folder) || names.some((name) => text.includes(name));
  return {
    processes: processesWhere(isTheirs),
    mounts: (read('/proc/self/mountinfo') ?? '').split('\n').filter(isTheirs),
    controlGroups: controlGroups().filter(isTheirs),
    files: readdirSync(folder),
  };
}

export function isEmpty({ processes, mounts, controlGroups: groups, files }: Leftovers): boolean {
  return [processes, mounts, groups, files].every((list) => list.length === 0);
}

/** All but this one, by command line. */
function processesWhere(matches: (text: string) => boolean): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const parts = ['cmdline', 'environ', 'cgroup'].map((file) => read(`/proc/${pid}/${file}`) ?? '');
      const dead = /^State:\s+Z/m.test(read(`/proc/${pid}/status`) ?? '');
      return !dead && parts.some(matches) ? [`${pid} ${parts[0]!.replaceAll('\0', ' ').slice(0, 200)}`] : [];
    });
}

/** Every control group of stemma's, of whatever controller. */
function controlGroups(mounts = '/sys/fs/cgroup', depth = 6): string[] {
  if (depth === 0) return [];
  let entries: string[];
  try {
    entries = readdirSync(mounts, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
  return entries.flatMap((name) => {
    const path = join(mounts, name);
    return name.startsWith('stemma-') ? [path] : controlGroups(path, depth - 1);
  });
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
