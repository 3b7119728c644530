import { setMaxListeners } from 'node:events';

/** What ended a run before its plan was carried out: the user's signal, a budget (`wall` is wall time), or that all is decided. */
export type StoppedBy = 'signal' | 'tokens' | 'usd' | 'wall' | 'decided';

/**
 * The ways in which a run ends early, in one place.
 *
 *  - *stopping*: no new trial begins; those under way are finished and rated (a first Ctrl-C, a budget of tokens)
 *  - *closed*: also no new request begins; those under way are finished (a budget of wall time)
 *  - *aborted*: those under way end now and leave no record, so they will run again (a second Ctrl-C)
 *  - *failed*: aborted, with an error that the run ends with (a bad key, a full disk)
 */
export class StopControl implements Disposable {
  readonly #abort = new AbortController();
  readonly #unfollow: (() => void)[] = [];
  readonly #onStopping: (() => void)[] = [];
  readonly #onClosed: (() => void)[] = [];
  #stoppedBy: StoppedBy | null = null;
  #closed = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(
    signals: {
      readonly stop?: AbortSignal | undefined;
      readonly abort?: AbortSignal | undefined;
      readonly decided?: AbortSignal | undefined;
    } = {},
  ) {
    // Each call under way listens to it. Thousands of listeners are expected and no leak.
    setMaxListeners(0, this.#abort.signal);
    this.#follow(signals.stop, () => this.stop('signal'));
    this.#follow(signals.abort, () => this.abort('signal'));
    this.#follow(signals.decided, () => this.stop('decided'));
  }

  /** Aborts what is under way. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether no new trial may begin. */
  get stopping(): boolean {
    return this.#stoppedBy !== null || this.aborted;
  }

  /** Whether no new request may begin. */
  get closed(): boolean {
    return this.#closed || this.aborted;
  }

  get aborted(): boolean {
    return this.#abort.signal.aborted;
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
    tell(this.#onStopping);
  }

  /** Stops, and lets no new request begin. */
  close(by: StoppedBy): void {
    this.#closed = true;
    this.stop(by);
    tell(this.#onClosed);
  }

  abort(by: StoppedBy): void {
    if (this.aborted) return;
    this.stop(by);
    this.#abort.abort();
    tell(this.#onClosed);
  }

  /** The first error stands: those that follow are its effects on other trials. */
  fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    this.#abort.abort();
    tell(this.#onStopping);
    tell(this.#onClosed);
  }

  /** Calls back once, when no new trial may begin any more; at once when that is so already. */
  onStopping(listener: () => void): void {
    if (this.stopping) listener();
    else this.#onStopping.push(listener);
  }

  /** Calls back once, when no new request may begin any more; at once when that is so already. */
  onClosed(listener: () => void): void {
    if (this.closed) listener();
    else this.#onClosed.push(listener);
  }

  #follow(signal: AbortSignal | undefined, then: () => void): void {
    if (!signal) return;
    if (signal.aborted) {
      then();
      return;
    }
    signal.addEventListener('abort', then, { once: true });
    this.#unfollow.push(() => signal.removeEventListener('abort', then));
  }

  [Symbol.dispose](): void {
    for (const unfollow of this.#unfollow.splice(0)) unfollow();
  }
}

function tell(listeners: (() => void)[]): void {
  for (const listener of listeners.splice(0)) listener();
}
