import { setMaxListeners } from 'node:events';

/** What ended a run before its plan was carried out: the user's signal, or a budget (`wall` is wall time). */
export type StoppedBy = 'signal' | 'tokens' | 'usd' | 'wall';

/**
 * The ways in which a run ends early, in one place.
 *
 *  - *stopping*: no new trials; those under way are finished and recorded (a first Ctrl-C, a budget)
 *  - *dropped*: those under way end now and leave no record, so they will run again (a second Ctrl-C)
 *  - *failed*: dropped, with an error that the run is to end with (a bad key, a full disk)
 */
export class Halt implements Disposable {
  readonly #drop = new AbortController();
  readonly #release: (() => void)[] = [];
  readonly #listeners: (() => void)[] = [];
  #stoppedBy: StoppedBy | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(
    signals: { readonly stop?: AbortSignal | undefined; readonly abort?: AbortSignal | undefined } = {},
  ) {
    // Every call under way listens to it: thousands are meant, and no leak.
    setMaxListeners(0, this.#drop.signal);
    this.#follow(signals.stop, () => this.stop('signal'));
    this.#follow(signals.abort, () => this.drop('signal'));
  }

  /** Aborts what is under way. */
  get signal(): AbortSignal {
    return this.#drop.signal;
  }

  /** No new trial may begin. */
  get stopping(): boolean {
    return this.#stoppedBy !== null || this.dropped;
  }

  get dropped(): boolean {
    return this.#drop.signal.aborted;
  }

  /** `null` while nothing asked for it, and after a failure. */
  get stoppedBy(): StoppedBy | null {
    return this.#failure ? null : this.#stoppedBy;
  }

  get failure(): { readonly error: unknown } | null {
    return this.#failure;
  }

  /** The first reason stands. */
  stop(by: StoppedBy): void {
    if (this.stopping) return;
    this.#stoppedBy = by;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  drop(by: StoppedBy): void {
    if (this.dropped) return;
    this.stop(by);
    this.#drop.abort();
  }

  /** The first error stands: those that follow are its echo in other trials. */
  fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    this.#drop.abort();
    for (const listener of this.#listeners.splice(0)) listener();
  }

  /** Calls back once, when no new trial may begin any more; at once when that is so already. */
  onStopping(listener: () => void): void {
    if (this.stopping) listener();
    else this.#listeners.push(listener);
  }

  #follow(signal: AbortSignal | undefined, then: () => void): void {
    if (!signal) return;
    if (signal.aborted) {
      then();
      return;
    }
    signal.addEventListener('abort', then, { once: true });
    this.#release.push(() => signal.removeEventListener('abort', then));
  }

  [Symbol.dispose](): void {
    for (const release of this.#release.splice(0)) release();
  }
}
