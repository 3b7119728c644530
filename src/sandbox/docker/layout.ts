import type { SandboxLimits, SandboxSpec } from '../../core/index.ts';
import { HOME, isBelow, ownFolders } from '../inside.ts';
import { writableBytes } from '../limits.ts';

/** Folders that belong to the image whatever a task asks for. */
const TAKEN = {
  folders: ['/bin', '/dev', '/etc', '/lib', '/lib64', '/proc', '/sbin', '/sys', '/usr'],
  fault: "belongs to the image and can't be written in a sandbox on it",
  remedy: 'Put the task in a folder of its own, such as /workspace or /data.',
};

/** A folder of the inside that may be written to, and how much goes into it. */
export interface WritableFolder {
  readonly path: string;
  readonly bytes: number;
  /** Everybody may write here, as in /tmp. */
  readonly shared: boolean;
}

/**
 * The folders that can be written: /tmp, the home, and the task's own. Docker cannot show one file
 * system in several places, so each folder has its own, in memory. They share the space that may be written: the workdir has half of it.
 *
 * @throws InputError for a place that belongs to the image
 */
export function writableFolders(spec: SandboxSpec, workdir: string, limits: SandboxLimits): WritableFolder[] {
  const own = ownFolders(spec, workdir, TAKEN);
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
