import type { Json, JsonObject, Message, ToolCall } from '../../core/index.ts';
import { isObject, parsedJson } from '../../core/parsed-json.ts';

/** A message as Inspect has it; thoughts become a part with reasoning. */
export function writeMessage(message: Message, source: 'input' | 'generate'): JsonObject {
  if (message.role === 'tool') {
    const { content, toolCallId, isError = false } = message;
    return {
      role: 'tool',
      content,
      tool_call_id: toolCallId,
      ...(isError ? { error: { type: 'unknown', message: content } } : {}),
    };
  }
  if (message.role !== 'assistant') {
    return { role: message.role, content: message.content, ...(source === 'input' ? { source } : {}) };
  }
  const { content, thoughts, toolCalls = [] } = message;
  return {
    role: 'assistant',
    content:
      thoughts === undefined
        ? content
        : [
            { type: 'reasoning', reasoning: thoughts },
            { type: 'text', text: content },
          ],
    source,
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(writeCall) }),
  };
}

/** Arguments that are not a JSON object are kept as the model wrote them. */
function writeCall({ id, name, arguments: written }: ToolCall): JsonObject {
  const parsed = parsedJson(written) as Json | undefined;
  return {
    id,
    function: name,
    type: 'function',
    ...(isObject(parsed)
      ? { arguments: parsed }
      : { arguments: { [RAW]: written }, parse_error: 'the arguments are not a JSON object' }),
  };
}

/** Where Inspect too keeps arguments that cannot be parsed. */
export const RAW = 'raw';
