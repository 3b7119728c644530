import { describe, expect, test } from 'vitest';
import { gemini } from './gemini.ts';
import { BridgeRefusal } from './protocol.ts';
import { sentEvents } from './testing/bridge-client.ts';

const path = '/v1beta/models/gemini-3.1-pro-preview:streamGenerateContent';
const read = (body: unknown, at = path) => gemini.read(body, { path: at, headers: {} });
const answer = {
  id: 'r1',
  thoughts: 'Hm.',
  response: 'Looking.',
  calls: [
    { id: 'call_0_0', name: 'sh', arguments: { command: 'ls' } },
    { id: 'call_0_1', name: 'sh', arguments: {} },
  ],
  stop: 'tool-calls' as const,
  inputTokens: 11,
  outputTokens: 5,
};

describe('Gemini requests', () => {
  test('system, history with thoughts and calls, and results of tools become messages in order', () => {
    const { messages, stream, model } = read({
      systemInstruction: { parts: [{ text: 'Be terse.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'context' }, { text: 'Do it.' }] },
        {
          role: 'model',
          parts: [
            { text: 'Hm.', thought: true },
            { text: 'Look', thoughtSignature: 'x' },
            { text: 'ing.' },
            { functionCall: { id: 'c1', name: 'sh', args: { command: 'ls' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'c1', name: 'sh', response: { output: 'a.py' } } },
            { functionResponse: { id: 'c2', name: 'sh', response: { error: 'no such file' } } },
            { text: 'Go on.' },
          ],
        },
      ],
    });
    expect({ stream, model }).toEqual({ stream: true, model: 'gemini-3.1-pro-preview' });
    expect(messages).toEqual([
      { role: 'system', content: 'Be terse.' },
      { role: 'user', content: 'context\n\nDo it.' },
      {
        role: 'assistant',
        content: 'Looking.',
        thoughts: 'Hm.',
        toolCalls: [{ id: 'c1', name: 'sh', arguments: '{"command":"ls"}' }],
      },
      { role: 'tool', content: 'a.py', toolCallId: 'c1' },
      { role: 'tool', content: 'no such file', toolCallId: 'c2', isError: true },
      { role: 'user', content: 'Go on.' },
    ]);
  });

  test('tools in both spellings of their schema, and a schema for the answer', () => {
    const request = read({
      contents: [],
      tools: [
        { functionDeclarations: [{ name: 'a', parametersJsonSchema: { type: 'object' } }] },
        {
          functionDeclarations: [
            {
              name: 'b',
              description: 'B',
              parameters: { type: 'OBJECT', properties: { type: { type: 'STRING' } } },
            },
          ],
        },
      ],
      generationConfig: { responseJsonSchema: { type: 'OBJECT', properties: { n: { type: 'INTEGER' } } } },
    });
    expect(request.tools).toEqual([
      { name: 'a', description: '', parameters: { type: 'object' } },
      {
        name: 'b',
        description: 'B',
        parameters: { type: 'object', properties: { type: { type: 'string' } } },
      },
    ]);
    expect(request.schema).toEqual({ type: 'object', properties: { n: { type: 'integer' } } });
  });

  test('an image is named in its place and among what was not read', () => {
    const { messages, unread } = read({
      contents: [
        { role: 'user', parts: [{ text: 'See' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }] },
      ],
    });
    expect(messages[0]?.content).toMatch(/^See\n\n\[image\/png: not shown/);
    expect(unread).toEqual(['image/png']);
  });

  test('web search is refused instead of made up', () => {
    expect(() => read({ contents: [], tools: [{ googleSearch: {} }] })).toThrow(BridgeRefusal);
    expect(
      read({ contents: [], tools: [{ googleSearch: {} }, { functionDeclarations: [{ name: 'a' }] }] }).tools,
    ).toHaveLength(1);
  });

  test('a count may wrap the request that it is about', () => {
    const at = path.replace('streamGenerateContent', 'countTokens');
    const wrapped = { generateContentRequest: { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] } };
    expect(read(wrapped, at).messages).toEqual([{ role: 'user', content: 'hello' }]);
  });
});

describe('Gemini answers', () => {
  test('a stream holds each part once; the last event says why it ended', () => {
    const events = sentEvents(gemini.events(answer, read({ contents: [] })).join(''));
    expect(events.flatMap(({ data }) => data.candidates[0].content.parts)).toEqual([
      { text: 'Hm.', thought: true },
      { text: 'Looking.' },
      { functionCall: { id: 'call_0_0', name: 'sh', args: { command: 'ls' } } },
      { functionCall: { id: 'call_0_1', name: 'sh', args: {} } },
    ]);
    expect(events.map(({ data }) => data.candidates[0].finishReason)).toEqual([
      undefined,
      undefined,
      undefined,
      'STOP',
    ]);
    expect(events.at(-1)?.data.usageMetadata.totalTokenCount).toBe(16);
  });

  test('an empty answer still ends', () => {
    const empty = { ...answer, thoughts: '', response: '', calls: [], stop: 'length' as const };
    const [only, ...more] = sentEvents(gemini.events(empty, read({ contents: [] })).join(''));
    expect(more).toEqual([]);
    expect(only?.data.candidates[0].finishReason).toBe('MAX_TOKENS');
  });

  test('what is served', () => {
    expect(gemini.route('POST', path)).toBe('generate');
    expect(gemini.route('POST', '/v1beta/models/x:countTokens')).toBe('count-tokens');
    expect(gemini.route('POST', '/v1beta/models/x:embedContent')).toBeUndefined();
    expect(gemini.route('GET', path)).toBeUndefined();
  });
});
