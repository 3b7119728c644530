import { knownOnly } from '../../core/defined-only.ts';
import type { Message, StopReason, Tool, ToolCall, Usage } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { nativeTurn, rememberTurn } from './native-turns.ts';
import { argumentsObject, type Protocol, type Reading, stopSequences } from './protocol.ts';
import { servedAs } from './served.ts';
import {
  answerList,
  countOf,
  membersOf,
  NotWhole,
  optionalMembers,
  optionalText,
  textOf,
  tokensOf,
} from './shape.ts';
import { stopOf } from './stop.ts';

/** Stands in `thoughts` where a provider shows that the model thought, but not what. */
export const REDACTED_THOUGHTS = '[thoughts redacted by the provider]';

/**
 * Anthropic messages. The protocol has no seed.
 *
 * @see https://docs.claude.com/en/api/messages
 * @see https://docs.claude.com/en/docs/build-with-claude/structured-outputs
 * @see https://docs.claude.com/en/docs/build-with-claude/extended-thinking
 */
export const anthropicMessages: Protocol = {
  name: 'anthropic-messages',
  path: () => '/messages',
  headers: (key) => ({
    'anthropic-version': '2023-06-01',
    ...(key === undefined ? {} : { 'x-api-key': key }),
  }),
  body(request, target) {
    const { temperature, topP, maxTokens } = request.sampling;
    const stop = stopSequences(request, target);
    const system = request.messages.filter(({ role }) => role === 'system').map(({ content }) => content);
    return knownOnly({
      model: target.model,
      max_tokens: maxTokens,
      system: system.length === 0 ? null : system.join('\n\n'),
      messages: wireMessages(request.messages),
      temperature,
      top_p: topP,
      stop_sequences: stop.length === 0 ? null : stop,
      tools: request.tools?.length ? request.tools.map(wireTool) : null,
      output_config: request.schema && { format: { type: 'json_schema', schema: request.schema } },
    });
  },
  read,
};

function wireTool({ name, description, parameters }: Tool): Members {
  return { name, description, input_schema: parameters };
}

/** System messages stand apart; the results of parallel tool calls must be together in one user turn. */
function wireMessages(messages: readonly Message[]): readonly Members[] {
  const wire: { role: 'user' | 'assistant'; content: unknown }[] = [];
  let results: unknown[] | null = null;
  for (const message of messages) {
    if (message.role === 'system') continue;
    if (message.role === 'tool') {
      if (results === null) {
        results = [];
        wire.push({ role: 'user', content: results });
      }
      results.push(toolResult(message));
      continue;
    }
    results = null;
    wire.push(
      message.role === 'user'
        ? { role: 'user', content: message.content }
        : { role: 'assistant', content: assistantContent(message) },
    );
  }
  return wire;
}

function toolResult(message: Message & { role: 'tool' }): Members {
  return {
    type: 'tool_result',
    tool_use_id: message.toolCallId,
    content: message.content,
    ...(message.isError ? { is_error: true } : {}),
  };
}

function assistantContent(message: Message & { role: 'assistant' }): unknown {
  const native = nativeTurn('anthropic-messages', message.toolCalls);
  if (native !== undefined) return native;
  if (!message.toolCalls?.length) return message.content;
  return [
    ...(message.content === '' ? [] : [{ type: 'text', text: message.content }]),
    ...message.toolCalls.map((call) => ({
      type: 'tool_use',
      id: call.id,
      name: call.name,
      input: argumentsObject(call),
    })),
  ];
}

function read(body: Members): Reading {
  if (body.stop_reason === null) throw new NotWhole('its stop_reason is null');
  const content = answerContent(body);
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  let response = '';
  content.forEach((entry, index) => {
    const block = membersOf(entry, `content[${index}]`);
    if (block.type === 'text') response += textOf(block.text, `content[${index}].text`);
    if (block.type === 'thinking') thoughts.push(optionalText(block.thinking));
    if (block.type === 'redacted_thinking') thoughts.push(REDACTED_THOUGHTS);
    if (block.type === 'tool_use') toolCalls.push(readToolCall(block, `content[${index}]`));
  });
  rememberTurn('anthropic-messages', toolCalls, content);
  return {
    thoughts: thoughts.filter((part) => part !== '').join('\n\n'),
    response,
    toolCalls,
    stop: stopOf(body.stop_reason, STOP_REASONS, 'stop_reason'),
    usage: readUsage(body.usage),
    ...servedAs(body.model),
  };
}

/** A turn may end without a word: then `content` is an empty list. */
function answerContent(body: Members): readonly unknown[] {
  const isEmpty = Array.isArray(body.content) && body.content.length === 0;
  return isEmpty && typeof body.stop_reason === 'string' ? [] : answerList(body, 'content');
}

function readToolCall(block: Members, where: string): ToolCall {
  return {
    id: textOf(block.id, `${where}.id`),
    name: textOf(block.name, `${where}.name`),
    arguments: JSON.stringify(block.input ?? {}),
  };
}

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  stop_sequence: 'end',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'refusal',
};

/** Anthropic counts what it read from and wrote to its cache beside `input_tokens`; here input is all of it. */
function readUsage(value: unknown): Usage {
  const usage = optionalMembers(value);
  const uncached = tokensOf(usage.input_tokens);
  const cachedInputTokens = countOf(usage.cache_read_input_tokens);
  const written = countOf(usage.cache_creation_input_tokens);
  const thoughtTokens = countOf(optionalMembers(usage.output_tokens_details).thinking_tokens);
  return {
    inputTokens: uncached === null ? null : uncached + (cachedInputTokens ?? 0) + (written ?? 0),
    outputTokens: tokensOf(usage.output_tokens),
    ...knownOnly({ thoughtTokens, cachedInputTokens }),
  };
}
