import type { JsonSchema } from './json.ts';
import type { Message, ToolCall } from './message.ts';

/** A checkpoint, or a judge, that can be asked. One implementation a wire protocol; safe to call concurrently. */
export interface Model {
  /** How the study file names it: `openai:gpt-5.5`, `http://gpu1:8000/v1#olmo-sft`, `organism:sft`. Holds no secret. */
  readonly ref: string;
  /**
   * Asks once, with the retries its endpoint allows.
   * @throws ModelError after the last retry, or at once when the signal aborts (`kind: 'cancelled'`)
   */
  generate(request: GenerateRequest, signal: AbortSignal): Promise<Generation>;
}

export interface GenerateRequest {
  readonly messages: readonly Message[];
  readonly sampling: Sampling;
  readonly tools?: readonly Tool[];
  /** The response should be JSON of this schema. Protocols without it leave it to the prompt. */
  readonly schema?: JsonSchema;
  /** Tries after the first one that fails; what the endpoint's settings say unless given. */
  readonly retries?: number;
  /**
   * Texts that could come next. The model is asked how likely it finds each of them, and is not asked for an answer. Only text
   * completions can say, and models that are not behind a server.
   */
  readonly likelihoodOf?: readonly string[];
}

/** How to sample. `null` leaves a setting to the provider's default; part of what must be equal between arms. */
export interface Sampling {
  readonly temperature: number | null;
  readonly topP: number | null;
  /** The most tokens of thoughts + response. */
  readonly maxTokens: number;
  readonly seed: number | null;
  readonly stop?: readonly string[];
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
}

/** What came of one call. Thoughts are never in the response. */
export interface Generation {
  /** The model's reasoning where it shows any; absent when it showed none. */
  readonly thoughts?: string;
  readonly response: string;
  readonly toolCalls: readonly ToolCall[];
  readonly stop: StopReason;
  readonly usage: Usage;
  /** The provider's body as received (parsed JSON), so that nothing is lost by our reading of it. */
  readonly raw: unknown;
  /** Requests made, retries included. */
  readonly attempts?: number;
  /** What the server said that it served; absent where it did not say. */
  readonly served?: Served;
  /** Of a request with `likelihoodOf`: what the model finds of each text, in their order. The response is then the likeliest one. */
  readonly likelihoods?: readonly Likelihood[];
}

/** How likely a model finds a text as what comes next. */
export interface Likelihood {
  readonly text: string;
  /** The natural logarithm of its probability: the sum over its tokens, at temperature 1. */
  readonly logProbability: number;
  /** How many tokens it has; `null` where the model does not say. */
  readonly tokens: number | null;
}

/** Which model a server says that it served. Names are compared; a fingerprint is recorded and counted only. */
export interface Served {
  /** The model's name in the response. */
  readonly model: string;
  /** `root` of that model in the server's list of models, where it has one: the weights behind a name or an adapter. */
  readonly root?: string;
  /** `system_fingerprint`, where the response has one. One model may have several. */
  readonly fingerprint?: string;
  /**
   * Sampling settings that the server added by itself, because the request did not name them: `top_k 40, min_p 0.05`. Absent
   * where it added none, or does not say.
   */
  readonly sampler?: string;
}

/** `refusal`: the provider itself says that the model declined or that a filter stopped it. */
export type StopReason = 'end' | 'length' | 'tool-calls' | 'refusal' | 'other';

/** Tokens of one or more calls; `null` where the provider does not say. Thoughts count as output. */
export interface Usage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly thoughtTokens?: number | null;
  readonly cachedInputTokens?: number | null;
}

export const noUsage: Usage = { inputTokens: null, outputTokens: null };

/** Sum of two usages; not measured only where neither was. */
export function addUsage(a: Usage, b: Usage): Usage {
  const add = (x?: number | null, y?: number | null) => (x == null ? (y ?? null) : x + (y ?? 0));
  const thoughtTokens = add(a.thoughtTokens, b.thoughtTokens);
  const cachedInputTokens = add(a.cachedInputTokens, b.cachedInputTokens);
  return {
    inputTokens: add(a.inputTokens, b.inputTokens),
    outputTokens: add(a.outputTokens, b.outputTokens),
    ...(thoughtTokens === null ? {} : { thoughtTokens }),
    ...(cachedInputTokens === null ? {} : { cachedInputTokens }),
  };
}
