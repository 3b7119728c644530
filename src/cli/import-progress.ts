import { counted } from '../format/index.ts';
import type { ImportSummary } from '../interchange/index.ts';
import { say } from './output.ts';

const SAY_EVERY_MS = 10_000;

interface ImportProgress {
  readonly onRead: (results: number) => void;
  readonly onWritten: (written: ImportSummary) => void;
}

/** Says how far an import is, where it takes long: what was read to check it, then what was written. */
export function sayImport(now: () => number = Date.now): ImportProgress {
  let said = now();
  const sayNowAndThen = (line: string) => {
    if (now() - said < SAY_EVERY_MS) return;
    said = now();
    say(line);
  };
  return {
    onRead: (results) => sayNowAndThen(`${counted(results, 'result')} read`),
    onWritten: ({ trials, ratings }) =>
      sayNowAndThen(`${counted(trials, 'trial')} and ${counted(ratings, 'rating')} written`),
  };
}
