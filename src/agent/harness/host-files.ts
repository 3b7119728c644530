import { open } from 'node:fs/promises';

/** Whether a file of the host is a program for Linux, by its first bytes. */
export async function isElf(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === '\x7fELF';
  } catch {
    return false;
  }
}
