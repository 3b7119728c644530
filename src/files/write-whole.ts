import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file so that at every moment its name stands for the old content or the new one, whole, also on a disk that is full: a
 * draft beside it, fsync, rename.
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${randomUUID().slice(0, 8)}.draft`;
  try {
    await using handle = await open(draft, 'wx');
    await handle.writeFile(content);
    await handle.sync();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}
