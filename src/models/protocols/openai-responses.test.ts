import { describe, expect, test } from 'vitest';
import type { GenerateRequest, Message } from '../../core/index.ts';
import { openaiResponses } from './openai-responses.ts';
import { FailureInside, WrongShape } from './shape.ts';
import { plainTemplate } from './template.ts';

const target = { model: 'm', official: true, stop: ['END'], template: plainTemplate };
const sampling = { temperature: 0.7, topP: 0.9, maxTokens: 64, seed: 7 };
const request: GenerateRequest = { messages: [{ role: 'user', content: 'Hi' }], sampling };

const says = (...parts: object[]) => ({ type: 'message', role: 'assistant', content: parts });
const call = { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{"x":1}' };

function read(output: readonly object[], rest: object = {}) {
  return openaiResponses.read({ status: 'completed', error: null, output, ...rest }, request);
}

describe('what is sent', () => {
  test('the whole conversation, nothing stored; there is no seed and no stop', () => {
    const messages: Message[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Well', toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }] },
      { role: 'tool', content: '42', toolCallId: 'c1' },
    ];
    expect(openaiResponses.body({ messages, sampling }, target)).toEqual({
      model: 'm',
      input: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Well' },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: '42' },
      ],
      max_output_tokens: 64,
      store: false,
      temperature: 0.7,
      top_p: 0.9,
    });
  });

  test('tools say whether they are strict; OpenAI itself is asked for encrypted reasoning', () => {
    const tools = [{ name: 'f', description: 'F.', parameters: { type: 'object', properties: {} } }];
    expect(openaiResponses.body({ ...request, tools }, target)).toMatchObject({
      tools: [
        { type: 'function', name: 'f', description: 'F.', parameters: tools[0]!.parameters, strict: false },
      ],
      include: ['reasoning.encrypted_content'],
    });
    expect(openaiResponses.body({ ...request, tools }, { ...target, official: false })).not.toHaveProperty(
      'include',
    );
  });

  test('a schema', () => {
    expect(openaiResponses.body({ ...request, schema: { type: 'object' } }, target).text).toEqual({
      format: { type: 'json_schema', name: 'answer', schema: { type: 'object' }, strict: false },
    });
  });

  test('a turn with tool calls goes back item by item, reasoning included', () => {
    const output = [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' }, call];
    const { toolCalls } = read(output);
    const messages: Message[] = [{ role: 'assistant', content: '', toolCalls }];
    expect(openaiResponses.body({ messages, sampling }, target).input).toEqual(output);
  });
});

describe('what is read', () => {
  test('texts, thoughts as content or summary, and usage', () => {
    const output = [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'First.' }] },
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Second.' }] },
      { type: 'web_search_call', status: 'completed' },
      says({ type: 'output_text', text: 'Hello' }, { type: 'output_text', text: ' there.' }),
    ];
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 12 },
    };
    expect(read(output, { usage })).toEqual({
      thoughts: 'First.\n\nSecond.',
      response: 'Hello there.',
      toolCalls: [],
      stop: 'end',
      usage: { inputTokens: 10, outputTokens: 20, cachedInputTokens: 4, thoughtTokens: 12 },
    });
  });

  test('a refusal', () => {
    expect(read([says({ type: 'refusal', refusal: "I can't." })])).toMatchObject({
      response: "I can't.",
      stop: 'refusal',
    });
  });

  test('tool calls', () => {
    expect(read([call])).toMatchObject({
      stop: 'tool-calls',
      toolCalls: [{ id: 'c1', name: 'f', arguments: '{"x":1}' }],
    });
  });

  test.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'refusal'],
    ['else', 'other'],
  ])('incomplete for %s is %s', (reason, stop) => {
    expect(read([], { status: 'incomplete', incomplete_details: { reason } }).stop).toBe(stop);
  });

  test.each([
    ['server_error', 500],
    ['rate_limit_exceeded', 429],
    ['invalid_prompt', 400],
  ])('failed with %s counts as HTTP %i', (code, status) => {
    const error = { code, message: 'no' };
    expect(() => read([], { status: 'failed', error })).toThrow(new FailureInside(status, 'no', error));
  });

  test.each([[{}], [{ output: 'x' }], [{ output: [7] }], [{ output: [{ type: 'message' }] }]])(
    'no answer in %j',
    (body) => {
      expect(() => openaiResponses.read(body, request)).toThrow(WrongShape);
    },
  );
});
