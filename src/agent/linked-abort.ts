/**
 * Aborts when it is told to, or when one of these signals does, and leaves nothing on them once it is disposed of. Not
 * AbortSignal.any: a run's signal outlives thousands of trials.
 */
export class LinkedAbort extends AbortController implements Disposable {
  readonly #signals: readonly AbortSignal[];
  readonly #follow = () => this.abort(this.#signals.find(({ aborted }) => aborted)?.reason);

  constructor(...signals: readonly AbortSignal[]) {
    super();
    this.#signals = signals;
    for (const signal of signals) signal.addEventListener('abort', this.#follow, { once: true });
    if (signals.some(({ aborted }) => aborted)) this.#follow();
  }

  [Symbol.dispose](): void {
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#follow);
  }
}
