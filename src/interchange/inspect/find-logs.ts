import { glob, open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../core/index.ts';
import { isThere, namedSource } from '../named-source.ts';

/** A log to import, and the stage that the user says it is of. */
export interface FoundLog {
  readonly file: string;
  readonly stage: string | null;
}

/**
 * The logs behind the sources that a user named: files, folders (with all logs below them) and patterns with `*`. A source
 * may be preceded by the name of a stage: `sft=logs/b.eval`.
 *
 * @throws InputError for a source that does not exist, or has no log in it
 */
export async function findLogs(sources: readonly string[]): Promise<FoundLog[]> {
  const found = new Map<string, FoundLog>();
  for (const source of sources) {
    const { stage, path } = await namedSource(source);
    const files = await filesOf(path);
    if (files.length === 0) {
      throw new InputError('there is no Inspect log here', {
        place: { file: path },
        remedy: 'Logs are files that end in .eval, or .json files that Inspect wrote.',
      });
    }
    for (const file of files) {
      const real = await realpath(file);
      if (!found.has(real)) found.set(real, { file, stage });
    }
  }
  return [...found.values()];
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await isThere(path)) && /[*?[\]{}]/.test(path)) {
    const matches: string[] = [];
    for await (const match of glob(path)) matches.push(match);
    return (await Promise.all(matches.sort().map(filesOf))).flat();
  }
  if (!(await isThere(path))) throw new InputError('there is no such file', { place: { file: path } });
  return (await stat(path)).isDirectory() ? await logsBelow(path) : [path];
}

async function logsBelow(folder: string): Promise<string[]> {
  const logs: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile()) continue;
    if (entry.name.endsWith('.eval') || (entry.name.endsWith('.json') && (await looksLikeLog(file))))
      logs.push(file);
  }
  return logs.sort();
}

/** A folder of logs has other JSON files too, such as a listing of the logs. */
async function looksLikeLog(file: string): Promise<boolean> {
  await using handle = await open(file);
  const start = Buffer.alloc(4096);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  const text = start.toString('latin1', 0, bytesRead);
  return /^\s*\{/.test(text) && /"eval"\s*:\s*\{/.test(text) && /"task"\s*:/.test(text);
}
