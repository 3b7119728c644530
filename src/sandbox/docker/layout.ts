import { posix } from 'node:path';
import { InputError, type SandboxLimits, type SandboxSpec } from '../../core/index.ts';
import { isBelow } from '../inside.ts';
import { writableBytes } from '../limits.ts';

export const HOME = '/home/agent';
/** Folders that belong to the image whatever a task asks for. */
const TAKEN = ['/bin', '/dev', '/etc', '/lib', '/lib64', '/proc', '/sbin', '/sys', '/usr'];

/** A folder of the inside that may be written to, and how much goes into it. */
export interface WritableFolder {
  readonly path: string;
  readonly bytes: number;
  /** Everybody may write here, as in /tmp. */
  readonly shared: boolean;
}

/**
 * The folders that can be written: the workdir, /tmp, the home, and the first folder of every file that the task puts
 * elsewhere (`/data/sales.csv` makes `/data` writable). Each is a file system in memory of its own, since Docker has none that
 * is in several places: what may be written in all is divided among them, half of it to the workdir.
 *
 * @throws InputError for a place that belongs to the image
 */
export function writableFolders(spec: SandboxSpec, workdir: string, limits: SandboxLimits): WritableFolder[] {
  const own = new Set<string>();
  for (const file of [workdir, ...Object.keys(spec.files ?? {})]) {
    const path = posix.resolve(workdir, file);
    if (['/tmp', HOME, ...(file === workdir ? [] : [workdir])].some((tree) => isBelow(path, tree))) continue;
    own.add(mine(file === workdir ? workdir : `/${path.split('/')[1]}`));
  }
  const bytes = writableBytes(limits);
  const main = own.has(workdir) ? workdir : isBelow(workdir, HOME) ? HOME : '/tmp';
  const others = [...new Set(['/tmp', HOME, ...own])].filter((path) => path !== main);
  const share = Math.floor(bytes / 2 / others.length);
  return [main, ...others].map((path) => ({
    path,
    bytes: path === main ? bytes - share * others.length : share,
    shared: path === '/tmp',
  }));
}

function mine(path: string): string {
  if (path === '/' || TAKEN.some((taken) => isBelow(path, taken)))
    throw new InputError(`${path} belongs to the image and can't be written in a sandbox on it`, {
      remedy: 'Put the task in a folder of its own, such as /workspace or /data.',
    });
  return path;
}
