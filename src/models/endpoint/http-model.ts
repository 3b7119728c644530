import type { GenerateRequest, Generation, JsonObject, Model, Served, StopReason } from '../../core/index.ts';
import { isObject, type Members } from '../../core/parsed-json.ts';
import { type Protocol, type Reading, stopSequences, type Target } from '../protocols/protocol.ts';
import { NotWhole } from '../protocols/shape.ts';
import type { SplitText } from '../protocols/split-text.ts';
import { mergeSystem } from '../protocols/system-messages.ts';
import { splitThoughts } from '../protocols/thoughts.ts';
import type { Endpoint } from './endpoint.ts';
import { addedSettings, neutralSampler, settingsText } from './neutral-sampler.ts';
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
    const body = this.#body(request);
    return this.#endpoint.call(
      {
        ref: this.ref,
        model: this.#target.model,
        origin: this.#origin,
        path: this.#path,
        headers: this.#headers,
        body: wellFormedJson(body),
        maxTokens: request.sampling.maxTokens,
        ...(request.retries === undefined ? {} : { retries: request.retries }),
        read: (answer) => this.#read(answer, request, body),
      },
      signal,
    );
  }

  /** The protocol's own members, the neutral values of the server's sampler, and the spec's members over both. */
  #body(request: GenerateRequest): Members {
    const messages = this.#mergesSystem ? mergeSystem(request.messages) : request.messages;
    const body = this.#protocol.body({ ...request, messages }, this.#target);
    return mergeBody({ ...body, ...neutralSampler(this.#endpoint.facts, this.#protocol.name) }, this.#extra);
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

  #read(answer: Members, request: GenerateRequest, body: Members): Generation {
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
      raw: keptBody(answer),
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
    const { facts } = this.#endpoint;
    const root = facts.roots.get(served.model) ?? facts.roots.get(this.#target.model);
    const sampler = settingsText(addedSettings(facts, body) ?? {});
    return { ...served, ...(root === undefined ? {} : { root }), ...(sampler === '' ? {} : { sampler }) };
  }
}

/** Some servers (`transformers serve`) leave the stop sequence that ended an answer at its end. */
function withoutStop(response: string, stops: readonly string[]): string {
  const kept = stops.find((stop) => response.endsWith(stop));
  return kept === undefined ? response : response.slice(0, -kept.length).trimEnd();
}

/** A body larger than this, in characters of its JSON, is not kept beside what was read of it. */
const MOST_KEPT = 1 << 20;

/** The body as it is kept in records: whole, unless it is much larger than answers are. */
function keptBody(body: Members): unknown {
  const size = JSON.stringify(body).length;
  return size <= MOST_KEPT ? body : { leftOut: `a body of ${size} characters` };
}

/**
 * JSON that every server can read: half a surrogate pair, as byte-level tokenizers write it, becomes U+FFFD. Strict
 * parsers refuse a body that holds one.
 */
function wellFormedJson(body: Members): string {
  const text = JSON.stringify(body);
  if (!/\\ud[89a-f][0-9a-f]{2}/i.test(text)) return text;
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
