/** Bounds how many callers hold a permit at once. Callers that wait are served in order, and can be aborted. */
export class AbortableSemaphore {
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** @param permits at least 1 */
  constructor(permits: number) {
    if (!(permits >= 1)) throw new RangeError(`at least one permit is needed, not ${permits}`);
    this.#free = permits;
  }

  /** Waits for a permit. @returns a function that gives it back; later calls of it do nothing. @throws the signal's reason */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#wait(signal);
    let held = true;
    return () => {
      if (held) this.#release();
      held = false;
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(grant);
        reject(signal.reason);
      };
      const grant = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(grant);
    });
  }

  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free++;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
