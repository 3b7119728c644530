import { chmodSync, constants, existsSync, lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { InputError, type SandboxSpec } from '../../core/index.ts';
import type { ResolvedImage } from '../image/index.ts';
import { DEFAULT_WORKDIR, HOME, isBelow, ownFolders } from '../inside.ts';
import { identity } from './identity.ts';
import { mayAccess } from './programs.ts';

/** What of the host's system is seen inside, read-only: programs and what they are made of. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** Debian's links from /usr/bin/awk and its like to the program chosen for it. */
const ALTERNATIVES = '/etc/alternatives';
export const TOOLS = '/.stemma';
/** Everyone's folder for temporary files, and the ordinary user's home. */
const OPEN = ['/tmp', HOME];
/** Folders that are not the task's to write to, whatever it asks for. */
const TAKEN = {
  folders: [...SYSTEM, '/proc', '/dev', '/sys', '/etc', TOOLS],
  fault: "belongs to the system and can't be written in a sandbox",
  remedy: 'put the task in a folder of its own, such as /workspace or /data',
};

/** A folder of the inside that may be written to; `from` is where it lies in the container's own file system. */
interface Tree {
  readonly from: string;
  readonly path: string;
}

interface Bind {
  readonly source: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** Where everything is inside. */
export interface Layout {
  readonly workdir: string;
  /** The folder that the root is, under a layer of the sandbox's own; `null`: the host's system, read-only. */
  readonly root: string | null;
  /** Whether all of that root is given to the inside's root: it was built for sandboxes, and holds little. */
  readonly owned: boolean;
  /** Those above before those below. */
  readonly trees: readonly Tree[];
  /** In the order of mounting. */
  readonly binds: readonly Bind[];
}

/** Folders of ours on the host: what is seen as /etc on the image `system`, and what is seen as /.stemma. */
interface HostFolders {
  readonly etc: string;
  readonly tools: string;
}

/**
 * Writable are /tmp, the home and the task's own folders.
 *
 * @throws InputError for a place that belongs to the system, leads over a link, or can't be read by the inside's user
 */
export function layOut(spec: SandboxSpec, image: ResolvedImage, { etc, tools }: HostFolders): Layout {
  const workdir = insidePath(spec.workdir ?? image.workdir ?? DEFAULT_WORKDIR, 'the workdir');
  const paths = [...ownFolders(spec, workdir, TAKEN)];
  const asked = asks(spec);
  for (const bind of asked) mustBeOpen(bind);
  const binds = [{ source: tools, path: TOOLS, readOnly: true }, ...asked];
  const { root } = image;
  if (root === null) {
    const trees = paths.map((path, i) => ({ from: `trees/${i}`, path }));
    const open = [...trees, { from: 'tmp', path: '/tmp' }, { from: 'home', path: HOME }];
    return { workdir, root, owned: false, trees: byDepth(open), binds: [...hostsEtc(etc), ...binds] };
  }
  for (const path of [...paths, ...OPEN, '/proc', '/dev', '/etc/passwd', TOOLS]) mustNotBeLink(root, path);
  const own = Object.entries(image.binds).map(([path, source]) => ({ source, path, readOnly: true }));
  const trees = [...paths, ...OPEN].map((path) => ({ from: `root${path}`, path }));
  return {
    ...{ workdir, root, trees: byDepth(trees), binds: [...own, ...binds] },
    owned: spec.image.kind === 'dockerfile',
  };
}

function byDepth(trees: readonly Tree[]): Tree[] {
  return trees.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function hostsEtc(etc: string): Bind[] {
  const own = { source: etc, path: '/etc', readOnly: true };
  if (!existsSync(ALTERNATIVES)) return [own];
  return [own, { source: ALTERNATIVES, path: ALTERNATIVES, readOnly: true }];
}

function asks({ readOnly = {}, sockets = {} }: SandboxSpec): Bind[] {
  const bind = (path: string, source: string, readOnly: boolean) => {
    if (!source.startsWith('/')) throw new InputError(`${source}, to be seen as ${path}, must be absolute`);
    return { source, path: insidePath(path, 'a path of the inside'), readOnly };
  };
  return [
    ...Object.entries(readOnly).map(([path, source]) => bind(path, source, true)),
    ...Object.entries(sockets).map(([path, source]) => bind(path, source, false)),
  ];
}

function insidePath(path: string, what: string): string {
  if (!path.startsWith('/') || path.includes('\0'))
    throw new InputError(`${what} must be absolute, not ${JSON.stringify(path)}`);
  return posix.resolve('/', path);
}

/** Mount points and owners are set from the host, where a link of the image's would lead to the host's own files. */
function mustNotBeLink(root: string, path: string): void {
  for (let part = path; part !== '/'; part = posix.dirname(part))
    if (lstatSync(join(root, part), { throwIfNoEntry: false })?.isSymbolicLink())
      throw new InputError(`${part} of the image is a link`, { place: { file: root } });
}

/** As root we could show what the inside's user may not read; that would be found out late, by a puzzled task. */
function mustBeOpen({ source, path, readOnly }: Bind): void {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat === undefined) throw new InputError(`${source}, to be seen as ${path}, does not exist`);
  if (!readOnly && !stat.isSocket())
    throw new InputError(`${source}, to be seen as ${path}, is not a Unix socket`);
  if (identity.kind === 'single') return;
  // To connect to a socket takes the right to write to it.
  if (!readOnly) chmodSync(source, 0o666);
  const needed = stat.isDirectory() ? 0o005 : 0o004;
  if (readOnly && (stat.mode & needed) !== needed)
    throw new InputError(`${source}, to be seen as ${path}, can't be read by others`, {
      remedy: `as root, stemma's sandboxes run as a user that owns nothing: chmod -R o+rX ${source}`,
    });
}

/** Whether the inside's user can get to a path on the host; what it can't is mounted for it first. */
export function isReachable(path: string): boolean {
  if (identity.kind === 'single') return true;
  for (let above = dirname(path); ; above = dirname(above)) {
    if ((statSync(above).mode & 0o001) === 0) return false;
    if (above === '/') return true;
  }
}

/** An empty-looking folder of the host's for the container's own files: nothing that the container shows lies below it. */
export function placeFor(sources: readonly string[]): string {
  const place = ['/mnt', '/media', '/srv', '/opt', '/tmp'].find(
    (folder) => isFolder(folder) && !sources.some((source) => isBelow(source, folder)),
  );
  if (place === undefined)
    throw new InputError('a sandbox has folders of /mnt, /media, /srv, /opt and /tmp at once');
  return place;
}

function isFolder(path: string): boolean {
  return mayAccess(path, constants.X_OK) && lstatSync(path).isDirectory();
}

/** bubblewrap's arguments for the host's programs, with links where the host has links (/bin → usr/bin). */
export function systemArguments(): string[] {
  return SYSTEM.flatMap((path) => {
    const kind = lstatSync(path, { throwIfNoEntry: false });
    if (kind === undefined) return [];
    return kind.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
  });
}
