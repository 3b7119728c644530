import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closing, openPlainSync, statOf } from './plain-file.ts';

/**
 * When findings of a run were made for the first time: `findings-made.json`, written once. What a run grew by after that
 * was added by somebody who could know the result, and findings say so.
 */
const FILE = 'findings-made.json';

/** @returns ISO 8601; `null` where no findings were made, or nothing says so */
export function firstFindings(folder: string): string | null {
  try {
    using file = closing(openPlainSync(join(folder, FILE), 'read'));
    const { first } = JSON.parse(readFileSync(file.descriptor, 'utf8')) as { first?: unknown };
    return typeof first === 'string' && !Number.isNaN(Date.parse(first))
      ? new Date(first).toISOString()
      : null;
  } catch {
    return null;
  }
}

/**
 * Notes that findings were made now, unless earlier ones are noted. Only in a folder of the user's own that can be written
 * to: in others nothing is changed.
 */
export function noteFindings(folder: string, now = new Date()): void {
  const own = statOf(`${folder}/.`)?.uid === process.getuid?.();
  if (!own || statOf(join(folder, FILE)) !== null) return;
  try {
    writeFileSync(join(folder, FILE), `${JSON.stringify({ first: now.toISOString() })}\n`, { flag: 'wx' });
  } catch {
    // A folder that can't be written to can't grow either.
  }
}
