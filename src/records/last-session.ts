import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { diskError } from './disk-error.ts';
import { closing, openPlainSync } from './plain-file.ts';

const schema = z.object({
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  complete: z.boolean(),
  stoppedBy: z.enum(['signal', 'tokens', 'usd', 'wall', 'decided']).nullable(),
  error: z.string().nullable(),
});

/**
 * How the last session of `stemma run` in a run folder ended: `last-session.json`. A session writes it when it begins,
 * and again when it ends. So one that was killed has no `endedAt`, like one that is still under way.
 */
export interface LastSession {
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601; `null` before it ends. */
  readonly endedAt: string | null;
  /** Whether nothing was left to do. */
  readonly complete: boolean;
  /** A budget, the user's signal, or that every headline had a verdict; `null` where none stopped it. */
  readonly stoppedBy: 'signal' | 'tokens' | 'usd' | 'wall' | 'decided' | null;
  /** The message of the error that ended it. */
  readonly error: string | null;
}

const FILE = 'last-session.json';

/** @returns `null` where no session has said how it went, or the file cannot be read: nothing else depends on it */
export function readLastSession(folder: string): LastSession | null {
  const file = join(folder, FILE);
  try {
    using opened = closing(openPlainSync(file, 'read'));
    return schema.parse(JSON.parse(readFileSync(opened.descriptor, 'utf8')));
  } catch {
    return null;
  }
}

/** Replaces the file as a whole. @throws RecordsError when it cannot be written */
export async function writeLastSession(folder: string, session: LastSession): Promise<void> {
  const file = join(folder, FILE);
  const draft = `${file}.${randomUUID()}.draft`;
  try {
    await writeFile(draft, `${JSON.stringify(session, null, 2)}\n`, { flag: 'wx' });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw diskError(error, file);
  }
}
