import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { digestOf } from '../../core/index.ts';
import { ownerName, sweepOrphans } from '../owner.ts';
import { removeTree } from './as-owner.ts';
import { entriesBelow } from './context.ts';
import type { Dockerfile } from './dockerfile.ts';

/** Part of every digest: raised when the same Dockerfile would be built into something else. */
const BUILDER = 1;
const DRAFT = 'draft-';

/** What is kept beside a built root. */
interface BuiltImage {
  /** Folders and files of the host to be mounted over that root, read-only, by path inside; parents before children. */
  readonly binds: Readonly<Record<string, string>>;
  /** ENV; for a built image with its PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly workdir?: string;
}

/** What is in a sandbox before the task's own files, for an engine that mounts folders. */
export interface ResolvedImage extends BuiltImage {
  /** A folder to be mounted as the root, read-only; `null`: the system itself. */
  readonly root: string | null;
}

/** `stemma/images` in the user's cache folder. */
export function defaultCache(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stemma', 'images');
}

/**
 * Says what an image was built from: the Dockerfile's instructions, every byte that COPY takes, and the base.
 *
 * @param base says which base it is: a digest or an image's id
 */
export async function imageDigest(dockerfile: Dockerfile, base: string): Promise<string> {
  const { context, from, steps, env, workdir, user, cmd } = dockerfile;
  const copied = new Map(
    [...dockerfile.sources.values()]
      .flat()
      .flatMap((entry) => (entry.kind === 'folder' ? [entry, ...entriesBelow(context, entry)] : [entry]))
      .map((entry) => [entry.path, entry]),
  );
  const files: unknown[] = [];
  for (const entry of [...copied.values()].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const content =
      entry.kind === 'file' ? await fileDigest(join(context.folder, entry.path)) : (entry.target ?? null);
    files.push([entry.path, entry.kind, entry.mode, content]);
  }
  const sources = [...dockerfile.sources].map(([line, entries]) => [
    line,
    entries.map((entry) => entry.path),
  ]);
  return digestOf({
    builder: BUILDER,
    base,
    instructions: JSON.parse(JSON.stringify({ from, steps, env, workdir, user, cmd })),
    sources,
    files,
  });
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * An image from the cache, built where it is not there. A build goes on in a folder of its own that takes the image's name when
 * it is whole, so that no other process ever sees half of one; of two that build the same, the first stands.
 */
export async function fromCache(
  cache: string,
  digest: string,
  build: (root: string) => Promise<BuiltImage>,
): Promise<ResolvedImage> {
  const folder = join(cache, digest);
  const there = await readImage(folder);
  if (there) return { root: join(folder, 'root'), ...there };
  await mkdir(cache, { recursive: true, mode: 0o755 });
  // Drafts of builders that were killed.
  await sweepOrphans(cache, DRAFT, (path) => removeTree(path).catch(() => undefined));
  const draft = await mkdtemp(join(cache, `${DRAFT}${ownerName()}-`));
  try {
    const root = join(draft, 'root');
    await mkdir(root, { mode: 0o755 });
    await writeFile(join(draft, 'image.json'), JSON.stringify(await build(root)));
    await settle(draft, folder);
  } finally {
    await removeTree(draft);
  }
  return { root: join(folder, 'root'), ...((await readImage(folder)) as BuiltImage) };
}

async function settle(draft: string, folder: string): Promise<void> {
  try {
    await rename(draft, folder);
  } catch (error) {
    if (!['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    if (await readImage(folder)) return;
    // What is there can't be used any more: the base it was built over has moved.
    const aside = await mkdtemp(join(folder, '..', `${DRAFT}${ownerName()}-`));
    await rename(folder, join(aside, 'old')).catch(() => undefined);
    await removeTree(aside);
    await rename(draft, folder).catch(() => undefined);
  }
}

/** @returns `undefined` when there is none, or one whose base is no longer where it was */
async function readImage(folder: string): Promise<BuiltImage | undefined> {
  const text = await readFile(join(folder, 'image.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const image = JSON.parse(text) as BuiltImage;
  return Object.values(image.binds).every((path) => existsSync(path)) ? image : undefined;
}
