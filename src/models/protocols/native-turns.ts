import type { ToolCall } from '../../core/index.ts';

/**
 * What a provider wants back of its own turn, word for word, when the results of its tool calls are sent: signed or
 * redacted thinking (Anthropic), encrypted reasoning (OpenAI responses), thought signatures (Gemini), the reasoning
 * field of open models. It has no place in a `Message`, and a transcript holds it already in `raw`, so it is remembered
 * here by the tool call objects that it came with, for as long as these live.
 *
 * For agent loops: put the very `toolCalls` of a `Generation` into the assistant message of the next request. Copies
 * still work, but then the model sees its calls without the thoughts that led to them.
 */
const turns = new WeakMap<ToolCall, { readonly protocol: string; readonly turn: unknown }>();

export function rememberTurn(protocol: string, toolCalls: readonly ToolCall[], turn: unknown): void {
  const [first] = toolCalls;
  if (first !== undefined) turns.set(first, { protocol, turn });
}

/** The provider's own form of an assistant turn; `undefined` where another protocol, or nobody, made it. */
export function nativeTurn(protocol: string, toolCalls: readonly ToolCall[] | undefined): unknown {
  const [first] = toolCalls ?? [];
  const remembered = first === undefined ? undefined : turns.get(first);
  return remembered?.protocol === protocol ? remembered.turn : undefined;
}
