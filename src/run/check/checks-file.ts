import { appendFile, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unwritable } from '../../files/index.ts';
import type { MeasuredSpeed } from '../../study/index.ts';
import type { StudyCheck } from './study-check.ts';

/**
 * Where checks of a study are kept: beside its run folder, a JSON object a line. A check happens before there is a run, and is
 * no part of its records.
 *
 * @example checksFile('runs/olmo3') // => 'runs/olmo3.checks.jsonl'
 */
function checksFile(runFolder: string): string {
  return join(dirname(runFolder), `${basename(runFolder)}.checks.jsonl`);
}

/** No more than this is read: a check has a few kilobytes for each stage. */
const MOST_BYTES = 16 << 20;

/** @returns the latest check that was kept; `null` where there is none that can be read */
export async function latestCheck(runFolder: string): Promise<StudyCheck | null> {
  const file = checksFile(runFolder);
  try {
    const stats = await stat(file);
    if (!stats.isFile() || stats.size > MOST_BYTES) return null;
    const line = (await readFile(file, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
    const check = JSON.parse(line) as StudyCheck;
    return Array.isArray(check.models) && typeof check.at === 'string' ? check : null;
  } catch {
    return null;
  }
}

/** @throws InputError where the file cannot be written */
export async function keepCheck(runFolder: string, check: StudyCheck): Promise<string> {
  const file = checksFile(runFolder);
  try {
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, `${JSON.stringify(check)}\n`);
  } catch (error) {
    throw unwritable('the file of checks', file, error);
  }
  return file;
}

/** The speeds that a check measured. */
export function speedsOf({ at, models }: StudyCheck): {
  readonly at: string;
  readonly speeds: MeasuredSpeed[];
} {
  const speeds = models.flatMap(({ id, role, samples, tokensPerSecond, sampling }): MeasuredSpeed[] => {
    const calls = samples.reduce((sum, sample) => sum + sample.calls, 0);
    const ms = samples.reduce((sum, sample) => sum + sample.durationMs, 0);
    if (calls === 0 || samples.some(({ answer }) => answer === null)) return [];
    const together = sampling?.tokensPerSecond ?? null;
    const speedUp =
      together === null || tokensPerSecond === null ? 1 : Math.max(1, together / tokensPerSecond);
    return [{ id, role, secondsPerCall: ms / calls / 1_000, speedUp }];
  });
  return { at, speeds };
}
