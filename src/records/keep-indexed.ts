import { setTimeout as delay } from 'node:timers/promises';
import { openRun } from './run-reader.ts';

const EVERY_MS = 1000;

/**
 * Keeps the index of a run up to date while another process writes to the run, so that the other one has little left to do at its
 * end. Resolves once it is told to stop, with a whole index behind it.
 *
 * @throws RecordsError when the folder is not a run
 */
export async function keepIndexed(folder: string, signal: AbortSignal): Promise<void> {
  using run = await openRun(folder);
  while (!signal.aborted) {
    await delay(EVERY_MS, undefined, { signal }).catch(() => {});
    if (!signal.aborted) run.refresh();
  }
}
