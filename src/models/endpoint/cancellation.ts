/**
 * Cancelling of one call. A call passes through phases (queueing, waiting, in flight); each says in `onCancel` what
 * ends it at once. Thousands of calls may share one signal, and adding or removing a listener walks all the others, so
 * there is one listener a signal, and a set of calls beneath it.
 */
export class Cancellation {
  /** Ends the present phase; called at most once. */
  onCancel: (() => void) | null = null;
  readonly #signal: AbortSignal;
  #cancelled = false;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    if (signal.aborted) this.#cancelled = true;
    else watch(signal).add(this);
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.onCancel?.();
    this.onCancel = null;
  }

  /** The call is over. */
  release(): void {
    this.onCancel = null;
    watched.get(this.#signal)?.delete(this);
  }
}

/** What a phase ends with when its call is cancelled. */
export class Cancelled extends Error {}

const watched = new WeakMap<AbortSignal, Set<Cancellation>>();

function watch(signal: AbortSignal): Set<Cancellation> {
  const known = watched.get(signal);
  if (known !== undefined) return known;
  const calls = new Set<Cancellation>();
  watched.set(signal, calls);
  signal.addEventListener('abort', () => {
    for (const call of [...calls]) call.cancel();
  });
  return calls;
}

/** Waits. @throws Cancelled at once when the call is */
export function sleep(milliseconds: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    if (cancellation.cancelled) return reject(new Cancelled());
    const timer = setTimeout(() => {
      cancellation.onCancel = null;
      resolve();
    }, milliseconds);
    cancellation.onCancel = () => {
      clearTimeout(timer);
      reject(new Cancelled());
    };
  });
}
