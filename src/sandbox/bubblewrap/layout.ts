import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { InputError, type SandboxSpec } from '../../core/index.ts';

export const HOME = '/home/agent';
const DEFAULT_WORKDIR = '/workspace';
/** What of the host's system is seen inside, read-only: programs and what they are made of. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** Debian's links from /usr/bin/awk and its like to the program chosen for it. */
const ALTERNATIVES = '/etc/alternatives';
/** Folders that are not the task's to write to, whatever it asks for. */
const TAKEN = [...SYSTEM, '/proc', '/dev', '/sys', '/etc', '/.stemma'];

/** A folder of the inside that may be written to: `name` is what it is called among the room's trees. */
export interface Tree {
  readonly name: string;
  readonly path: string;
}

/** Where everything stands inside. */
export interface Layout {
  readonly workdir: string;
  readonly trees: readonly Tree[];
  /** Folders and files of the host, in the order of the room's binds. */
  readonly binds: readonly { readonly source: string; readonly path: string; readonly readOnly: boolean }[];
}

/**
 * The folders of a sandbox that stands on the host's own system. Writable are the workdir, /tmp, the home, and the first
 * folder of every file that the task puts elsewhere (`/data/sales.csv` makes `/data` writable).
 *
 * @param etc    a folder that is seen as /etc
 * @param tools  a folder that is seen as /.stemma
 * @throws InputError for a place that belongs to the system
 */
export function systemLayout(spec: SandboxSpec, { etc, tools }: { etc: string; tools: string }): Layout {
  const workdir = insidePath(spec.workdir ?? DEFAULT_WORKDIR, 'the workdir');
  const paths = new Set<string>();
  if (!isBelow(workdir, '/tmp') && !isBelow(workdir, HOME)) paths.add(writable(workdir));
  for (const file of Object.keys(spec.files ?? {})) {
    const path = posix.resolve(workdir, file);
    if ([workdir, '/tmp', HOME].some((tree) => isBelow(path, tree))) continue;
    paths.add(writable(`/${path.split('/')[1]}`));
  }
  return {
    workdir,
    trees: [...paths].sort().map((path, i) => ({ name: `tree-${i}`, path })),
    binds: [
      { source: etc, path: '/etc', readOnly: true },
      ...(existsSync(ALTERNATIVES) ? [{ source: ALTERNATIVES, path: ALTERNATIVES, readOnly: true }] : []),
      { source: tools, path: '/.stemma', readOnly: true },
      ...bindsOf(spec),
    ],
  };
}

function bindsOf({ readOnly = {}, sockets = {} }: SandboxSpec): Layout['binds'] {
  return [
    ...Object.entries(readOnly).map(([path, source]) => ({ source, path: insidePath(path), readOnly: true })),
    ...Object.entries(sockets).map(([path, source]) => ({ source, path: insidePath(path), readOnly: false })),
  ];
}

function insidePath(path: string, what = 'a path of the inside'): string {
  if (!path.startsWith('/') || path.includes('\0'))
    throw new InputError(`${what} must be absolute, not ${JSON.stringify(path)}`);
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}

function writable(path: string): string {
  if (path === '/' || TAKEN.some((taken) => isBelow(path, taken)))
    throw new InputError(`${path} belongs to the system and can't be written in a sandbox on it`, {
      remedy: 'put the task in a folder of its own, such as /workspace or /data',
    });
  return path;
}

export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** bubblewrap's arguments for the host's programs, with links where the host has links (/bin → usr/bin). */
export function systemArguments(): string[] {
  return SYSTEM.flatMap((path) => {
    const kind = lstatSync(path, { throwIfNoEntry: false });
    if (kind === undefined) return [];
    return kind.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
  });
}
