import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file so that at every moment its name stands for the old content or the new one, whole, also on a disk that is full: a
 * draft beside it, fsync, rename.
 *
 * @param draft another name than a random one, for a file that one process at a time writes: a draft that a killed process left is
 *   written over then, and does not stay
 */
export async function writeWhole(file: string, content: string | Uint8Array, draft?: string): Promise<void> {
  const name = draft ?? `${file}.${randomUUID().slice(0, 8)}.draft`;
  try {
    await using handle = await open(name, draft === undefined ? 'wx' : 'w');
    await handle.writeFile(content);
    await handle.sync();
    await rename(name, file);
  } catch (error) {
    await rm(name, { force: true }).catch(() => {});
    throw error;
  }
}
