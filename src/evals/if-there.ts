import { SandboxFileError } from '../core/index.ts';

/** What is read of a sandbox's files; `null` where they are not there, are not what is read, or are too large. */
export async function ifThere<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SandboxFileError) return null;
    throw error;
  }
}
