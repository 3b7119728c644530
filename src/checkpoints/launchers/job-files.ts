import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const exitSchema = z.looseObject({ attempt: z.string(), code: z.int() });

/** How an attempt ended; `null` where it has not, or was killed before it could say. */
export function exitOf(folder: string, attempt: string): number | null {
  // The second one is of a start that found another at work: it must not touch the other's file.
  const ends = ['exit.json', 'refused.json'].map((name) => readJson(join(folder, name), exitSchema));
  return ends.find((end) => end?.attempt === attempt)?.code ?? null;
}

/** A small JSON file; `null` where it is absent, torn or of another form. */
export function readJson<S extends z.ZodType>(file: string, schema: S): z.output<S> | null {
  try {
    return schema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}

/** Writes a small JSON file, whole or not at all. */
export function writeJson(file: string, value: unknown): void {
  writeFileSync(`${file}.part`, `${JSON.stringify(value)}\n`);
  renameSync(`${file}.part`, file);
}

export function sizeOfFile(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines of the job's log, for messages. */
export function logTail(folder: string, lines = 3): string {
  try {
    return readFileSync(join(folder, 'log.txt'), 'utf8').trim().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
