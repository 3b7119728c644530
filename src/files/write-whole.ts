import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file by a draft beside it, fsync and rename. So the file always has its whole old content or its whole new content, also
 * when the disk is full.
 *
 * @param draft the path of the draft, for a file that only one process writes at a time: it replaces a draft that a killed process
 *   left. Default: a random name
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
