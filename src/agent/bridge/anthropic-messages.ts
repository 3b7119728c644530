import { assistantMessage } from '../../core/assistant-message.ts';
import type { Message, StopReason, Tool, ToolCall } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import type { BridgeAnswer, BridgeProtocol, BridgeRequest, Headers } from './protocol.ts';
import { event, list, members, object, ownTools, placeholder, Turns, text, withSystem } from './wire.ts';

/**
 * Anthropic messages (server-sent events) and `count_tokens`.
 * @see https://docs.claude.com/en/api/messages
 * @see https://docs.claude.com/en/docs/build-with-claude/streaming
 */
export const anthropicMessages: BridgeProtocol = {
  name: 'anthropic-messages',
  route(method, path) {
    if (method === 'HEAD' || (method === 'GET' && (path === '/' || path === '/api/hello'))) return 'alive';
    if (method !== 'POST') return undefined;
    if (path === '/v1/messages') return 'generate';
    return path === '/v1/messages/count_tokens' ? 'count-tokens' : undefined;
  },
  read,
  body: (answer, request) => ({
    ...envelope(answer, request),
    content: blocks(answer),
    stop_reason: STOP[answer.stop],
    usage: { input_tokens: answer.inputTokens, output_tokens: answer.outputTokens },
  }),
  events,
  ping: event({ type: 'ping' }, 'ping'),
  tokenCount: (tokens) => ({ input_tokens: tokens }),
  error(message) {
    const body = { type: 'error', error: { type: 'invalid_request_error', message } };
    return { status: 400, body, event: event(body, 'error') };
  },
};

function read(value: unknown, { headers }: { readonly headers: Headers }): BridgeRequest {
  const body = object(value, 'the body');
  const unread: string[] = [];
  const turns = new Turns();
  for (const entry of list(body.messages)) readMessage(members(entry), turns, unread);
  const system = typeof body.system === 'string' ? [body.system] : list(body.system).map(blockText);
  const format = members(members(body.output_config).format ?? body.output_format);
  const agent = text(headers['x-claude-code-agent-id']);
  const purpose = text(headers['x-claude-code-auxiliary-type']) || text(headers['x-claude-code-compaction']);
  return {
    messages: withSystem(system, turns.messages),
    tools: readTools(list(body.tools), unread),
    ...(format.schema === undefined ? {} : { schema: members(format.schema) as Tool['parameters'] }),
    stream: body.stream === true,
    model: text(body.model),
    ...(agent === '' ? {} : { agent }),
    ...(purpose === '' ? {} : { purpose }),
    unread,
    body,
  };
}

function blockText(block: unknown): string {
  return text(members(block).text);
}

function readMessage(message: Members, turns: Turns, unread: string[]): void {
  const content =
    typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : list(message.content);
  const said: string[] = [];
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  for (const entry of content) {
    const block = members(entry);
    if (block.type === 'text') said.push(text(block.text));
    else if (block.type === 'thinking') thoughts.push(text(block.thinking));
    else if (block.type === 'tool_use') toolCalls.push(readCall(block));
    else if (block.type === 'tool_result') turns.add(readResult(block, unread));
    else {
      unread.push(text(block.type));
      if (block.type !== 'redacted_thinking') said.push(placeholder(text(block.type)));
    }
  }
  if (message.role === 'assistant') {
    const thought = thoughts.length === 0 ? undefined : thoughts.join('');
    turns.add(assistantMessage(said.join(''), thought, toolCalls));
  } else if (said.length > 0) {
    turns.add({ role: message.role === 'system' ? 'system' : 'user', content: said.join('\n\n') });
  }
}

function readCall(block: Members): ToolCall {
  return { id: text(block.id), name: text(block.name), arguments: JSON.stringify(block.input ?? {}) };
}

function readResult(block: Members, unread: string[]): Message {
  const parts =
    typeof block.content === 'string'
      ? [block.content]
      : list(block.content).map((entry) => {
          const part = members(entry);
          if (part.type === 'text') return text(part.text);
          unread.push(text(part.type));
          return placeholder(text(part.type));
        });
  return {
    role: 'tool',
    content: parts.join('\n'),
    toolCallId: text(block.tool_use_id),
    ...(block.is_error === true ? { isError: true } : {}),
  };
}

/** @throws BridgeRefusal as `ownTools` */
function readTools(entries: readonly unknown[], unread: string[]): Tool[] {
  const tools: Tool[] = [];
  const serverSide: string[] = [];
  for (const entry of entries) {
    const tool = members(entry);
    const name = text(tool.name);
    if (tool.input_schema === undefined) serverSide.push(text(tool.type) || name);
    else if (tool.defer_loading !== true) {
      const parameters = members(tool.input_schema) as Tool['parameters'];
      tools.push({ name, description: text(tool.description), parameters });
    }
  }
  return ownTools(tools, serverSide, unread);
}

/** Thinking goes back signed; the bridge knows its own turns without looking at the signature. */
function blocks({ thoughts, response, calls }: BridgeAnswer): Members[] {
  return [
    ...(thoughts === '' ? [] : [{ type: 'thinking', thinking: thoughts, signature: 'stemma' }]),
    ...(response === '' ? [] : [{ type: 'text', text: response }]),
    ...calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
  ];
}

const STOP: Readonly<Record<StopReason, string>> = {
  end: 'end_turn',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  refusal: 'refusal',
  other: 'end_turn',
};

function envelope({ id }: BridgeAnswer, { model }: BridgeRequest): Members {
  return { id, type: 'message', role: 'assistant', model, stop_sequence: null };
}

function events(answer: BridgeAnswer, request: BridgeRequest): readonly string[] {
  const { inputTokens, outputTokens, stop } = answer;
  const message = {
    ...envelope(answer, request),
    content: [],
    stop_reason: null,
    usage: { input_tokens: inputTokens, output_tokens: 0 },
  };
  return [
    event({ type: 'message_start', message }, 'message_start'),
    ...blocks(answer).flatMap(blockEvents),
    event(
      {
        type: 'message_delta',
        delta: { stop_reason: STOP[stop], stop_sequence: null },
        usage: { input_tokens: inputTokens, output_tokens: outputTokens },
      },
      'message_delta',
    ),
    event({ type: 'message_stop' }, 'message_stop'),
  ];
}

function blockEvents(block: Members, index: number): readonly string[] {
  const delta = (value: Members) =>
    event({ type: 'content_block_delta', index, delta: value }, 'content_block_delta');
  const [empty, deltas] =
    block.type === 'thinking'
      ? [
          { type: 'thinking', thinking: '', signature: '' },
          [
            delta({ type: 'thinking_delta', thinking: block.thinking }),
            delta({ type: 'signature_delta', signature: block.signature }),
          ],
        ]
      : block.type === 'text'
        ? [{ type: 'text', text: '' }, [delta({ type: 'text_delta', text: block.text })]]
        : [
            { ...block, input: {} },
            [delta({ type: 'input_json_delta', partial_json: JSON.stringify(block.input) })],
          ];
  return [
    event({ type: 'content_block_start', index, content_block: empty }, 'content_block_start'),
    ...deltas,
    event({ type: 'content_block_stop', index }, 'content_block_stop'),
  ];
}
