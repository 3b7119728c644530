import { type GenerateRequest, type Generation, type Model, ModelError, StemmaError } from '../core/index.ts';
import { FirstCall } from './first-call.ts';
import type { StopControl } from './stop-control.ts';

/**
 * When an endpoint counts as down, and how long a run waits for it.
 *
 * A provider that is down fails every trial in the same way. Each of them would be an honest record, and fifty thousand
 * of them a worthless run. A night's run that ends because the network was away for three minutes is not better. So the
 * endpoint counts as *down* after `afterFailures` failed calls in a row, each of which failed after its own retries; at
 * once, where it has never answered and could not be reached, or where nothing is there to be asked: no listener, as while a server is
 * started again, or a server that loads its model. Calls to it then wait instead of failing. One at a time is
 * tried again after a growing pause, and the first answer lets all go on. After `patienceMs` the run fails. It has recorded
 * nothing of the waiting trials.
 *
 * Failures that only say "not this request" (`rejected`) belong to the trial and are recorded: a provider's filter may
 * well reject every harmful prompt of an eval. Where an endpoint has rejected its first `afterFailures` calls and answered
 * none, it rejects the settings, and the run fails.
 *
 * No single prompt stops a run. A 403 may be about the key or about the prompt. Before any answer, two different prompts
 * decide: where both get a 403, it is about the key, and the run fails. After an answer it is about the prompt, unless
 * `afterFailures` of them come in a row. A key, a credit or a model that the server no longer takes after an answer must fail for
 * two different prompts in a row.
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

/** How long a refusal that may be about the prompt waits for a second prompt to decide what it means. */
const SECOND_PROMPT_MS = 10_000;

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

/** What a refusal is about: all that this model is asked, or one prompt. */
type Meaning = 'all' | 'own';
type Decide = (meaning: Meaning) => void;

/** A request that failed and is made again. */
interface Retry {
  readonly kind: ModelError['kind'];
  readonly message: string;
  readonly delayMs: number;
}

/** A model whose calls wait while its endpoint is down. Safe to call concurrently, as any model. */
export class WatchedModel implements Model {
  readonly #model: Model;
  readonly #policy: OutagePolicy;
  readonly #control: StopControl;
  readonly #first: FirstCall;
  #failures = 0;
  #rejections = 0;
  #everAnswered = false;
  #down: State | null = null;
  /** The first request, while it is made again because the endpoint cannot be reached. */
  #unreached: Outage | null = null;
  /** By HTTP status: prompts that were refused since the last answer, and who waits to know what it means. */
  readonly #refused = new Map<number | undefined, Map<string, Decide[]>>();

