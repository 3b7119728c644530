import {
  type GenerateRequest,
  type Generation,
  InputError,
  type JsonObject,
  type Model,
  type Served,
  type StopReason,
} from '../../core/index.ts';
import { isObject, type Members } from '../../core/parsed-json.ts';
import { readUsage } from '../protocols/openai-chat.ts';
import { type Protocol, type Reading, stopSequences, type Target } from '../protocols/protocol.ts';
import { NotWhole } from '../protocols/shape.ts';
import type { SplitText } from '../protocols/split-text.ts';
import { mergeSystem } from '../protocols/system-messages.ts';
import { renderPrompt } from '../protocols/template.ts';
import { splitThoughts } from '../protocols/thoughts.ts';
import type { CompletionServer } from './completion-server.ts';
import type { Endpoint, ModelCall } from './endpoint.ts';
import { generationOfLikelihoods } from './likelihood.ts';
import { addedSettings, neutralSampler, settingsText } from './neutral-sampler.ts';
import { type Price, priceOf } from './price.ts';
import type { ServerDescription } from './server-facts.ts';

/** A model behind a wire protocol. Holds no state of its own, so any number of calls may be under way. */
export class HttpModel implements Model {
  readonly ref: string;
  readonly #protocol: Protocol;
  readonly #endpoint: Endpoint;
  readonly #target: Target;
  readonly #extra: JsonObject;
  readonly #origin: string;
  readonly #path: string;
  readonly #headers: readonly string[];
  readonly #price: Price | null;
  #saysWhy = false;
  readonly #mergesSystem: boolean;
  readonly #reading: { readonly responseFrom: 'reasoning' | null; readonly opensThoughts: boolean };

