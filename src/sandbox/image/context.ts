import type { Stats } from 'node:fs';
import { lstat, readlink, realpath } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { InputError } from '../../core/index.ts';
import { textIfThere } from '../../files/index.ts';
import { globToRegExp, isPattern } from './glob.ts';
import { readIgnore } from './ignore.ts';
import { walk } from './walk.ts';
import type { Place } from './words.ts';

/** A thing in the context: what COPY can take. */
export interface ContextEntry {
  /** Relative to the context, with slashes; `''` is the context itself. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly mode: number;
  readonly bytes: number;
  /** Where a link points, as it is written. */
  readonly target?: string;
}

/** The folder that COPY takes from, without what `.dockerignore` leaves out; by path, parents before children. */
export interface Context {
  /** Real path. */
  readonly folder: string;
  readonly entries: ReadonlyMap<string, ContextEntry>;
}

/** @throws InputError when the folder is none or can't be read */
export async function readContext(folder: string): Promise<Context> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined || !(await lstat(real)).isDirectory())
    throw new InputError('the build context is not a folder', { place: { file: folder } });
  const ignored = readIgnore(textIfThere(join(real, '.dockerignore')) ?? '');
  const entries = new Map<string, ContextEntry>([['', await entryOf(real, '')]]);
  for (const path of await walk(real)) if (!ignored(path)) entries.set(path, await entryOf(real, path));
  return { folder: real, entries };
}

async function entryOf(folder: string, path: string): Promise<ContextEntry> {
  const full = join(folder, path);
  const stat = await lstat(full);
  const kind = fileKind(stat);
  return {
    path,
    kind,
    mode: stat.mode & 0o7777,
    bytes: stat.size,
    ...(kind === 'link' && { target: await readlink(full) }),
  };
}

/** What there is at a path. */
export function fileKind(stat: Stats): ContextEntry['kind'] {
  if (stat.isFile()) return 'file';
  return stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other';
}

/**
 * What a source of COPY names: one entry, or for a pattern all that match, sorted. A link named outright stands for what it
 * points to, which must lie in the context as well.
 *
 * @throws InputError when there is nothing, or when it lies outside the context
 */
export async function sourceEntries(context: Context, source: string, place: Place): Promise<ContextEntry[]> {
  const path = posix
    .normalize(source)
    .replace(/^\/+/, '')
    .replace(/(?<!\/)\/+$/, '')
    .replace(/^\.$/, '');
  if (path === '..' || path.startsWith('../')) throw outside(source, context, place);
  if (isPattern(path) && !context.entries.has(path)) {
    const match = globToRegExp(path);
    const found = [...context.entries.values()].filter(
      (entry) => entry.path !== '' && match.test(entry.path),
    );
    if (found.length === 0) throw missing(source, context, place);
    return Promise.all(found.map((entry) => followed(context, entry.path, source, place)));
  }
  return [await followed(context, path, source, place)];
}

async function followed(context: Context, path: string, source: string, place: Place): Promise<ContextEntry> {
  const real = await realpath(join(context.folder, path)).catch(() => undefined);
  if (real === undefined) throw missing(source, context, place);
  const inside = relative(context.folder, real).split(sep).join('/');
  if (inside === '..' || inside.startsWith('../')) throw outside(source, context, place);
  const entry = context.entries.get(inside);
  if (!entry) throw missing(source, context, place);
  if (entry.kind === 'other')
    throw new InputError(`COPY of ${source}: it is neither a file, a folder nor a link`, { place });
  return entry;
}

/** Everything below a folder of the context, with paths relative to that folder. */
export function entriesBelow(context: Context, folder: ContextEntry): ContextEntry[] {
  const start = folder.path === '' ? '' : `${folder.path}/`;
  return [...context.entries.values()].filter((entry) => entry.path !== '' && entry.path.startsWith(start));
}

function missing(source: string, context: Context, place: Place): InputError {
  return new InputError(`COPY of ${source}: there is no such file in the context ${context.folder}`, {
    place,
    remedy: 'Put it there, or mend the path; .dockerignore may leave it out.',
  });
}

function outside(source: string, context: Context, place: Place): InputError {
  return new InputError(`COPY of ${source}: it leads out of the context ${context.folder}`, {
    place,
    remedy: 'Only what lies in the context can be copied.',
  });
}
