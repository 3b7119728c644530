import { describe, expect, test } from 'vitest';
import type { GenerateRequest, Message } from '../../core/index.ts';
import { gemini } from './gemini.ts';
import { WrongShape } from './shape.ts';
import { plainTemplate } from './template.ts';

const target = { model: 'gemini-x', official: true, stop: [], template: plainTemplate };
const sampling = { temperature: 0.7, topP: 0.9, maxTokens: 64, seed: 7, stop: ['END'] };
const request: GenerateRequest = { messages: [{ role: 'user', content: 'Hi' }], sampling };

function read(candidate: object, rest: object = {}, messages: Message[] = []) {
  return gemini.read(
    { candidates: [{ finishReason: 'STOP', ...candidate }], ...rest },
    { ...request, messages },
  );
}

describe('what is sent', () => {
  test('the model is in the path, the key in a header', () => {
    expect(gemini.path(target)).toBe('/models/gemini-x:generateContent');
    expect(gemini.path({ ...target, model: 'tunedModels/my model' })).toBe(
      '/tunedModels/my%20model:generateContent',
    );
    expect(gemini.headers('k')).toEqual({ 'x-goog-api-key': 'k' });
  });

  test('contents, system instruction and all settings', () => {
    const messages: Message[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'Bye' },
    ];
    expect(gemini.body({ messages, sampling, schema: { type: 'object' } }, target)).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [{ text: 'Hello' }] },
        { role: 'user', parts: [{ text: 'Bye' }] },
      ],
      generationConfig: {
        maxOutputTokens: 64,
        temperature: 0.7,
        topP: 0.9,
        seed: 7,
        stopSequences: ['END'],
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object' },
      },
    });
  });

  test('tools; calls that another model made, and their results together', () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        content: '',
        toolCalls: [
          { id: 'a', name: 'f', arguments: '{"x": 1}' },
          { id: 'b', name: 'g', arguments: '{}' },
        ],
      },
      { role: 'tool', content: '42', toolCallId: 'a' },
      { role: 'tool', content: 'no', toolCallId: 'b', isError: true },
    ];
    const tools = [{ name: 'f', description: 'F.', parameters: { type: 'object' } }];
    expect(gemini.body({ messages, sampling, tools }, target)).toMatchObject({
      tools: [
        {
          functionDeclarations: [{ name: 'f', description: 'F.', parametersJsonSchema: { type: 'object' } }],
        },
      ],
      contents: [
        {
          role: 'model',
          parts: [
            {
              functionCall: { id: 'a', name: 'f', args: { x: 1 } },
              thoughtSignature: 'skip_thought_signature_validator',
            },
            { functionCall: { id: 'b', name: 'g', args: {} } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'a', name: 'f', response: { output: '42' } } },
            { functionResponse: { id: 'b', name: 'g', response: { error: 'no' } } },
          ],
        },
      ],
    });
  });

  test('a turn with its own calls goes back as it came, signatures included; ids of ours stay here', () => {
    const content = {
      role: 'model',
      parts: [{ functionCall: { name: 'f', args: {} }, thoughtSignature: 'sig' }],
    };
    const { toolCalls } = read({ content });
    expect(toolCalls).toEqual([{ id: 'stemma-call-1', name: 'f', arguments: '{}' }]);
    const messages: Message[] = [
      { role: 'assistant', content: '', toolCalls },
      { role: 'tool', content: '42', toolCallId: 'stemma-call-1' },
    ];
    expect(gemini.body({ messages, sampling }, target).contents).toEqual([
      content,
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: '42' } } }] },
    ]);
    expect(read({ content }, {}, messages).toolCalls[0]?.id).toBe('stemma-call-2');
  });
});

describe('what is read', () => {
  test('text, thought parts and usage', () => {
    const parts = [{ text: 'Hm.', thought: true }, { text: 'Hel' }, { text: 'lo' }];
    const usageMetadata = {
      promptTokenCount: 10,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 20,
      cachedContentTokenCount: 4,
    };
    expect(read({ content: { parts } }, { usageMetadata })).toEqual({
      thoughts: 'Hm.',
      response: 'Hello',
      toolCalls: [],
      stop: 'end',
      usage: { inputTokens: 10, outputTokens: 25, thoughtTokens: 20, cachedInputTokens: 4 },
    });
  });

  test('tool calls end a turn that says STOP', () => {
    const parts = [{ functionCall: { id: 'c', name: 'f', args: { x: 1 } } }];
    expect(read({ content: { parts } })).toMatchObject({
      stop: 'tool-calls',
      toolCalls: [{ id: 'c', name: 'f', arguments: '{"x":1}' }],
    });
  });

  test.each([
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'refusal'],
    ['PROHIBITED_CONTENT', 'refusal'],
    ['RECITATION', 'other'],
    ['MALFORMED_FUNCTION_CALL', 'other'],
  ])('finish reason %s without content is %s', (finishReason, stop) => {
    expect(read({ finishReason })).toMatchObject({ response: '', stop });
    expect(read({ finishReason, content: { role: 'model' } })).toMatchObject({ response: '', stop });
  });

  test.each([[{}], [{ candidates: [] }]])('a blocked prompt is a refusal (%j)', (rest) => {
    const body = {
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 9 },
      ...rest,
    };
    expect(gemini.read(body, request)).toMatchObject({
      response: '',
      stop: 'refusal',
      usage: { inputTokens: 9, outputTokens: null },
    });
  });

  test.each([
    [{}],
    [{ candidates: [] }],
    [{ candidates: [{}] }],
    [{ candidates: [{ content: { parts: 'x' } }] }],
  ])('no answer in %j', (body) => {
    expect(() => gemini.read(body, request)).toThrow(WrongShape);
  });
});
