import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, RecordsError } from '../core/index.ts';
import { createRun, openRunWriter, type RunWriter } from '../records/index.ts';
import type { Halt } from './halt.ts';

/**
 * Opens a run folder to write to: a new one with this manifest, or the one that is there if it is of the same run.
 *
 * @param differences what keeps the run that is there from being gone on with as this one, in words; none: it may
 * @throws RecordsError when they differ, or as records do
 */
export async function openFolder(
  folder: string,
  manifest: Manifest,
  differences: (recorded: Manifest, wanted: Manifest) => readonly string[],
  remedy: string,
): Promise<RunWriter> {
  if (!existsSync(join(folder, 'manifest.json'))) return createRun(folder, manifest);
  const writer = await openRunWriter(folder);
  const found = differences(writer.manifest, manifest);
  if (found.length === 0) return writer;
  await writer.close();
  throw new RecordsError(`${folder} holds another run:\n${found.map((line) => `  - ${line}`).join('\n')}`, {
    remedy,
  });
}

/** Does this with the run folder open, and closes it. @throws the first thing that failed, once all is closed */
export async function untilClosed<T>(writer: RunWriter, halt: Halt, work: () => Promise<T>): Promise<T> {
  let result: { readonly value: T } | null = null;
  try {
    result = { value: await work() };
  } catch (error) {
    halt.fail(error);
  }
  try {
    await writer.close();
  } catch (error) {
    halt.fail(error);
  }
  if (halt.failure) throw halt.failure.error;
  return result!.value;
}
