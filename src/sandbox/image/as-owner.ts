import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Does something in a folder that belongs to us even where its permission bits forbid it: they are set back after. */
export async function asOwner<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const mode = (await lstat(folder)).mode & 0o7777;
  if ((mode & 0o300) === 0o300) return work();
  await chmod(folder, mode | 0o700);
  try {
    return await work();
  } finally {
    await chmod(folder, mode);
  }
}

/** Removes a tree of ours, folders that nobody may write in included. */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await openFolders(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const member of await readdir(folder, { withFileTypes: true }))
    if (member.isDirectory()) await openFolders(join(folder, member.name));
}
