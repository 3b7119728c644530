import { randomUUID } from 'node:crypto';
import type { Message, ToolCall } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { type ItemTool, itemTools, readItemTools } from './openai-tools.ts';
import type { BridgeAnswer, BridgeCall, BridgeProtocol, BridgeRequest, Headers } from './protocol.ts';
import {
  event,
  list,
  lowerCaseTypes,
  members,
  object,
  placeholder,
  Turns,
  text,
  withSystem,
} from './wire.ts';

/**
 * OpenAI responses (server-sent events), as a client uses them that stores nothing with the provider: every request holds the
 * whole conversation as items.
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openaiResponses: BridgeProtocol = {
  name: 'openai-responses',
  route: (method, path) => (method === 'POST' && path === '/v1/responses' ? 'generate' : undefined),
  read,
  body: (answer, request) => response(answer, request, 'completed', outputItems(answer, request)),
  events,
  ping: ': waiting\n\n',
  // The protocol has no count of tokens.
  tokenCount: () => ({}),
  error(message) {
    const error = { type: 'invalid_request_error', code: 'invalid_prompt', message };
    return {
      status: 400,
      body: { error },
      event: event(
        { type: 'response.failed', response: { id: `resp_${randomUUID()}`, status: 'failed', error } },
        'response.failed',
      ),
    };
  },
};

function read(value: unknown, { headers }: { readonly headers: Headers }): BridgeRequest {
  const body = object(value, 'the body');
  const unread: string[] = [];
  const turns = new Turns();
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : list(body.input);
  for (const item of items) readItem(members(item), turns, unread);
  const format = members(members(body.text).format);
  return {
    messages: withSystem([text(body.instructions)], turns.messages),
    tools: readItemTools(list(body.tools), unread),
    ...(format.schema === undefined ? {} : { schema: lowerCaseTypes(format.schema) }),
    stream: body.stream === true,
    model: text(body.model),
    ...asker(headers),
    unread,
    body,
  };
}

/** Codex says in headers which of its threads asks, and what for. */
function asker(headers: Headers): Pick<BridgeRequest, 'agent' | 'purpose'> {
  const purpose = text(headers['x-openai-subagent']);
  try {
    const turn = members(JSON.parse(text(headers['x-codex-turn-metadata'])));
    const agent = text(turn.agent_name);
    const kind = text(turn.request_kind);
    return {
      ...(agent === '' || agent === '/root' ? {} : { agent: text(turn.thread_id) || agent }),
      ...(kind === '' || kind === 'turn' ? {} : { purpose: kind }),
    };
  } catch {
    return purpose === '' ? {} : { purpose };
  }
}

function readItem(item: Members, turns: Turns, unread: string[]): void {
  const call = readCall(item);
  if (call !== undefined) turns.add({ role: 'assistant', content: '', toolCalls: [call] });
  else if (item.type === undefined || item.type === 'message') turns.add(readMessage(item, unread));
  else if (item.type === 'reasoning') {
    const shown = [...list(item.summary), ...list(item.content)].map((part) => text(members(part).text));
    turns.add({ role: 'assistant', content: '', thoughts: shown.join('\n\n') });
  } else if (/_call_output$/.test(text(item.type))) {
    turns.add({ role: 'tool', content: contentText(item.output, unread), toolCallId: text(item.call_id) });
  } else {
    unread.push(text(item.type));
    // A shortened history may be in an item of its own kind.
    const shown = contentText(item.content ?? item.summary, unread);
    if (shown !== '') turns.add({ role: 'user', content: shown });
  }
}

function readMessage(item: Members, unread: string[]): Message {
  const content = contentText(item.content, unread);
  if (item.role === 'assistant') return { role: 'assistant', content };
  return { role: item.role === 'system' || item.role === 'developer' ? 'system' : 'user', content };
}

function contentText(content: unknown, unread: string[]): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map((entry) => {
      const part = members(entry);
      if (typeof part.text === 'string') return part.text;
      if (typeof part.refusal === 'string') return part.refusal;
      unread.push(text(part.type));
      return placeholder(text(part.type));
    })
    .join('\n\n');
}

/** The three kinds of call a client runs itself, as one: a shell action and a free text become arguments. */
function readCall(item: Members): ToolCall | undefined {
  const id = text(item.call_id) || text(item.id);
  switch (item.type) {
    case 'function_call':
      return {
        id,
        name: item.namespace === undefined ? text(item.name) : `${text(item.namespace)}__${text(item.name)}`,
        arguments: text(item.arguments),
      };
    case 'custom_tool_call':
      return { id, name: text(item.name), arguments: JSON.stringify({ input: text(item.input) }) };
    case 'local_shell_call':
      return { id, name: 'local_shell', arguments: JSON.stringify(members(item.action)) };
    default:
      return undefined;
  }
}

