/**
 * A rate limit that lets requests through evenly. A minute's worth at once would keep an average but break the limits
 * of servers that count by the second, so the bucket holds one second's worth. Something larger than the bucket passes
 * when it is full and leaves it in debt; what follows waits until the debt is paid. All times are milliseconds of one
 * clock.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #level: number;
  #at: number;

  constructor(perMinute: number, now: number) {
    this.#perMs = perMinute / 60_000;
    this.#capacity = Math.max(1, perMinute / 60);
    this.#level = this.#capacity;
    this.#at = now;
  }

  /** How long until `amount` may be taken; 0 when now. */
  delay(amount: number, now: number): number {
    this.#refill(now);
    const lacking = Math.min(amount, this.#capacity) - this.#level;
    return lacking <= 1e-9 ? 0 : lacking / this.#perMs;
  }

  take(amount: number, now: number): void {
    this.#refill(now);
    this.#level -= amount;
  }

  /** Corrects an estimate: gives back what was not used, takes (negative) what was used beyond it. */
  giveBack(amount: number): void {
    this.#level = Math.min(this.#capacity, this.#level + amount);
  }

  #refill(now: number): void {
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
