/** Bounds how many of something are under way at once. Waiters are served in the order in which they came. */
export class Semaphore {
  readonly size: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #untilIdle: (() => void)[] = [];
  #untilReleased: (() => void)[] = [];

  /** @throws RangeError unless `size` is a whole number above 0 */
  constructor(size: number) {
    if (!(Number.isInteger(size) && size > 0)) {
      throw new RangeError(`semaphore: ${size} is not a whole number above 0`);
    }
    this.size = size;
    this.#free = size;
  }

  /** How many permits are in use. */
  get held(): number {
    return this.size - this.#free;
  }

  /** Takes a permit. `undefined` when one was free, so that the common case costs no turn of the event loop. */
  acquire(): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free--;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a permit back: to the first who waits for one. */
  release(): void {
    if (this.#untilReleased.length > 0) for (const resolve of this.#untilReleased.splice(0)) resolve();
    const next = this.#waiting.shift();
    if (next) {
      next();
      return;
    }
    this.#free++;
    if (this.#free === this.size) for (const resolve of this.#untilIdle.splice(0)) resolve();
  }

  /** Resolves when the next permit is given back. */
  released(): Promise<void> {
    return new Promise((resolve) => this.#untilReleased.push(resolve));
  }

  /** Resolves when no permit is in use. */
  idle(): Promise<void> {
    if (this.#free === this.size) return Promise.resolve();
    return new Promise((resolve) => this.#untilIdle.push(resolve));
  }
}