function outputItems(answer: BridgeAnswer, request: BridgeRequest): Members[] {
  const { id, thoughts, response: said, calls } = answer;
  const tools = itemTools(list(request.body.tools));
  return [
    ...(thoughts === ''
      ? []
      : [{ type: 'reasoning', id: `rs_${id}`, summary: [{ type: 'summary_text', text: thoughts }] }]),
    ...(said === ''
      ? []
      : [
          {
            type: 'message',
            id: `msg_${id}`,
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: said, annotations: [] }],
          },
        ]),
    ...calls.map((call) => callItem(call, tools.get(call.name))),
  ];
}

function callItem({ id, name, arguments: args }: BridgeCall, tool: ItemTool | undefined): Members {
  if (tool?.kind === 'custom') {
    const input = typeof args.input === 'string' ? args.input : JSON.stringify(args);
    return { type: 'custom_tool_call', id: `ctc_${id}`, call_id: id, name, input, status: 'completed' };
  }
  if (tool?.kind === 'local_shell') {
    const action = { type: 'exec', env: {}, ...args };
    return { type: 'local_shell_call', id: `lsh_${id}`, call_id: id, action, status: 'completed' };
  }
  return {
    type: 'function_call',
    id: `fc_${id}`,
    call_id: id,
    name: tool?.name ?? name,
    ...(tool?.namespace === undefined ? {} : { namespace: tool.namespace }),
    arguments: JSON.stringify(args),
    status: 'completed',
  };
}

function response(
  answer: BridgeAnswer,
  request: BridgeRequest,
  status: string,
  output: readonly Members[],
): Members {
  const { id, stop, inputTokens, outputTokens } = answer;
  const cut = status === 'completed' && (stop === 'length' || stop === 'refusal');
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    model: request.model,
    status: cut ? 'incomplete' : status,
    incomplete_details: cut ? { reason: stop === 'length' ? 'max_output_tokens' : 'content_filter' } : null,
    output,
    ...(status === 'completed'
      ? {
          usage: {
            input_tokens: inputTokens,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: outputTokens,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: inputTokens + outputTokens,
          },
        }
      : {}),
  };
}

function events(answer: BridgeAnswer, request: BridgeRequest): readonly string[] {
  const output = outputItems(answer, request);
  const last = response(answer, request, 'completed', output);
  const all: Members[] = [
    { type: 'response.created', response: response(answer, request, 'in_progress', []) },
    ...output.flatMap((item, index) => itemEvents(item, index)),
    { type: last.status === 'incomplete' ? 'response.incomplete' : 'response.completed', response: last },
  ];
  return all.map((data, sequence_number) => event({ ...data, sequence_number }, text(data.type)));
}

function itemEvents(item: Members, output_index: number): Members[] {
  return [
    { type: 'response.output_item.added', output_index, item: { ...item, ...emptied(item) } },
    ...deltas(item).map((delta) => ({ ...delta, item_id: item.id, output_index })),
    { type: 'response.output_item.done', output_index, item },
  ];
}

function emptied(item: Members): Members {
  const status = 'in_progress';
  if (item.type === 'reasoning') return { summary: [] };
  if (item.type === 'message') return { status, content: [] };
  if (item.type === 'function_call') return { status, arguments: '' };
  return item.type === 'custom_tool_call' ? { status, input: '' } : { status };
}

function deltas(item: Members): Members[] {
  const [part] = [...list(item.content), ...list(item.summary)].map(members);
  const said = text(part?.text);
  switch (item.type) {
    case 'reasoning':
      return [
        { type: 'response.reasoning_summary_part.added', summary_index: 0, part: { ...part, text: '' } },
        { type: 'response.reasoning_summary_text.delta', summary_index: 0, delta: said },
        { type: 'response.reasoning_summary_text.done', summary_index: 0, text: said },
        { type: 'response.reasoning_summary_part.done', summary_index: 0, part },
      ];
    case 'message':
      return [
        { type: 'response.content_part.added', content_index: 0, part: { ...part, text: '' } },
        { type: 'response.output_text.delta', content_index: 0, delta: said },
        { type: 'response.output_text.done', content_index: 0, text: said },
        { type: 'response.content_part.done', content_index: 0, part },
      ];
    case 'function_call':
      return [
        { type: 'response.function_call_arguments.delta', delta: item.arguments },
        { type: 'response.function_call_arguments.done', arguments: item.arguments },
      ];
    case 'custom_tool_call':
      return [
        { type: 'response.custom_tool_call_input.delta', delta: item.input },
        { type: 'response.custom_tool_call_input.done', input: item.input },
      ];
    default:
      return [];
  }
}
