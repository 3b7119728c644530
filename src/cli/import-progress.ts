import { counted } from '../format/index.ts';
import type { ImportSummary } from '../interchange/index.ts';
import type { SendEvent } from './json-lines.ts';
import { notTooOften } from './not-too-often.ts';
import { say } from './output.ts';

const SAY_EVERY_MS = 10_000;
const TELL_EVERY_MS = 1_000;

/** How far an import is: what was read to check it, then what was written. */
export interface ImportProgress {
  readonly onRead: (results: number) => void;
  readonly onWritten: (written: ImportSummary) => void;
}

/** Says it, where an import takes long. */
export function sayImport(now: () => number = Date.now): ImportProgress {
  const isTime = notTooOften(SAY_EVERY_MS, 'later', now);
  return {
    onRead: (results) => void (isTime() && say(`${counted(results, 'result')} read`)),
    onWritten: ({ trials, ratings }) =>
      void (isTime() && say(`${counted(trials, 'trial')} and ${counted(ratings, 'rating')} written`)),
  };
}

/** The same for programs, once a second. */
export function tellImport(
  tell: SendEvent,
  { source, run }: { readonly source: string; readonly run: string },
  now: () => number = Date.now,
): ImportProgress {
  const isTime = notTooOften(TELL_EVERY_MS, 'later', now);
  return {
    onRead: (results) => void (isTime() && tell('progress', { step: 'reading', source, results })),
    onWritten: (written) => void (isTime() && tell('progress', { step: 'writing', run, ...written })),
  };
}
