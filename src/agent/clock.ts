import { MOST_TIMER_MS } from '../core/most-timer.ts';
import { LinkedAbort } from './linked-abort.ts';

/** The wall time of a trial: breaks off what is under way when it is up, or when the trial is aborted. */
export class Clock extends LinkedAbort {
  readonly #outer: AbortSignal;
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #expired = false;

  constructor(outer: AbortSignal, timeMs: number | undefined) {
    super(outer);
    this.#outer = outer;
    if (timeMs === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#expired = true;
        this.abort(new DOMException('the time of the trial is up', 'TimeoutError'));
      },
      Math.min(timeMs, MOST_TIMER_MS),
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

  override [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    super[Symbol.dispose]();
  }
}
