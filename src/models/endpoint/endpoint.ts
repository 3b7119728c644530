import type { Dispatcher } from 'undici';
import { type Generation, ModelError, type ModelErrorKind, type Usage } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { type Result, readAnswer, transportFault } from '../protocols/answer.ts';
import type { EndpointStats, ModelEvents } from '../protocols/events.ts';
import { Cancellation, Cancelled, sleep } from './cancellation.ts';
import { type Fault, shorten } from './fault.ts';
import { Gate, type Permit } from './gate.ts';
import { costOf, type Price } from './price.ts';
import { backoffDelay } from './retry-delay.ts';
import { Secrets } from './secrets.ts';
import { NO_FACTS, readModelList, type ServerFacts, withProps } from './server-facts.ts';
import type { ResolvedSettings } from './settings.ts';
import { get, type HttpAnswer, type Post, post, TransportError } from './transport.ts';

/** One call as an endpoint sees it: what is sent, and how what comes back is read. */
export interface ModelCall extends Post {
  readonly ref: string;
  /** What its tokens cost; `null` where nobody said. */
  readonly price: Price | null;
  /** The most tokens that may come back. */
  readonly maxTokens: number;
  /** Instead of the settings' number. */
  readonly retries?: number;
  /**
   * @param characters of the text that the body was read from
   * @throws WrongShape, FailureInside
   */
  readonly read: (body: Members, characters: number) => Generation;
}

/** Of the retries that the settings allow, how many may follow failures of these kinds. */
const MOST_RETRIES: Readonly<Partial<Record<ModelErrorKind, number>>> = {
  // A body that can't be read is rarely better the third time.
  malformed: 2,
  // Each costs a whole timeout.
  timeout: 3,
};

/** How much of a body an error keeps, in characters. */
const MOST_RAW = 65_536;

/** What a server says of itself is asked for before a run begins, and must not hold it up. */
const FACTS_MS = 5_000;
const FACTS_BYTES = 4 << 20;

/** Characters of a request's JSON for each token of input: English and code have about four. */
const CHARACTERS_PER_TOKEN = 4;

/** One base URL: its connections, its queue and limits, its key, its counts. Shared by all models there. */
export class Endpoint {
  readonly baseUrl: string;
  readonly settings: ResolvedSettings;
  readonly #secrets: Secrets;
  readonly #connections: Dispatcher;
  readonly #gate: Gate;
  readonly #events: ModelEvents | undefined;
  readonly #calls = new Set<Cancellation>();
  readonly #counts = { requests: 0, retries: 0, answers: 0, failures: 0, inputTokens: 0, outputTokens: 0 };
  #usd: number | null = 0;
  /** Running mean of an answer's output tokens; `null` before the first. */
  #meanOutput: number | null = null;
  #lastError: EndpointStats['lastError'] = null;
  #closed = false;
  /** `null` until the server was asked. */
  #asked: Promise<ServerFacts | null> | null = null;
  #facts: ServerFacts = NO_FACTS;

  constructor(
    baseUrl: string,
    settings: ResolvedSettings,
    secrets: readonly string[],
    connections: Dispatcher,
    events?: ModelEvents,
  ) {
    this.baseUrl = baseUrl;
    this.settings = settings;
    this.#secrets = new Secrets(secrets);
    this.#connections = connections;
    this.#gate = new Gate(settings);
    this.#events = events;
  }

