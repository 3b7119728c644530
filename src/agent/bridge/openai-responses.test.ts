import { describe, expect, test } from 'vitest';
import { openaiResponses } from './openai-responses.ts';
import { BridgeRefusal } from './protocol.ts';
import { sentEvents } from './testing/bridge-client.ts';
import { list, members } from './wire.ts';

const read = (body: unknown, headers = {}) => openaiResponses.read(body, { path: '/v1/responses', headers });

const tools = [
  { type: 'function', name: 'exec_command', description: 'Runs.', parameters: { type: 'object' } },
  {
    type: 'custom',
    name: 'apply_patch',
    description: 'Edits.',
    format: { type: 'grammar', definition: 'start: "x"' },
  },
  { type: 'local_shell' },
  {
    type: 'namespace',
    name: 'agents',
    tools: [{ type: 'function', name: 'spawn', parameters: { type: 'object' } }],
  },
  { type: 'web_search' },
];

describe('OpenAI requests', () => {
  test('items become messages; the pieces of one turn are put together, shell and free text are calls', () => {
    const { messages } = read({
      instructions: 'Be terse.',
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Mind the rules.' }] },
        { role: 'user', content: 'Do it.' },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Looking.' }] },
        { type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: '{"cmd":"ls"}' },
        { type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch', input: '*** Begin' },
        { type: 'local_shell_call', call_id: 'c3', action: { type: 'exec', command: ['ls'] } },
        { type: 'function_call', call_id: 'c4', name: 'spawn', namespace: 'agents', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'a.py' },
        { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'done' }] },
      ],
    });
    expect(messages).toEqual([
      { role: 'system', content: 'Be terse.\n\nMind the rules.' },
      { role: 'user', content: 'Do it.' },
      {
        role: 'assistant',
        content: 'Looking.',
        thoughts: 'Hm.',
        toolCalls: [
          { id: 'c1', name: 'exec_command', arguments: '{"cmd":"ls"}' },
          { id: 'c2', name: 'apply_patch', arguments: '{"input":"*** Begin"}' },
          { id: 'c3', name: 'local_shell', arguments: '{"type":"exec","command":["ls"]}' },
          { id: 'c4', name: 'agents__spawn', arguments: '{}' },
        ],
      },
      { role: 'tool', content: 'a.py', toolCallId: 'c1' },
      { role: 'tool', content: 'done', toolCallId: 'c2' },
    ]);
  });

  test('all of its tools are functions to the model; a grammar is told in words', () => {
    const request = read({ input: [], tools });
    expect(request.tools.map(({ name }) => name)).toEqual([
      'exec_command',
      'apply_patch',
      'local_shell',
      'agents__spawn',
    ]);
    expect(JSON.stringify(request.tools[1]?.parameters)).toContain('in this grammar');
    expect(request.unread).toEqual(['web_search']);
    expect(() => read({ input: 'hi', tools: [{ type: 'web_search' }] })).toThrow(BridgeRefusal);
  });

  test('who asks, and what for, is in the headers', () => {
    const asks = (turn: object) => read({ input: 'hi' }, { 'x-codex-turn-metadata': JSON.stringify(turn) });
    expect(asks({ agent_name: '/root', request_kind: 'turn' })).not.toHaveProperty('agent');
    expect(asks({ agent_name: '/root/a', thread_id: 't2', request_kind: 'turn' }).agent).toBe('t2');
    expect(asks({ agent_name: '/root', request_kind: 'compaction' }).purpose).toBe('compaction');
    expect(read({ input: 'hi' }, { 'x-openai-subagent': 'review' }).purpose).toBe('review');
    expect(read({ input: 'hi' }).messages).toEqual([{ role: 'user', content: 'hi' }]);
  });
});

describe('OpenAI answers', () => {
  const answer = {
    id: '1',
    thoughts: 'Hm.',
    response: 'Looking.',
    calls: [
      { id: 'c1', name: 'exec_command', arguments: { cmd: 'ls' } },
      { id: 'c2', name: 'apply_patch', arguments: { input: '*** Begin' } },
      { id: 'c3', name: 'local_shell', arguments: { command: ['ls'] } },
      { id: 'c4', name: 'agents__spawn', arguments: {} },
    ],
    stop: 'tool-calls' as const,
    inputTokens: 11,
    outputTokens: 5,
  };
  const request = read({ model: 'gpt', input: [], tools });

  test('each call goes back in the form in which its tool was declared', () => {
    const output = list(openaiResponses.body(answer, request).output).map(members);
    expect(output.map(({ type }) => type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'custom_tool_call',
      'local_shell_call',
      'function_call',
    ]);
    expect(output[2]).toMatchObject({ call_id: 'c1', arguments: '{"cmd":"ls"}' });
    expect(output[3]).toMatchObject({ call_id: 'c2', input: '*** Begin' });
    expect(output[4]).toMatchObject({ call_id: 'c3', action: { type: 'exec', command: ['ls'] } });
    expect(output[5]).toMatchObject({ call_id: 'c4', name: 'spawn', namespace: 'agents' });
  });

  test('a stream numbers its events; its deltas add up to its items, its items to the response', () => {
    const events = sentEvents(openaiResponses.events(answer, request).join(''));
    expect(events.map(({ data }) => data.sequence_number)).toEqual(events.map((_, index) => index));
    for (const { event, data } of events) expect(event).toBe(data.type);
    const done = events
      .filter(({ event }) => event === 'response.output_item.done')
      .map(({ data }) => data.item);
    expect(done).toEqual(events.at(-1)?.data.response.output);
    const deltas = events.filter(({ event }) => event?.endsWith('.delta')).map(({ data }) => data.delta);
    expect(deltas).toEqual(['Hm.', 'Looking.', '{"cmd":"ls"}', '*** Begin', '{}']);
    expect(events.at(-1)?.data.response.usage.total_tokens).toBe(16);
  });

  test('an answer that was cut off is incomplete, with the reason', () => {
    const cut = sentEvents(
      openaiResponses.events({ ...answer, calls: [], stop: 'length' }, request).join(''),
    ).at(-1);
    expect(cut?.event).toBe('response.incomplete');
    expect(cut?.data.response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
  });
});
