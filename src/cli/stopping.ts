import { say } from './output.ts';

/** The two ways to stop: `stop` lets what is under way finish and be recorded, `abort` drops it at once. */
export interface Stopping extends Disposable {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
  /** The signal that asked for it; `null` while nothing did. */
  readonly signal: () => 'SIGINT' | 'SIGTERM' | null;
}

/**
 * A signal to a whole process group reaches stemma twice in a checkout, by itself and passed on by the wrapper. Nobody
 * presses Ctrl-C twice so fast.
 */
const ONE_SIGNAL_MS = 200;

/**
 * The first Ctrl-C (or SIGTERM) stops gently, the second at once.
 *
 * @param first what is done first, for people
 */
export function stopOnSignals(first = 'trials under way are finished and recorded'): Stopping {
  const gentle = new AbortController();
  const immediate = new AbortController();
  let asked: 'SIGINT' | 'SIGTERM' | null = null;
  let askedAt = 0;
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
    if (asked === null) {
      say(`\nStopping: ${first}. Once more to stop at once.`);
      asked = signal;
      askedAt = performance.now();
      gentle.abort();
    } else if (performance.now() - askedAt > ONE_SIGNAL_MS) {
      immediate.abort();
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    stop: gentle.signal,
    abort: immediate.signal,
    signal: () => asked,
    [Symbol.dispose]() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
