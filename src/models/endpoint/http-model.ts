import type { GenerateRequest, Generation, Json, JsonObject, Model, Served } from '../../core/index.ts';
import type { Protocol, Target } from '../protocols/protocol.ts';
import type { Members } from '../protocols/shape.ts';
import { splitThoughts } from '../protocols/thoughts.ts';
import type { Endpoint } from './endpoint.ts';

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

  constructor(
    ref: string,
    protocol: Protocol,
    endpoint: Endpoint,
    target: Target,
    options: {
      readonly key?: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly extra: JsonObject;
    },
  ) {
    this.ref = ref;
    this.#protocol = protocol;
    this.#endpoint = endpoint;
    this.#target = target;
    this.#extra = options.extra;
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
    const body = this.#protocol.body(request, this.#target);
    return this.#endpoint.call(
      {
        ref: this.ref,
        model: this.#target.model,
        origin: this.#origin,
        path: this.#path,
        headers: this.#headers,
        body: JSON.stringify(mergeBody(body, this.#extra), wellFormed),
        maxTokens: request.sampling.maxTokens,
        ...(request.retries === undefined ? {} : { retries: request.retries }),
        read: (answer) => this.#read(answer, request),
      },
      signal,
    );
  }

  /** Whether it is at the provider's own service. */
  get official(): boolean {
    return this.#target.official;
  }

  /** Has the endpoint learn what stands behind its models' names; see `Endpoint.learnRoots`. */
  learnRoot(signal: AbortSignal): Promise<void> {
    return this.#endpoint.learnRoots(this.#headers, signal);
  }

  #read(answer: Members, request: GenerateRequest): Generation {
    const { thoughts, response, toolCalls, stop, usage, served } = this.#protocol.read(answer, request);
    // Where the protocol has shown thoughts, the server has taken them out of the text already.
    const split = thoughts === '' ? splitThoughts(response) : { thoughts, response };
    return {
      ...(split.thoughts === '' ? {} : { thoughts: split.thoughts }),
      response: split.response,
      toolCalls,
      stop,
      usage,
      ...(served === undefined ? {} : { served: this.#withRoot(served) }),
      raw: answer,
    };
  }

  #withRoot(served: Served): Served {
    const root = this.#endpoint.rootOf(served.model) ?? this.#endpoint.rootOf(this.#target.model);
    return root === undefined ? served : { ...served, root };
  }
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

function isObject(value: unknown): value is JsonObject & { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Half of a surrogate pair is not text: JSON can hold it, but servers refuse the request. It is sent as U+FFFD. */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}
