import { describe, expect, test } from 'vitest';
import { anthropicMessages } from './anthropic-messages.ts';
import { BridgeRefusal } from './protocol.ts';
import { sentEvents } from './testing/bridge-client.ts';

const read = (body: unknown, headers = {}) => anthropicMessages.read(body, { path: '/v1/messages', headers });

describe('Anthropic requests', () => {
  test('system blocks, thinking, tool use and results become messages in order', () => {
    const { messages } = read({
      system: [
        { type: 'text', text: 'One.' },
        { type: 'text', text: 'Two.' },
      ],
      messages: [
        { role: 'user', content: 'Do it.' },
        { role: 'system', content: [{ type: 'text', text: 'You are in /workspace.' }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 's' },
            { type: 'text', text: 'Looking.' },
            { type: 'tool_use', id: 'c1', name: 'Bash', input: { command: 'ls' } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'c1',
              content: [{ type: 'text', text: 'a.py' }, { type: 'image' }],
              is_error: true,
            },
            { type: 'text', text: 'Go on.' },
          ],
        },
      ],
    });
    expect(messages).toEqual([
      { role: 'system', content: 'One.\n\nTwo.' },
      { role: 'user', content: 'Do it.' },
      // A system message in the midst: most chat templates take one at the start only.
      { role: 'user', content: 'You are in /workspace.' },
      {
        role: 'assistant',
        content: 'Looking.',
        thoughts: 'Hm.',
        toolCalls: [{ id: 'c1', name: 'Bash', arguments: '{"command":"ls"}' }],
      },
      {
        role: 'tool',
        content: expect.stringMatching(/^a\.py\n\[image: not shown/),
        toolCallId: 'c1',
        isError: true,
      },
      { role: 'user', content: 'Go on.' },
    ]);
  });

  test('who asks, and what for, is in the headers', () => {
    const body = { messages: [] };
    expect(read(body)).not.toHaveProperty('agent');
    expect(read(body, { 'x-claude-code-agent-id': 'a1' }).agent).toBe('a1');
    expect(read(body, { 'x-claude-code-auxiliary-type': 'title' }).purpose).toBe('title');
  });

  test("the provider's own tools are left out; alone, they are refused", () => {
    const search = { type: 'web_search_20250305', name: 'web_search' };
    const own = { name: 'Bash', description: 'Runs.', input_schema: { type: 'object' } };
    const request = read({
      messages: [],
      tools: [search, own, { ...own, name: 'Later', defer_loading: true }],
    });
    expect(request.tools).toEqual([{ name: 'Bash', description: 'Runs.', parameters: { type: 'object' } }]);
    expect(request.unread).toEqual(['web_search_20250305']);
    expect(() => read({ messages: [], tools: [search] })).toThrow(BridgeRefusal);
  });
});

describe('Anthropic answers', () => {
  const answer = {
    id: 'msg',
    thoughts: 'Hm.',
    response: 'Looking.',
    calls: [{ id: 'call_0_0', name: 'Bash', arguments: { command: 'ls' } }],
    stop: 'tool-calls' as const,
    inputTokens: 11,
    outputTokens: 5,
  };

  test('a stream opens, fills and closes each block, and adds up to the whole body', () => {
    const request = read({ model: 'claude', messages: [] });
    const events = sentEvents(anthropicMessages.events(answer, request).join(''));
    for (const { event, data } of events) expect(event).toBe(data.type);
    expect(assembled(events)).toEqual(
      (anthropicMessages.body(answer, request) as { content: unknown }).content,
    );
    expect(events[0]?.data.message).toMatchObject({
      model: 'claude',
      content: [],
      usage: { input_tokens: 11 },
    });
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { output_tokens: 5 },
    });
    expect(events.at(-1)?.event).toBe('message_stop');
  });

  test('what is served', () => {
    expect(anthropicMessages.route('POST', '/v1/messages')).toBe('generate');
    expect(anthropicMessages.route('POST', '/v1/messages/count_tokens')).toBe('count-tokens');
    expect(anthropicMessages.route('HEAD', '/api/hello')).toBe('alive');
    expect(anthropicMessages.route('POST', '/v1/complete')).toBeUndefined();
  });
});

/** The blocks of a stream, put together as a client does. */
function assembled(events: ReturnType<typeof sentEvents>): unknown[] {
  // biome-ignore lint/suspicious/noExplicitAny: three shapes of block
  const blocks: any[] = [];
  const json: string[] = [];
  for (const { data } of events) {
    if (data.type === 'content_block_start') blocks[data.index] = { ...data.content_block };
    if (data.type !== 'content_block_delta') continue;
    const block = blocks[data.index];
    const { delta } = data;
    if (delta.type === 'text_delta') block.text += delta.text;
    if (delta.type === 'thinking_delta') block.thinking += delta.thinking;
    if (delta.type === 'signature_delta') block.signature += delta.signature;
    if (delta.type === 'input_json_delta') json[data.index] = (json[data.index] ?? '') + delta.partial_json;
  }
  json.forEach((text, index) => {
    blocks[index].input = JSON.parse(text);
  });
  return blocks;
}
