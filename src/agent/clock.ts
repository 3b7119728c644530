/** Node's timers hold no more. */
const LONGEST = 2 ** 31 - 1;

/** The wall time of a trial: breaks off what is under way when it is up, or when the trial is aborted. */
export class Clock implements Disposable {
  readonly signal: AbortSignal;
  readonly #outer: AbortSignal;
  readonly #controller = new AbortController();
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #abort: () => void;
  #expired = false;

  constructor(outer: AbortSignal, timeMs: number | undefined) {
    this.#outer = outer;
    this.signal = this.#controller.signal;
    this.#abort = () => this.#controller.abort(outer.reason);
    if (outer.aborted) this.#abort();
    // Not AbortSignal.any: the run's signal outlives thousands of trials, and each must leave nothing on it.
    outer.addEventListener('abort', this.#abort, { once: true });
    if (timeMs === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#expired = true;
        this.#controller.abort(new DOMException('the time of the trial is up', 'TimeoutError'));
      },
      Math.min(timeMs, LONGEST),
    );
  }

  /** The trial as a whole is aborted: nothing of it counts. */
  get aborted(): boolean {
    return this.#outer.aborted;
  }

  /** The time is up. */
  get expired(): boolean {
    return this.#expired;
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.#begun);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#abort);
  }
}
