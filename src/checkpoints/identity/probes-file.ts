import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordsError } from '../../core/index.ts';
import { parsedJson } from '../../core/parsed-json.ts';
import type { Probe } from './probe.ts';

/** Probes are kept beside the manifest, a JSON object a line, in the order of their dates. */
const FILE = 'probes.jsonl';

/** No more than this is read: a run has a few hundred bytes for each stage and command. */
const MOST_BYTES = 16 << 20;

/**
 * The probes of a run folder. A line that cannot be read is passed over: probes only warn.
 *
 * @throws RecordsError where the file is a link or not a regular file: nothing in a run folder is followed
 */
export async function readProbes(folder: string): Promise<readonly Probe[]> {
  const file = join(folder, FILE);
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw unusable(file, error);
    },
  );
  if (handle === null) return [];
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > MOST_BYTES) throw unusable(file);
    return (await handle.readFile('utf8')).split('\n').flatMap(probeOf);
  } finally {
    await handle.close();
  }
}

/** Appends them. @throws RecordsError where that is not possible */
export async function appendProbes(folder: string, probes: readonly Probe[]): Promise<void> {
  if (probes.length === 0) return;
  const file = join(folder, FILE);
  const flags =
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    await using handle = await open(file, flags, 0o644);
    if (!(await handle.stat()).isFile()) throw unusable(file);
    await handle.writeFile(probes.map((probe) => `${JSON.stringify(probe)}\n`).join(''));
  } catch (error) {
    throw error instanceof RecordsError ? error : unusable(file, error as Error);
  }
}

function probeOf(line: string): Probe[] {
  const value = parsedJson(line) as Partial<Probe> | null | undefined;
  const whole =
    typeof value?.stage === 'string' &&
    typeof value.at === 'string' &&
    Array.isArray(value.answers) &&
    Array.isArray(value.served);
  return whole ? [value as Probe] : [];
}

function unusable(file: string, cause?: Error): RecordsError {
  return new RecordsError(
    `cannot be used${cause === undefined ? ': it is not a regular file' : `: ${cause.message}`}`,
    {
      place: { file },
      remedy: 'Remove it: it holds what the stages answered to the fixed prompts, and no trial.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
