import { AdaptiveLimit } from './adaptive-limit.ts';
import { type Cancellation, Cancelled } from './cancellation.ts';
import { Fifo } from './fifo.ts';
import { TokenBucket } from './token-bucket.ts';

interface GateLimits {
  /** The cap of the adaptive concurrency. */
  readonly concurrency: number;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
}

/** The right to have one request under way; handed back by `leave`. */
export interface Permit {
  /** Ordinal of the request at this gate, from 1. */
  readonly turn: number;
  /** Tokens set aside for it. */
  readonly tokens: number;
}

/** How a request ended, as far as the next ones are concerned. */
type RequestOutcome = 'succeeded' | 'congested' | 'failed';

/**
 * Where the requests to one endpoint queue: for a place under the adaptive concurrency limit, for its rate limits, and
 * while the endpoint has asked for a pause. First come, first served, but retries before new requests.
 */
export class Gate {
  readonly #limit: AdaptiveLimit;
  readonly #requests: TokenBucket | null;
  readonly #tokens: TokenBucket | null;
  readonly #retries = new Fifo<Waiter>();
  readonly #fresh = new Fifo<Waiter>();
  #inFlight = 0;
  #begun = 0;
  #pausedUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ concurrency, requestsPerMinute, tokensPerMinute }: GateLimits) {
    const now = performance.now();
    this.#limit = new AdaptiveLimit(concurrency);
    this.#requests = requestsPerMinute === null ? null : new TokenBucket(requestsPerMinute, now);
    this.#tokens = tokensPerMinute === null ? null : new TokenBucket(tokensPerMinute, now);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#retries.size + this.#fresh.size;
  }

  get concurrency(): number {
    return this.#limit.current;
  }

  /** Milliseconds until a pause that the endpoint asked for is over. */
  get pausedMs(): number {
    return Math.max(0, this.#pausedUntil - performance.now());
  }

  /** @throws Cancelled at once when the call is */
  enter(tokens: number, cancellation: Cancellation, retry: boolean): Promise<Permit> | Permit {
    if (cancellation.cancelled) throw new Cancelled();
    if (this.waiting === 0 && this.#mayBegin(tokens) === 0) return this.#begin(tokens);
    return new Promise((resolve, reject) => {
      const begin = (permit: Permit) => {
        cancellation.onCancel = null;
        resolve(permit);
      };
      const queue = retry ? this.#retries : this.#fresh;
      const place = queue.push({ tokens, begin });
      cancellation.onCancel = () => {
        queue.drop(place);
        reject(new Cancelled());
        this.#pump();
      };
      this.#pump();
    });
  }

  /** @param used  tokens that the request really took; `null` where nobody knows, and the estimate stands */
  leave(permit: Permit, outcome: RequestOutcome, used: number | null): { readonly limitFell: boolean } {
    if (outcome === 'succeeded') this.#limit.succeeded(this.#inFlight);
    const limitFell = outcome === 'congested' && this.#limit.congested(permit.turn, this.#begun);
    this.#inFlight--;
    if (used !== null) this.#tokens?.giveBack(permit.tokens - used);
    this.#pump();
    return { limitFell };
  }

  /** Lets nothing through for so long. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + milliseconds);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Milliseconds until the next request may begin; 0 when now, `Infinity` when one has to end first. */
  #mayBegin(tokens: number): number {
    if (this.#inFlight >= this.#limit.current) return Number.POSITIVE_INFINITY;
    if (this.#pausedUntil === 0 && this.#requests === null && this.#tokens === null) return 0;
    const now = performance.now();
    return Math.max(
      this.#pausedUntil - now,
      this.#requests?.delay(1, now) ?? 0,
      this.#tokens?.delay(tokens, now) ?? 0,
      0,
    );
  }

  #begin(tokens: number): Permit {
    const now = performance.now();
    this.#requests?.take(1, now);
    this.#tokens?.take(tokens, now);
    this.#inFlight++;
    return { turn: ++this.#begun, tokens };
  }

  #pump(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const queue = this.#retries.size > 0 ? this.#retries : this.#fresh;
      const next = queue.peek();
      if (next === undefined) return;
      const delay = this.#mayBegin(next.tokens);
      if (delay > 0) {
        if (Number.isFinite(delay)) this.#timer = setTimeout(() => this.#pump(), Math.ceil(delay));
        return;
      }
      queue.shift();
      next.begin(this.#begin(next.tokens));
    }
  }
}

interface Waiter {
  readonly tokens: number;
  readonly begin: (permit: Permit) => void;
}
