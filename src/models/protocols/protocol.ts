import type { GenerateRequest, Generation, StopReason, ToolCall } from '../../core/index.ts';
import { isObject, type Members, parsedJson } from '../../core/parsed-json.ts';
import type { Template } from './template.ts';

/** How a wire protocol puts a request, and how it reads an answer. One file each; everything else is shared. */
export interface Protocol {
  readonly name: HttpProtocol;
  /** What follows the base URL. */
  path(target: Target): string;
  /** The headers that carry the key and what the protocol itself demands. */
  headers(key: string | undefined): Readonly<Record<string, string>>;
  body(request: GenerateRequest, target: Target): Record<string, unknown>;
  /** @throws WrongShape, FailureInside */
  read(body: Members, request: GenerateRequest): Reading;
}

/** A plugin's protocol goes by its own name. */
export type HttpProtocol =
  | (string & { readonly ofPlugin?: true })
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini';

/** What a request goes to, as far as its wording depends on it. */
export interface Target {
  readonly model: string;
  /** The provider's own service, not a server that speaks its protocol. */
  readonly official: boolean;
  /** Stop sequences of the model's spec and template, to be joined with the request's own. */
  readonly stop: readonly string[];
  /** Text completions only. */
  readonly template: Template;
}

/** A generation without what all protocols share: the raw body and the number of attempts. */
export interface Reading extends Pick<Generation, 'response' | 'toolCalls' | 'usage' | 'served'> {
  /** Empty where the model showed none. */
  readonly thoughts: string;
  /** `not-said`: the answer does not tell why it ended. */
  readonly stop: StopReason | 'not-said';
}

/** The stop sequences of a request and of its target, each once. */
export function stopSequences(request: GenerateRequest, target: Target): readonly string[] {
  const own = request.sampling.stop ?? [];
  return target.stop.length === 0 ? own : [...new Set([...target.stop, ...own])];
}

/** A tool call's arguments as the object that most protocols want; text that is not a JSON object is kept under one key. */
export function argumentsObject(call: ToolCall): Members {
  const parsed = parsedJson(call.arguments);
  return isObject(parsed) ? parsed : { invalid_json: call.arguments };
}
