import type { JsonSchema, Message, StopReason, Tool } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';

/**
 * One wire protocol as its servers speak it: what a CLI sends is read into a `BridgeRequest`, what the model answered is
 * written as the CLI wants it. No state, no model.
 */
export interface BridgeProtocol {
  readonly name: 'gemini' | 'openai-responses' | 'anthropic-messages';
  /** What a CLI wants at an address; `undefined` for what is not served. */
  route(method: string, path: string): 'generate' | 'count-tokens' | 'alive' | undefined;
  /** @throws BridgeRefusal for a body that is not of the protocol, or wants what no checkpoint can do (web search) */
  read(body: unknown, call: { readonly path: string; readonly headers: Headers }): BridgeRequest;
  /** The whole answer as one body. */
  body(answer: BridgeAnswer, request: BridgeRequest): Members;
  /** The whole answer as server-sent events. */
  events(answer: BridgeAnswer, request: BridgeRequest): readonly string[];
  /** Keeps a waiting stream open; means nothing to the CLI. */
  readonly ping: string;
  tokenCount(tokens: number): Members;
  /** The protocol's own form of an error; CLIs must not try again, since the model's own client already has. */
  error(message: string): { readonly status: number; readonly body: Members; readonly event: string };
}

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One call for an answer. Tool calls are under the ids that the bridge gave them. */
export interface BridgeRequest {
  /** The turns as the CLI sends them, history and all; the system text first. */
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly schema?: JsonSchema;
  readonly stream: boolean;
  /** What the CLI believes it talks to. */
  readonly model: string;
  /** Which of the CLI's agents asks, where it says so; absent: it does not say, or it is the first. */
  readonly agent?: string;
  /** What else than the conversation the answer is for, where the CLI says so: a title, a compaction. */
  readonly purpose?: string;
  /** Parts of the request that no `Message` can hold, by name: images, provider-side tools. */
  readonly unread: readonly string[];
  /** As received. */
  readonly body: Members;
}

/** What the CLI is told. Calls have arguments that parse to an object. */
export interface BridgeAnswer {
  readonly id: string;
  readonly thoughts: string;
  readonly response: string;
  readonly calls: readonly BridgeCall[];
  readonly stop: StopReason;
  /** Estimated where the model does not report it: CLIs decide by it when to shorten the history. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface BridgeCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: Members;
}

/** A request that is answered with the protocol's error; `status` is the protocol's own. */
export class BridgeRefusal extends Error {}
