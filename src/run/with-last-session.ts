import { type LastSession, writeLastSession } from '../records/index.ts';
import type { StopControl } from './stop-control.ts';
import type { RunSummary } from './summary.ts';

/**
 * Does the work of a session, and records in the run folder how it goes, so that a report can say why a run is not complete.
 *
 * @throws what the work throws; RecordsError when the folder cannot be written to
 */
export async function withLastSession(
  folder: string,
  control: StopControl,
  work: () => Promise<RunSummary>,
): Promise<RunSummary> {
  const begun: LastSession = {
    startedAt: new Date().toISOString(),
    endedAt: null,
    complete: false,
    stoppedBy: null,
    error: null,
  };
  await writeLastSession(folder, begun);
  let summary: RunSummary | null = null;
  try {
    summary = await work();
    return summary;
  } catch (error) {
    control.fail(error);
    throw error;
  } finally {
    const failure = control.failure?.error;
    await writeLastSession(folder, {
      ...begun,
      endedAt: new Date().toISOString(),
      complete: failure === undefined && summary?.complete === true,
      stoppedBy: summary?.stoppedBy ?? null,
      error: failure === undefined ? null : failure instanceof Error ? failure.message : String(failure),
    });
  }
}