  /** Makes a call, with its retries. @throws ModelError */
  async call(call: ModelCall, signal: AbortSignal): Promise<Generation> {
    const cancellation = new Cancellation(signal);
    this.#calls.add(cancellation);
    if (this.#closed) cancellation.cancel();
    let failures: Map<ModelErrorKind, number> | undefined;
    let attempts = 0;
    try {
      for (;;) {
        const entered = this.#gate.enter(this.#tokensFor(call), cancellation, attempts > 0);
        const permit = entered instanceof Promise ? await entered : entered;
        attempts++;
        const { generation, fault } = await this.#attempt(call, permit, cancellation);
        if (generation !== undefined) {
          this.#counts.answers++;
          return { ...generation, attempts };
        }
        failures ??= new Map();
        failures.set(fault.kind, (failures.get(fault.kind) ?? 0) + 1);
        await sleep(this.#delayAfter(fault, call, failures, attempts), cancellation);
        this.#counts.retries++;
      }
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      throw new ModelError('cancelled', `${call.ref}: cancelled`, { attempts });
    } finally {
      this.#calls.delete(cancellation);
      cancellation.release();
    }
  }

  /**
   * Asks the server, once, what it says of itself. Not every server says; one that fails or is slow is one that does not.
   *
   * @param headers as for a call, with the key
   */
  async learnFacts(headers: readonly string[], signal: AbortSignal): Promise<void> {
    this.#asked ??= this.#askFacts(headers, signal);
    const facts = await this.#asked;
    // A server that is not up yet is asked again.
    if (facts === null) this.#asked = null;
    else this.#facts = facts;
  }

  /** What the server says of itself, as far as `learnFacts` has learnt it. */
  get facts(): ServerFacts {
    return this.#facts;
  }

  /** @returns `null` where the server cannot be reached */
  async #askFacts(headers: readonly string[], signal: AbortSignal): Promise<ServerFacts | null> {
    const path = new URL(this.baseUrl).pathname.replace(/\/$/, '');
    const list = await this.#textAt(`${path}/models`, headers, signal);
    if (list === null) return null;
    const facts = readModelList(list);
    if (facts.software !== 'llama.cpp') return facts;
    // The server has it above the version of the API.
    const props = await this.#textAt(`${path.replace(/\/v1$/, '')}/props`, headers, signal);
    return props === null || props === '' ? facts : withProps(facts, props);
  }

  /** The body of a GET: empty unless it succeeds, `null` where no answer comes. */
  async #textAt(path: string, headers: readonly string[], signal: AbortSignal): Promise<string | null> {
    const cancellation = new Cancellation(signal);
    this.#calls.add(cancellation);
    try {
      const request = { origin: new URL(this.baseUrl).origin, path, headers };
      const limits = { timeoutMs: FACTS_MS, idleTimeoutMs: FACTS_MS, maxBodyBytes: FACTS_BYTES };
      const answer = await get(this.#connections, request, limits, cancellation);
      return answer.status === 200 ? this.#secrets.scrub(answer.text) : '';
    } catch (error) {
      if (error instanceof TransportError || error instanceof Cancelled) return null;
      throw error;
    } finally {
      this.#calls.delete(cancellation);
      cancellation.release();
    }
  }

  stats(): EndpointStats {
    return {
      endpoint: this.baseUrl,
      ...this.#counts,
      usd: this.#usd,
      inFlight: this.#gate.inFlight,
      waiting: this.#gate.waiting,
      concurrency: this.#gate.concurrency,
      concurrencyCap: this.settings.concurrency,
      pausedMs: this.#gate.pausedMs,
      lastError: this.#lastError,
    };
  }

  /** Cancels what is under way and closes the connections. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const call of [...this.#calls]) call.cancel();
    this.#gate.close();
    await this.#connections.destroy();
  }

  async #attempt(call: ModelCall, permit: Permit, cancellation: Cancellation): Promise<Result> {
    let result: Result | null = null;
    let usedTokens: number | null = null;
    try {
      if (!cancellation.cancelled) this.#counts.requests++;
      const answer = await post(this.#connections, call, this.settings, cancellation);
      result = readAnswer(this.#scrubbed(answer), call.read);
      // What a server turned away, it did not count.
      usedTokens = result.generation === undefined ? 0 : this.#count(call.price, result.generation.usage);
      return result;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      result = { fault: transportFault(this.#scrubbedError(error)) };
      return result;
    } finally {
      this.#leave(permit, result, usedTokens);
    }
  }

  /** Makes room for the next request, under the limits that this one's end has taught. */
  #leave(permit: Permit, result: Result | null, usedTokens: number | null): void {
    const { baseUrl: endpoint } = this;
    const { concurrency: cap, maxRetryAfterMs } = this.settings;
    const { congested = false, askedDelay = null } = result?.fault ?? {};
    if (congested && askedDelay !== null && askedDelay > 0 && askedDelay <= maxRetryAfterMs) {
      // Before the place is free, or somebody in the queue would take it.
      this.#gate.pause(askedDelay);
      this.#events?.({ type: 'pause', endpoint, pauseMs: askedDelay });
    }
    const outcome = congested ? 'congested' : result?.generation === undefined ? 'failed' : 'succeeded';
    const { limitFell } = this.#gate.leave(permit, outcome, usedTokens);
    if (limitFell) this.#events?.({ type: 'concurrency', endpoint, limit: this.#gate.concurrency, cap });
  }

