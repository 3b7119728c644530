/**
 * How many requests an endpoint bears at once, found as TCP finds it: additive increase, multiplicative decrease. It
 * starts at the cap, since the person who set the cap knows the server; signs of congestion (429, 503, 529, timeouts)
 * halve it, at most once for all the requests that were under way together, and never below 1. Each success while the
 * limit is in use raises it by 1/limit: by one in every round of requests, until it is at the cap again.
 *
 * @see Chiu & Jain (1989), Analysis of the increase and decrease algorithms for congestion avoidance
 */
export class AdaptiveLimit {
  readonly cap: number;
  #limit: number;
  /** Requests begun by the time of the last decrease; their failures are old news. */
  #decreasedAt = 0;

  constructor(cap: number) {
    this.cap = cap;
    this.#limit = cap;
  }

  get current(): number {
    return Math.floor(this.#limit);
  }

  succeeded(inFlight: number): void {
    if (this.#limit < this.cap && inFlight >= this.current) {
      this.#limit = Math.min(this.cap, this.#limit + 1 / this.#limit);
    }
  }

  /**
   * @param turn   the ordinal of the congested request
   * @param begun  how many have begun so far
   * @returns whether the limit fell
   */
  congested(turn: number, begun: number): boolean {
    if (turn <= this.#decreasedAt) return false;
    this.#decreasedAt = begun;
    this.#limit = Math.max(1, this.#limit / 2);
    return true;
  }
}
