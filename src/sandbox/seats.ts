/** A bounded number of seats; who waits gets one in the order of asking. */
export class Seats {
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** @param seats at least 1 */
  constructor(seats: number) {
    if (!(seats >= 1)) throw new RangeError(`at least one seat is needed, not ${seats}`);
    this.#free = seats;
  }

  /** Resolves with what gives the seat back (once; calling it again does nothing). Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    let held = true;
    return () => {
      if (held) this.#giveBack();
      held = false;
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(sit);
        reject(signal.reason);
      };
      const sit = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(sit);
    });
  }

  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free++;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
