import type { Message, ToolCall } from './message.ts';

/** A model's turn, without members that mean nothing. The tool calls are kept as the very objects that they are. */
export function assistantMessage(
  content: string,
  thoughts: string | undefined,
  toolCalls: readonly ToolCall[],
): Extract<Message, { role: 'assistant' }> {
  return {
    role: 'assistant',
    content,
    ...(thoughts === undefined ? {} : { thoughts }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  };
}