  constructor(
    ref: string,
    protocol: Protocol,
    endpoint: Endpoint,
    target: Target,
    options: {
      readonly key?: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly extra: JsonObject;
      readonly responseFrom: 'reasoning' | null;
      readonly opensThoughts: boolean;
      readonly mergesSystem: boolean;
    },
  ) {
    this.ref = ref;
    this.#protocol = protocol;
    this.#endpoint = endpoint;
    this.#target = target;
    this.#extra = options.extra;
    this.#mergesSystem = options.mergesSystem;
    this.#reading = options;
    const base = new URL(endpoint.baseUrl);
    this.#origin = base.origin;
    this.#price = priceOf(endpoint.settings.prices, target.model, endpoint.baseUrl);
    this.#path = base.pathname.replace(/\/$/, '') + protocol.path(target);
    this.#headers = Object.entries({
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'stemma',
      ...protocol.headers(options.key),
      ...options.headers,
    }).flat();
  }

  async generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation> {
    if (request.likelihoodOf !== undefined) return this.#likelihoods(request, request.likelihoodOf, signal);
    const body = this.#body(request);
    const { maxTokens } = request.sampling;
    const read: ModelCall['read'] = (answer, characters) => this.#read(answer, characters, { request, body });
    return await this.#call({ path: this.#path, body, maxTokens, read }, request, signal);
  }

  #call(
    { body, ...call }: Pick<ModelCall, 'path' | 'maxTokens' | 'read'> & { readonly body: Members },
    { retries }: GenerateRequest,
    signal: AbortSignal,
  ): Promise<Generation> {
    return this.#endpoint.call(
      {
        ...call,
        ref: this.ref,
        price: this.#price,
        origin: this.#origin,
        headers: this.#headers,
        body: wellFormedJson(body),
        ...(retries === undefined ? {} : { retries }),
      },
      signal,
    );
  }

  /** Asks how likely texts are, in several requests. @throws InputError where the protocol or the server cannot say */
  async #likelihoods(
    request: GenerateRequest,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<Generation> {
    if (this.#protocol.name !== 'openai-completions') {
      throw new InputError(`${this.ref}: only text completions say how likely a text is`, {
        remedy:
          'Name the checkpoint as completions+http://host/v1#NAME, with a template where it is a chat model.',
      });
    }
    await this.learnFacts(signal);
    const root = new URL(this.#endpoint.baseUrl).pathname.replace(/\/$/, '');
    const server: CompletionServer = {
      ref: this.ref,
      software: this.#endpoint.facts.software,
      post: async (path, members, options) => {
        const body = mergeBody({ model: this.#target.model, ...members }, this.#extra);
        const from = options?.beside ? root.replace(/\/v1$/, '') : root;
        const { raw, usage, attempts } = await this.#call(
          { path: from + path, body, maxTokens: 1, read: asItIs },
          request,
          signal,
        );
        return { body: raw as Members, usage, attempts: attempts ?? 1 };
      },
    };
    const { messages } = this.#mergesSystem ? { messages: mergeSystem(request.messages) } : request;
    const prompt = renderPrompt(this.#target.template, messages);
    const generation = await generationOfLikelihoods(server, prompt, texts);
    const { served } = generation;
    return served === undefined ? generation : { ...generation, served: this.#withRoot(served) };
  }

  /** The protocol's own members, the neutral values of the server's sampler, and the spec's members over both. */
  #body(request: GenerateRequest): Members {
    const messages = this.#mergesSystem ? mergeSystem(request.messages) : request.messages;
    const merged = messages === request.messages ? request : { ...request, messages };
    const body = this.#protocol.body(merged, this.#target);
    return mergeBody(
      Object.assign(body, neutralSampler(this.#endpoint.facts, this.#protocol.name)),
      this.#extra,
    );
  }

  /** Whether it is at the provider's own service. */
  get official(): boolean {
    return this.#target.official;
  }

  /** Has the endpoint learn what its server says of itself; see `Endpoint.learnFacts`. */
  learnFacts(signal: AbortSignal): Promise<void> {
    return this.#endpoint.learnFacts(this.#headers, signal);
  }

  /** What is known of its server, for requests like this one. */
  describe(request: GenerateRequest): ServerDescription {
    const { facts } = this.#endpoint;
    return {
      software: facts.software,
      contextTokens: facts.contextTokens.get(this.#target.model) ?? facts.contextTokens.get('') ?? null,
      takesTools: facts.takesTools,
      neutral: neutralSampler(facts, this.#protocol.name),
      adds: addedSettings(facts, this.#body(request)),
    };
  }

  /** @param characters of the text that the answer was read from; `body`: what was sent */
  #read(
    answer: Members,
    characters: number,
    { request, body }: { readonly request: GenerateRequest; readonly body: Members },
  ): Generation {
    const reading = this.#protocol.read(answer, request);
    const { toolCalls, usage, served } = reading;
    const { thoughts, response } = this.#split(reading);
    return {
      ...(thoughts === '' ? {} : { thoughts }),
      response: withoutStop(response, stopSequences(request, this.#target)),
      toolCalls,
      stop: this.#stopOf(reading.stop),
      usage,
      ...(served === undefined ? {} : { served: this.#withFacts(served, body) }),
      raw: keptBody(answer, characters),
    };
  }

  /** Thoughts are never in the response, wherever the server has left them. */
  #split({ thoughts: beside, response: text, toolCalls }: Reading): SplitText {
    const { opensThoughts: opened, responseFrom } = this.#reading;
    const split = splitThoughts(text, { opened, beside });
    if (responseFrom === null || split.response.trim() !== '' || toolCalls.length > 0) return split;
    return { thoughts: '', response: split.thoughts };
  }

  /**
   * A server that says why its other answers ended has not finished one where it does not. One that never says is taken at
   * its word, and its answers are counted as `unfinished`.
   */
  #stopOf(stop: Reading['stop']): StopReason {
    if (stop !== 'not-said') {
      this.#saysWhy = true;
      return stop;
    }
    if (!this.#saysWhy) return 'other';
    throw new NotWhole('it does not say why it ended, as other answers of this server do');
  }

  #withFacts(served: Served, body: Members): Served {
    const added = addedSettings(this.#endpoint.facts, body);
    const sampler = added === null ? '' : settingsText(added);
    const known = this.#withRoot(served);
    return sampler === '' ? known : { ...known, sampler };
  }

  #withRoot(served: Served): Served {
    const { roots } = this.#endpoint.facts;
    const root = roots.get(served.model) ?? roots.get(this.#target.model);
    return root === undefined ? served : { ...served, root };
  }
}

/** An answer that is read by who asked for it. The members of llama.cpp's own protocol have other names. */
function asItIs(body: Members): Generation {
  const own = { prompt_tokens: body.tokens_evaluated, completion_tokens: body.tokens_predicted };
  return { response: '', toolCalls: [], stop: 'end', usage: readUsage(body.usage ?? own), raw: body };
}

/** Some servers (`transformers serve`) leave the stop sequence that ended an answer at its end. */
function withoutStop(response: string, stops: readonly string[]): string {
  const kept = stops.find((stop) => response.endsWith(stop));
  return kept === undefined ? response : response.slice(0, -kept.length).trimEnd();
}

/** A body larger than this, in characters of its JSON, is not kept beside what was read of it. */
const MOST_KEPT = 1 << 20;

/**
 * The body as it is kept in records: whole, unless it is much larger than answers are.
 *
 * @param characters of the text that it was read from: the events of a stream are longer than what they add up to
 */
function keptBody(body: Members, characters: number): unknown {
  if (characters <= MOST_KEPT) return body;
  const size = JSON.stringify(body).length;
  return size <= MOST_KEPT ? body : { leftOut: `a body of ${size} characters` };
}

/**
 * JSON that every server can read: half a surrogate pair, as byte-level tokenizers write it, becomes U+FFFD. Strict
 * parsers refuse a body that holds one.
 */
function wellFormedJson(body: Members): string {
  const text = JSON.stringify(body);
  // So it writes half a pair.
  if (!text.includes('\\ud')) return text;
  return JSON.stringify(body, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value));
}

/** Adds a spec's own members to a request's body: objects are merged, other values replaced, `null` takes a member out. */
function mergeBody(body: Members, extra: JsonObject): Members {
  const entries = Object.entries(extra);
  if (entries.length === 0) return body;
  const merged: Record<string, unknown> = { ...body };
  for (const [key, value] of entries) {
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) && isObject(merged[key]) ? mergeBody(merged[key], value) : value;
  }
  return merged;
}
