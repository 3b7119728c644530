import { describe, expect, test } from 'vitest';
import type { GenerateRequest, Message } from '../../core/index.ts';
import { openaiChat } from './openai-chat.ts';
import { FailureInside, WrongShape } from './shape.ts';
import { plainTemplate } from './template.ts';

const target = { model: 'm', official: false, stop: [], template: plainTemplate };
const sampling = { temperature: 0.7, topP: 0.9, maxTokens: 64, seed: 7, stop: ['\n\n'] };
const messages: Message[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi' },
];
const bare = { temperature: null, topP: null, maxTokens: 64, seed: null };
const request: GenerateRequest = { messages, sampling: bare };

function read(message: object, rest: object = {}, body: object = {}) {
  return openaiChat.read({ choices: [{ message, finish_reason: 'stop', ...rest }], ...body }, request);
}

describe('what is sent', () => {
  test('messages and all sampling settings', () => {
    expect(openaiChat.body({ messages, sampling }, target)).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
      max_tokens: 64,
      temperature: 0.7,
      top_p: 0.9,
      seed: 7,
      stop: ['\n\n'],
    });
  });

  test('settings that are null are left to the server', () => {
    expect(Object.keys(openaiChat.body(request, target))).toEqual(['model', 'messages', 'max_tokens']);
  });

  test('OpenAI itself gets max_completion_tokens', () => {
    const body = openaiChat.body(request, { ...target, official: true });
    expect(body).toMatchObject({ max_completion_tokens: 64 });
    expect(body).not.toHaveProperty('max_tokens');
  });

  test('a schema, strict where OpenAI would take it as strict', () => {
    const closed = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    const format = (schema: typeof closed | { type: string }) =>
      openaiChat.body({ ...request, schema }, target).response_format;
    expect(format(closed)).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema: closed, strict: true },
    });
    expect(format({ type: 'object' })).toMatchObject({ json_schema: { strict: false } });
  });

  test('tools, calls and their results', () => {
    const body = openaiChat.body(
      {
        sampling: bare,
        tools: [{ name: 'read', description: 'Reads.', parameters: { type: 'object' } }],
        messages: [
          { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'read', arguments: '{"p": 1}' }] },
          { role: 'tool', content: 'text', toolCallId: 'c1' },
        ],
      },
      target,
    );
    expect(body.tools).toEqual([
      {
        type: 'function',
        function: { name: 'read', description: 'Reads.', parameters: { type: 'object' } },
      },
    ]);
    expect(body.messages).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{"p": 1}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'text' },
    ]);
  });

  test('thoughts go back in the field they came in, inside a tool loop only', () => {
    const calls = [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{}' } }];
    const details = [{ type: 'reasoning.encrypted', data: 'x' }];
    for (const fields of [
      { reasoning: 'Hm.' },
      { reasoning_content: 'Hm.' },
      { reasoning: 'Hm.', reasoning_details: details },
    ]) {
      const { toolCalls, thoughts } = read({ content: null, tool_calls: calls, ...fields });
      const turn: Message = { role: 'assistant', content: '', thoughts, toolCalls };
      const body = openaiChat.body({ sampling: bare, messages: [turn] }, target);
      expect(body.messages).toEqual([{ role: 'assistant', content: null, tool_calls: calls, ...fields }]);
    }
    const turn: Message = { role: 'assistant', content: 'Hello', thoughts: 'Hm.' };
    const body = openaiChat.body({ sampling: bare, messages: [turn] }, target);
    expect(body.messages).toEqual([{ role: 'assistant', content: 'Hello' }]);
  });
});

describe('what is read', () => {
  test.each([
    ['stop', 'end'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['content_filter', 'refusal'],
    ['recitation', 'other'],
    [null, 'not-said'],
    [undefined, 'not-said'],
  ])('finish reason %s is %s', (finish_reason, stop) => {
    expect(read({ content: 'x' }, { finish_reason }).stop).toBe(stop);
  });

  test.each([
    ['reasoning_content', { reasoning_content: 'Hm.' }],
    ['reasoning', { reasoning: 'Hm.' }],
    ['both, as during vLLM’s change of name', { reasoning: 'Hm.', reasoning_content: 'Hm.' }],
    [
      'reasoning_details',
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'H' },
          { type: 'reasoning.summary', summary: 'm.' },
        ],
      },
    ],
  ])('thoughts in %s', (_, fields) => {
    expect(read({ content: 'Yes.', ...fields })).toMatchObject({ thoughts: 'Hm.', response: 'Yes.' });
  });

  test('thoughts as content parts (Mistral)', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
      { type: 'text', text: 'Yes.' },
    ];
    expect(read({ content })).toMatchObject({ thoughts: 'Hm.', response: 'Yes.' });
  });

  test('a refusal, beside the content', () => {
    expect(read({ content: null, refusal: "I can't." })).toMatchObject({
      response: "I can't.",
      stop: 'refusal',
    });
  });

  test('tool calls, whether the server says so or "stop"; arguments as text or as an object', () => {
    const tool_calls = [
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x": 1}' } },
      { type: 'function', function: { name: 'g', arguments: { y: 2 } } },
    ];
    expect(read({ content: null, tool_calls })).toMatchObject({
      stop: 'tool-calls',
      toolCalls: [
        { id: 'a', name: 'f', arguments: '{"x": 1}' },
        { id: 'call_1', name: 'g', arguments: '{"y":2}' },
      ],
    });
  });

  test('a call without a list, an empty object for none, and the call of older servers; another form is no answer', () => {
    const call = { name: 'f', arguments: '{"x": 1}' };
    const calls = [{ id: 'call_0', ...call }];
    expect(read({ content: null, tool_calls: { function: call } }).toolCalls).toEqual(calls);
    expect(read({ content: null, function_call: call }).toolCalls).toEqual(calls);
    expect(read({ content: 'Hi', tool_calls: {} }).toolCalls).toEqual([]);
    expect(() => read({ content: 'Hi', tool_calls: 'f(1)' })).toThrow(WrongShape);
  });

  test('usage with its details; null where the server is silent', () => {
    const usage = {
      prompt_tokens: 20,
      completion_tokens: 30,
      prompt_tokens_details: { cached_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 25 },
    };
    expect(read({ content: '' }, {}, { usage }).usage).toEqual({
      inputTokens: 20,
      outputTokens: 30,
      cachedInputTokens: 5,
      thoughtTokens: 25,
    });
    expect(read({ content: '' }).usage).toEqual({ inputTokens: null, outputTokens: null });
    expect(read({ content: '' }, {}, { usage: { prompt_cache_hit_tokens: 3 } }).usage).toMatchObject({
      cachedInputTokens: 3,
    });
  });

  test.each([
    [{}],
    [{ choices: [] }],
    [{ choices: [{}] }],
    [{ choices: [{ message: null }] }],
    [{ choices: [{ message: { content: 3 } }] }],
    [{ choices: [{ message: { content: null, tool_calls: [{ id: 'a' }] } }] }],
  ])('no answer in %j', (body) => {
    expect(() => openaiChat.read(body, request)).toThrow(WrongShape);
  });

  test('a failure told inside the answer or inside the choice', () => {
    const error = { code: 502, message: 'upstream' };
    for (const body of [{ error }, { choices: [{ error, message: { content: 'cut' } }] }]) {
      expect(() => openaiChat.read(body, request)).toThrow(new FailureInside(502, 'upstream', error));
    }
  });
});