  /** Milliseconds until the next try. @throws ModelError when there is to be none */
  #delayAfter(
    fault: Fault,
    call: ModelCall,
    failures: ReadonlyMap<ModelErrorKind, number>,
    attempts: number,
  ): number {
    const { kind, message, askedDelay = null } = fault;
    const { maxRetryAfterMs, backoff } = this.settings;
    const { retries = this.settings.retries } = call;
    const most = Math.min(retries, MOST_RETRIES[kind] ?? retries);
    const tooLong = askedDelay !== null && askedDelay > maxRetryAfterMs;
    if (!fault.retry || tooLong || attempts > retries || failures.get(kind)! > most) {
      throw this.#givenUp(fault, call.ref, attempts);
    }
    const delayMs = backoffDelay(attempts, askedDelay, backoff);
    const { baseUrl: endpoint } = this;
    this.#lastError = { kind, message, at: new Date().toISOString() };
    this.#events?.({ type: 'retry', endpoint, ref: call.ref, kind, message, attempt: attempts, delayMs });
    return delayMs;
  }

  #givenUp(fault: Fault, ref: string, attempts: number): ModelError {
    const { kind, message, status, raw, askedDelay, absent, cause } = fault;
    this.#counts.failures++;
    this.#lastError = { kind, message, at: new Date().toISOString() };
    const asked =
      askedDelay != null && askedDelay > this.settings.maxRetryAfterMs
        ? `; the server asks to be left alone for ${Math.ceil(askedDelay / 1000)} s`
        : '';
    const tries = attempts > 1 ? `; given up after ${attempts} requests` : '';
    const remedy = fault.remedy ?? remedyFor(kind, this.baseUrl, this.settings.apiKeyEnv);
    return new ModelError(kind, `${ref}: ${message}${asked}${tries}`, {
      attempts,
      ...(absent === undefined ? {} : { absent }),
      ...(status === undefined ? {} : { status }),
      ...(raw === undefined ? {} : { raw: shorten(raw, MOST_RAW) }),
      ...(remedy === undefined ? {} : { remedy }),
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** Tokens to set aside ahead: what the prompt is likely to take, and half as much again as answers took so far. */
  #tokensFor({ body, maxTokens }: ModelCall): number {
    if (this.settings.tokensPerMinute === null) return 0;
    const output = this.#meanOutput === null ? maxTokens : Math.min(maxTokens, this.#meanOutput * 1.5);
    return Math.ceil(body.length / CHARACTERS_PER_TOKEN + output);
  }

  /** @returns the tokens used; `null` where the server does not say */
  #count(price: Price | null, usage: Usage): number | null {
    const { inputTokens, outputTokens } = usage;
    this.#usd = price === null || this.#usd === null ? null : this.#usd + costOf(usage, price);
    this.#counts.inputTokens += inputTokens ?? 0;
    this.#counts.outputTokens += outputTokens ?? 0;
    if (inputTokens === null || outputTokens === null) return null;
    this.#meanOutput = this.#meanOutput === null ? outputTokens : this.#meanOutput * 0.9 + outputTokens * 0.1;
    return inputTokens + outputTokens;
  }

  #scrubbed(answer: HttpAnswer): HttpAnswer {
    const text = this.#secrets.scrub(answer.text);
    const { location } = answer.headers;
    if (location === undefined) return { ...answer, text };
    return {
      ...answer,
      text,
      headers: { ...answer.headers, location: this.#secrets.scrub(String(location)) },
    };
  }

  #scrubbedError({ kind, message, partial, status, absent }: TransportError): TransportError {
    const clean = { partial: this.#secrets.scrub(partial), status, absent };
    return new TransportError(kind, this.#secrets.scrub(message), clean);
  }
}

function remedyFor(kind: ModelErrorKind, baseUrl: string, keyName: string | null): string | undefined {
  if (kind === 'auth') {
    return keyName === null
      ? `No key was sent. Name the variable that holds it: endpoints: { "${baseUrl}": { api_key_env: … } }`
      : `Check the key in ${keyName}, and what it may be used for.`;
  }
  if (kind === 'not-found')
    return `Check the model's name and the base URL ${baseUrl} (it usually ends in /v1).`;
  return undefined;
}
