import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rm, symlink } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { InputError } from '../../core/index.ts';
import { asOwner } from './as-owner.ts';
import { type Context, type ContextEntry, entriesBelow } from './context.ts';
import type { GrowingTree } from './growing-tree.ts';
import type { CopyStep } from './instructions.ts';
import type { Place } from './words.ts';

/**
 * Carries a COPY out, as Docker does: a folder's members go into the target, a file goes under its own name into a target that
 * is a folder, or else becomes the target. Links below a folder stay links.
 *
 * @throws InputError where something else is in the way
 */
export async function copyInto(
  tree: GrowingTree,
  context: Context,
  sources: readonly ContextEntry[],
  step: CopyStep,
  place: Place,
): Promise<void> {
  for (const source of sources) {
    if (source.kind === 'folder') await copyFolder(tree, context, source, step, place);
    else {
      const folder = step.intoFolder || (await isFolder(tree, step.target, place));
      const target = folder ? posix.join(step.target, basename(source.path)) : step.target;
      await copyFile(tree, context, source, target, step.mode, place);
    }
  }
}

async function copyFolder(
  tree: GrowingTree,
  context: Context,
  source: ContextEntry,
  step: CopyStep,
  place: Place,
): Promise<void> {
  const folders: { path: string; mode: number }[] = [];
  const isNew = !(await isFolder(tree, step.target, place));
  const target = await tree.ownFolder(step.target, place);
  if (isNew || step.mode !== undefined) folders.push({ path: target, mode: step.mode ?? source.mode });
  for (const entry of entriesBelow(context, source)) {
    const inside = posix.join(
      target,
      source.path === '' ? entry.path : entry.path.slice(source.path.length + 1),
    );
    if (entry.kind === 'folder') {
      const made = await tree.ownFolder(inside, place);
      folders.push({ path: made, mode: step.mode ?? entry.mode });
    } else if (entry.kind === 'link') await copyLink(tree, entry, inside, place);
    else if (entry.kind === 'file') await copyFile(tree, context, entry, inside, step.mode, place);
    else throw new InputError(`COPY of ${entry.path}: it is neither a file, a folder nor a link`, { place });
  }
  // Last, so that a folder that nobody may write in can be filled.
  for (const { path, mode } of folders.reverse()) await chmod(tree.host(path), mode);
}

async function copyFile(
  tree: GrowingTree,
  context: Context,
  entry: ContextEntry,
  target: string,
  mode: number | undefined,
  place: Place,
): Promise<void> {
  const { folder, path } = await placeFor(tree, target, place);
  await asOwner(tree.host(folder), async () => {
    const to = tree.host(path);
    await rm(to, { force: true });
    await copyBytes(join(context.folder, entry.path), to);
    await chmod(to, mode ?? entry.mode & 0o777);
  });
}

/** Never through a link: neither one that took the source's place since it was looked at, nor one at the target. */
async function copyBytes(from: string, to: string): Promise<void> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const target = await open(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      for await (const chunk of source.createReadStream({ autoClose: false }))
        await target.write(chunk as Buffer);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyLink(tree: GrowingTree, entry: ContextEntry, target: string, place: Place): Promise<void> {
  const folder = await tree.ownFolder(posix.dirname(target), place);
  const to = tree.host(posix.join(folder, basename(target)));
  await asOwner(tree.host(folder), async () => {
    await rm(to, { force: true });
    await symlink(entry.target as string, to);
  });
}

/** The folder a file goes into, made and owned; the file's own path with links followed. */
async function placeFor(
  tree: GrowingTree,
  target: string,
  place: Place,
): Promise<{ folder: string; path: string }> {
  const resolved = await tree.resolve(target, place);
  const folder = await tree.ownFolder(posix.dirname(resolved), place);
  const path = posix.join(folder, basename(resolved));
  const there = await lstat(tree.host(path)).catch(() => undefined);
  if (there?.isDirectory())
    throw new InputError(`COPY to ${target}: a folder is there`, {
      place,
      remedy: `To copy into it, end the target with a slash: ${target}/`,
    });
  return { folder, path };
}

async function isFolder(tree: GrowingTree, path: string, place: Place): Promise<boolean> {
  const resolved = await tree.resolve(path, place);
  return (await lstat(tree.host(resolved)).catch(() => undefined))?.isDirectory() ?? false;
}

/** WORKDIR makes its folder. */
export async function makeWorkdir(tree: GrowingTree, path: string, place: Place): Promise<void> {
  const resolved = await tree.ownFolder(path, place);
  await mkdir(tree.host(resolved), { recursive: true });
}
