import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, type Manifest, RecordsError } from '../core/index.ts';
import type { RunWriter } from './run.ts';
import { createRun, openRunWriter } from './run-writer.ts';

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
  if (found.length === 0) {
    await takeOver(writer, manifest);
    return writer;
  }
  await writer.close();
  throw new RecordsError(`${folder} holds another run:\n${found.map((line) => `  - ${line}`).join('\n')}`, {
    remedy,
  });
}

/**
 * What may change while a run is gone on with (titles, panels, the analysis, budgets, endpoints) is taken from the study as it
 * is now. Raters that were added to the run since stay; a panel that the study no longer has goes, since it has no records.
 */
async function takeOver(writer: RunWriter, wanted: Manifest): Promise<void> {
  const recorded = writer.manifest;
  const named = new Set(wanted.raters.map(({ id }) => id));
  const added = recorded.raters.filter(({ id, kind }) => !named.has(id) && kind !== 'panel');
  const { stages, evals, analysis, study } = wanted;
  const manifest = { ...recorded, stages, evals, analysis, study, raters: [...wanted.raters, ...added] };
  if (digestOf(manifest) !== digestOf(recorded)) await writer.replaceManifest(manifest);
}

/** Where the first failure of some work is kept. */
export interface Failures {
  readonly failure: { readonly error: unknown } | null;
  fail(error: unknown): void;
}

/** Does this with the run folder open, and closes it. @throws the first thing that failed, once all is closed */
export async function untilClosed<T>(writer: RunWriter, halt: Failures, work: () => Promise<T>): Promise<T> {
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
