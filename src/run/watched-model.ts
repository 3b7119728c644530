import { type GenerateRequest, type Generation, type Model, ModelError, StemmaError } from '../core/index.ts';
import type { StopControl } from './stop-control.ts';

/**
 * When an endpoint counts as down, and how long a run waits for it.
 *
 * A provider that is down fails every trial in the same way. Each of them would be an honest record, and fifty thousand
 * of them a worthless run; a night's run that ends because the network was away for three minutes is no better. So after
 * `afterFailures` failed calls in a row, with none answered between them (each failed only after its own retries), the
 * endpoint is *down*: calls to it wait instead of failing, one at a time is tried again after a growing pause, and the
 * first that is answered lets all go on. After `patienceMs` the run fails, having recorded nothing of the waiting trials.
 *
 * Failures that only say "not this request" (`rejected`) are the trial's own and are recorded: a provider's filter may
 * well reject every harmful prompt of an eval. Only where an endpoint has rejected its first `afterFailures` calls and
 * answered none does the run fail: then it is the settings that it rejects.
 */
export interface OutagePolicy {
  readonly afterFailures: number;
  /** Between one try and the next; the last one repeats. */
  readonly pausesMs: readonly number[];
  readonly patienceMs: number;
}

export const OUTAGE_POLICY: OutagePolicy = {
  afterFailures: 20,
  pausesMs: [5_000, 15_000, 30_000, 60_000],
  patienceMs: 15 * 60_000,
};

/** An endpoint that a run is waiting for. */
export interface Outage {
  readonly ref: string;
  /** What its last failed call said. */
  readonly message: string;
  readonly since: number;
  readonly nextTryAt: number;
}

interface State {
  readonly since: number;
  message: string;
  tries: number;
  nextTryAt: number;
  /** Whether a call has been let through to try. */
  trying: boolean;
  timer: NodeJS.Timeout | undefined;
  readonly waiting: { go: () => void; cancel: (error: ModelError) => void }[];
}

/** A model whose calls wait while its endpoint is down. Safe to call concurrently, as any model. */
export class WatchedModel implements Model {
  readonly #model: Model;
  readonly #policy: OutagePolicy;
  readonly #control: StopControl;
  #failures = 0;
  #rejections = 0;
  #everAnswered = false;
  #down: State | null = null;

  constructor(model: Model, control: StopControl, policy: OutagePolicy) {
    this.#model = model;
    this.#policy = policy;
    this.#control = control;
    control.onStopping(() => this.#tryNow());
    control.signal.addEventListener('abort', () => this.#cancelAll(), { once: true });
  }

  get ref(): string {
    return this.#model.ref;
  }

  /** `null` while it answers. */
  get outage(): Outage | null {
    const down = this.#down;
    return down && { ref: this.ref, message: down.message, since: down.since, nextTryAt: down.nextTryAt };
  }

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation> {
    for (;;) {
      if (this.#down) await this.#turn(this.#down);
      try {
        const generation = await this.#model.generate(request, signal);
        this.#answered();
        return generation;
      } catch (error) {
        if (signal.aborted || !this.#mustWait(error)) throw error;
      }
    }
  }

  #answered(): void {
    this.#everAnswered = true;
    this.#failures = 0;
    const down = this.#down;
    if (!down) return;
    this.#down = null;
    clearTimeout(down.timer);
    for (const call of down.waiting) call.go();
  }

  /** Whether a call that failed like this is to wait and be made again, instead of failing. */
  #mustWait(error: unknown): boolean {
    if (!(error instanceof ModelError) || error.fatal || error.kind === 'cancelled') return false;
    if (error.kind === 'rejected') {
      this.#failures = 0;
      if (!this.#everAnswered && ++this.#rejections >= this.#policy.afterFailures) this.#failRejected(error);
      return false;
    }
    this.#failures++;
    if (this.#down) {
      this.#failedAgain(this.#down, error);
      return true;
    }
    if (this.#failures < this.#policy.afterFailures) return false;
    const now = Date.now();
    this.#down = {
      since: now,
      message: error.message,
      tries: 0,
      nextTryAt: now,
      trying: false,
      timer: undefined,
      waiting: [],
    };
    this.#schedule(this.#down);
    return true;
  }

  #failedAgain(down: State, error: ModelError): void {
    down.message = error.message;
    if (!down.trying) return; // It was under way when the endpoint went down, and says nothing new.
    down.trying = false;
    down.tries++;
    if (this.#control.stopping) this.#control.abort('signal');
    else if (Date.now() - down.since >= this.#policy.patienceMs) this.#failDown(down, error);
    else this.#schedule(down);
  }

  #schedule(down: State): void {
    const { pausesMs } = this.#policy;
    const pause = this.#control.stopping ? 0 : (pausesMs[Math.min(down.tries, pausesMs.length - 1)] ?? 0);
    down.nextTryAt = Date.now() + pause;
    clearTimeout(down.timer);
    down.timer = setTimeout(() => this.#letOneTry(down), pause);
  }

  #letOneTry(down: State): void {
    const call = down.waiting.shift();
    if (!call) {
      this.#schedule(down);
      return;
    }
    down.trying = true;
    call.go();
  }

  /** Who stops gently must not sit out a pause: one last try decides. */
  #tryNow(): void {
    if (this.#down && !this.#down.trying) this.#schedule(this.#down);
  }

  #turn(down: State): Promise<void> {
    return new Promise((go, cancel) => {
      if (this.#control.aborted) cancel(cancelled(this.ref));
      else down.waiting.push({ go, cancel });
    });
  }

  #cancelAll(): void {
    const down = this.#down;
    if (!down) return;
    clearTimeout(down.timer);
    for (const call of down.waiting.splice(0)) call.cancel(cancelled(this.ref));
  }

  #failDown(down: State, cause: ModelError): void {
    if (this.#control.aborted) return;
    const minutes = Math.round((Date.now() - down.since) / 60_000);
    this.#control.fail(
      new StemmaError(
        `${this.ref} is down: ${this.#failures} calls in a row failed, in the last ${minutes} min; the last: ${cause.message}`,
        {
          remedy:
            'All that was recorded is safe, and the waiting trials left no record. Once it answers, run the same command again.',
          cause,
        },
      ),
    );
  }

  #failRejected(cause: ModelError): void {
    if (this.#control.aborted) return;
    this.#control.fail(
      new StemmaError(
        `${this.ref} rejected the first ${this.#rejections} calls and answered none; the last: ${cause.message}`,
        {
          remedy:
            'Look at the sampling settings and at the `body` of this model: one of them is not to its liking.',
          cause,
        },
      ),
    );
  }
}

function cancelled(ref: string): ModelError {
  return new ModelError('cancelled', `the call to ${ref} was cancelled`);
}
