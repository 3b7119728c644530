import { bytesInWords, percent } from '../format/index.ts';
import type { HubProgress } from '../hub/index.ts';
import { notTooOften } from './not-too-often.ts';
import { say } from './output.ts';

const SAY_EVERY_MS = 10_000;
const TELL_EVERY_MS = 1_000;

/** Says how far files are fetched: each one that is begun, and how much is there now and then. */
export function sayDownload(now: () => number = Date.now): (progress: HubProgress) => void {
  return nowAndThen(SAY_EVERY_MS, now, ({ file, bytes, of }) =>
    say(`Fetching ${file}: ${percent(of === 0 ? 1 : bytes / of)} of ${bytesInWords(of)}`),
  );
}

/** The same for programs, once a second. */
export function tellDownload(
  tell: (progress: HubProgress) => void,
  now: () => number = Date.now,
): (progress: HubProgress) => void {
  return nowAndThen(TELL_EVERY_MS, now, tell);
}

/** Tells the first news, the last, and others not more often than this. */
function nowAndThen(
  every: number,
  now: () => number,
  tell: (progress: HubProgress) => void,
): (progress: HubProgress) => void {
  const isTime = notTooOften(every, 'at once', now);
  return (progress) => {
    if (isTime() || progress.bytes >= progress.of) tell(progress);
  };
}
