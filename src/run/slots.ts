/** A bound on how many of something are under way at once; those who wait are served in order. */
export class Slots {
  #free: number;
  #waiting: (() => void)[] = [];
  #idle: (() => void)[] = [];
  #given: (() => void)[] = [];
  readonly size: number;

  /** @throws RangeError unless `size` is a whole number above 0 */
  constructor(size: number) {
    if (!(Number.isInteger(size) && size > 0))
      throw new RangeError(`slots: ${size} is no whole number above 0`);
    this.size = size;
    this.#free = size;
  }

  get taken(): number {
    return this.size - this.#free;
  }

  /** Takes a slot: at once (`undefined`, so that the common case costs no turn of the event loop) or when one is free. */
  take(): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free--;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives one back: to whoever has waited longest. */
  give(): void {
    if (this.#given.length > 0) for (const resolve of this.#given.splice(0)) resolve();
    const next = this.#waiting.shift();
    if (next) {
      next();
      return;
    }
    this.#free++;
    if (this.#free === this.size) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when the next one is given back. */
  given(): Promise<void> {
    return new Promise((resolve) => this.#given.push(resolve));
  }

  /** Resolves when none is taken. */
  drained(): Promise<void> {
    if (this.#free === this.size) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }
}