  /** @param remote whether it is behind a network: then its first call goes alone */
  constructor(model: Model, control: StopControl, policy: OutagePolicy, { remote }: { remote: boolean }) {
    this.#model = model;
    this.#policy = policy;
    this.#control = control;
    this.#first = new FirstCall(!remote);
    control.onStopping(() => this.#tryNow());
    control.onClosed(() => this.#cancelAll());
  }

  get ref(): string {
    return this.#model.ref;
  }

  /** `null` while it answers. */
  get outage(): Outage | null {
    const down = this.#down;
    if (!down) return this.#unreached;
    return { ref: this.ref, message: down.message, since: down.since, nextTryAt: down.nextTryAt };
  }

  /** A request of this model failed and is made again by its endpoint. */
  retried({ kind, message, delayMs }: Retry): void {
    if (this.#everAnswered || this.#down || kind !== 'connection') return;
    this.#first.keepWaiting();
    const now = Date.now();
    const since = this.#unreached?.since ?? now;
    this.#unreached = { ref: this.ref, message, since, nextTryAt: now + delayMs };
  }

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation> {
    for (;;) {
      const wait = this.#first.enter();
      if (wait) await wait;
      if (this.#control.closed) throw cancelled(this.ref);
      if (this.#down) await this.#turn(this.#down);
      try {
        const generation = await this.#model.generate(request, signal);
        this.#answered();
        return generation;
      } catch (error) {
        if (signal.aborted || !(error instanceof ModelError) || error.kind === 'cancelled') throw error;
        if (error.fatal && (error.status === 403 || this.#everAnswered))
          throw await this.#refusedAs(error, request);
        if (!this.#mustWait(error)) throw error;
      }
    }
  }

  #answered(): void {
    this.#everAnswered = true;
    this.#failures = 0;
    this.#unreached = null;
    this.#first.open();
    if (this.#refused.size > 0) this.#decideOwn();
    const down = this.#down;
    if (!down) return;
    this.#down = null;
    clearTimeout(down.timer);
    for (const call of down.waiting) call.go();
  }

  /** The endpoint takes the key, so what it refused before was about the prompt. */
  #decideOwn(): void {
    for (const alike of this.#refused.values())
      for (const decide of [...alike.values()].flat()) decide('own');
    this.#refused.clear();
  }

  /** Whether a call that failed like this is to wait and be made again, instead of failing. */
  #mustWait(error: ModelError): boolean {
    if (error.fatal) return false;
    if (error.kind === 'rejected') {
      this.#first.open();
      this.#failures = 0;
      if (!this.#everAnswered && ++this.#rejections >= this.#policy.afterFailures) this.#failRejected(error);
      return false;
    }
    this.#failures++;
    if (this.#down) {
      this.#failedAgain(this.#down, error);
      return true;
    }
    const unreached = error.absent || (error.kind === 'connection' && !this.#everAnswered);
    if (unreached) this.#first.leave();
    else this.#first.open();
    if (!unreached && this.#failures < this.#policy.afterFailures) return false;
    this.#goDown(error);
    return true;
  }

  /** What a refusal means, once that is known: the error itself, which ends the run, or one of this prompt alone. */
  async #refusedAs(error: ModelError, { messages }: GenerateRequest): Promise<ModelError> {
    const { status, attempts, raw } = error;
    const own = new ModelError('rejected', error.message, {
      attempts,
      ...(status === undefined ? {} : { status }),
      ...(raw === undefined ? {} : { raw }),
    });
    const prompt = JSON.stringify(messages);
    const alike = this.#refused.get(status) ?? new Map<string, Decide[]>();
    this.#refused.set(status, alike);
    const decides = alike.get(prompt) ?? [];
    alike.set(prompt, decides);
    if (status === 403 && this.#everAnswered) return alike.size >= this.#policy.afterFailures ? error : own;
    if (alike.size > 1) {
      for (const decide of [...alike.values()].flat()) decide('all');
      return error;
    }
    this.#first.leave();
    let timer: NodeJS.Timeout | undefined;
    const meaning = await new Promise<Meaning>((decide) => {
      decides.push(decide);
      timer = setTimeout(() => decide('own'), SECOND_PROMPT_MS);
      this.#control.onClosed(() => decide('own'));
    });
    clearTimeout(timer);
    return meaning === 'all' || this.#control.aborted ? error : own;
  }

  #goDown({ message }: ModelError): void {
    const now = Date.now();
    this.#down = {
      since: this.#unreached?.since ?? now,
      message,
      tries: 0,
      nextTryAt: now,
      trying: false,
      timer: undefined,
      waiting: [],
    };
    this.#schedule(this.#down);
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
    return new Promise((go, cancel) => down.waiting.push({ go, cancel }));
  }

  #cancelAll(): void {
    this.#first.open();
    const down = this.#down;
    if (!down) return;
    clearTimeout(down.timer);
    for (const call of down.waiting.splice(0)) call.cancel(cancelled(this.ref));
  }

  #failDown(down: State, cause: ModelError): void {
    if (this.#control.aborted) return;
    const minutes = Math.round((Date.now() - down.since) / 60_000);
    const what = this.#everAnswered
      ? `is down: ${this.#failures} calls in a row failed, in the last ${minutes} min`
      : `is down or does not exist: it has not answered any call, in ${minutes} min`;
    this.#control.fail(
      new StemmaError(`${this.ref} ${what}; the last: ${cause.message}`, {
        remedy:
          'All that was recorded is safe, and the waiting trials left no record. Once it answers, run the same command again.',
        cause,
      }),
    );
  }

  #failRejected(cause: ModelError): void {
    if (this.#control.aborted) return;
    this.#control.fail(
      new StemmaError(
        `${this.ref} rejected the first ${this.#rejections} calls and answered none; the last: ${cause.message}`,
        {
          remedy:
            'Check the sampling settings and the `body` of this model: the server does not take one of them. Then run the same command with --retry-errors.',
          cause,
        },
      ),
    );
  }
}

function cancelled(ref: string): ModelError {
  return new ModelError('cancelled', `the call to ${ref} was cancelled`);
}
