import { describe, expect, test } from 'vitest';
import type { GenerateRequest, Message } from '../../core/index.ts';
import { anthropicMessages, REDACTED_THOUGHTS } from './anthropic-messages.ts';
import { FailureInside, WrongShape } from './shape.ts';
import { plainTemplate } from './template.ts';

const target = { model: 'claude', official: true, stop: [], template: plainTemplate };
const sampling = { temperature: 0.7, topP: null, maxTokens: 64, seed: 7, stop: ['END'] };
const request: GenerateRequest = { messages: [{ role: 'user', content: 'Hi' }], sampling };

function read(content: readonly object[], rest: object = {}) {
  return anthropicMessages.read({ type: 'message', content, stop_reason: 'end_turn', ...rest }, request);
}

describe('what is sent', () => {
  test('headers', () => {
    expect(anthropicMessages.headers('k')).toEqual({ 'anthropic-version': '2023-06-01', 'x-api-key': 'k' });
    expect(anthropicMessages.headers(undefined)).not.toHaveProperty('x-api-key');
  });

  test('system apart, parallel results together, invalid arguments kept, no seed', () => {
    const messages: Message[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: 'Well',
        toolCalls: [
          { id: 'a', name: 'f', arguments: '{"x": 1}' },
          { id: 'b', name: 'g', arguments: 'x=1' },
        ],
      },
      { role: 'tool', content: '42', toolCallId: 'a' },
      { role: 'tool', content: 'no', toolCallId: 'b', isError: true },
      { role: 'user', content: 'Go on' },
    ];
    expect(anthropicMessages.body({ messages, sampling }, target)).toEqual({
      model: 'claude',
      max_tokens: 64,
      system: 'Be brief.',
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Well' },
            { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
            { type: 'tool_use', id: 'b', name: 'g', input: { invalid_json: 'x=1' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: '42' },
            { type: 'tool_result', tool_use_id: 'b', content: 'no', is_error: true },
          ],
        },
        { role: 'user', content: 'Go on' },
      ],
      temperature: 0.7,
      stop_sequences: ['END'],
    });
  });

  test('tools and a schema', () => {
    const tools = [{ name: 'f', description: 'F.', parameters: { type: 'object' } }];
    expect(anthropicMessages.body({ ...request, tools, schema: { type: 'object' } }, target)).toMatchObject({
      tools: [{ name: 'f', description: 'F.', input_schema: { type: 'object' } }],
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
    });
  });

  test('a turn with tool calls goes back block by block, signed and redacted thinking included', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'tool_use', id: 'a', name: 'f', input: {} },
    ];
    const { toolCalls } = read(content, { stop_reason: 'tool_use' });
    const messages: Message[] = [{ role: 'assistant', content: '', toolCalls }];
    expect(anthropicMessages.body({ messages, sampling }, target).messages).toEqual([
      { role: 'assistant', content },
    ]);
  });
});

describe('what is read', () => {
  test('text, thoughts shown and redacted, tool calls', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'text', text: 'Let me ' },
      { type: 'text', text: 'look.' },
      { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
    ];
    expect(read(content, { stop_reason: 'tool_use' })).toMatchObject({
      thoughts: `Hm.\n\n${REDACTED_THOUGHTS}`,
      response: 'Let me look.',
      toolCalls: [{ id: 'a', name: 'f', arguments: '{"x":1}' }],
      stop: 'tool-calls',
    });
  });

  test.each([
    ['end_turn', 'end'],
    ['stop_sequence', 'end'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'refusal'],
    ['pause_turn', 'other'],
  ])('stop reason %s is %s', (stop_reason, stop) => {
    expect(read([], { stop_reason }).stop).toBe(stop);
  });

  test('input counts what came from and went to the cache', () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 1000,
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 3 },
    };
    expect(read([], { usage }).usage).toEqual({
      inputTokens: 1110,
      outputTokens: 7,
      cachedInputTokens: 100,
      thoughtTokens: 3,
    });
    expect(read([]).usage).toEqual({ inputTokens: null, outputTokens: null });
  });

  test('no answer, or a failure instead', () => {
    expect(() => anthropicMessages.read({ content: 'Hi' }, request)).toThrow(WrongShape);
    expect(() => read([{ type: 'tool_use', id: 'a' }])).toThrow(WrongShape);
    const error = { type: 'overloaded_error', message: 'Overloaded' };
    expect(() => anthropicMessages.read({ type: 'error', error }, request)).toThrow(FailureInside);
  });
});
