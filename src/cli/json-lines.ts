import { StemmaError } from '../core/index.ts';
import type { Progress } from '../run/index.ts';
import { printJsonLine } from './output.ts';

/** Tells one event of a command: `event` first, then whatever belongs to it. */
export type SendEvent = (event: string, members: object) => void;

/**
 * Does the work of a command with `--json`: one JSON object per line on stdout while it goes on, and a closing one with
 * `"event": "end"`, whether it succeeded or not. docs/json-lines.md lists the events.
 *
 * @param work returns the members of the closing object
 * @throws what the work throws, after the closing object has told it
 */
export async function withJsonLines(
  command: string,
  work: (tell: SendEvent) => Promise<object>,
): Promise<void> {
  const tell: SendEvent = (event, members) => printJsonLine({ event, ...members });
  try {
    const members = await work(tell);
    tell('end', { command, exitCode: Number(process.exitCode ?? 0), error: null, ...members });
  } catch (error) {
    tell('end', {
      command,
      exitCode: error instanceof StemmaError ? error.exitCode : 1,
      error: errorJson(error),
    });
    throw error;
  }
}

function errorJson(error: unknown): object {
  if (!(error instanceof StemmaError))
    return { name: 'Error', message: String(error), place: {}, remedy: null };
  const { name, message, place, remedy = null } = error;
  return { name, message, place, remedy };
}

const EVERY_MS = 1_000;

/** Tells the progress of a run: once a second, whenever its state changes, and at the end. */
export function progressSender(tell: SendEvent): (progress: Progress) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let toldState: Progress['state'] | null = null;
  return (progress) => {
    if (progress.elapsedMs - toldAt < EVERY_MS && progress.state === toldState) return;
    toldAt = progress.elapsedMs;
    toldState = progress.state;
    tell('progress', progress);
  };
}
