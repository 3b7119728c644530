import { describe, expect, test } from 'vitest';
import { processorMs } from '../../core/testing/processor-time.ts';
import { statusFault } from '../endpoint/fault.ts';
import { FILTERED, NOT_FILTERED } from '../testing/provider-errors.ts';
import { readAnswer } from './answer.ts';
import { isFiltered, isFilterReason } from './filter.ts';
import { gemini } from './gemini.ts';
import { openaiChat } from './openai-chat.ts';

const request = { messages: [], sampling: { temperature: 0, topP: null, maxTokens: 1, seed: null } };
const read = (text: string, status: number, headers = {}) =>
  readAnswer({ status, text, headers }, (body) => ({
    ...openaiChat.read(body, request),
    stop: openaiChat.read(body, request).stop as 'end',
    raw: body,
  }));
const textOf = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));

describe('a filter of', () => {
  test.each(FILTERED)('%s is a refusal', (_, status, body) => {
    expect(isFiltered(status, body)).toBe(true);
    expect(read(textOf(body), status)).toMatchObject({ generation: { response: '', stop: 'refusal' } });
  });

  const objects = FILTERED.filter(([, , body]) => typeof body === 'object');
  test.each(objects)('%s is one inside a 200 and inside a stream', (_, _status, body) => {
    expect(read(textOf(body), 200)).toMatchObject({ generation: { stop: 'refusal' } });
    for (const stream of [
      `data: ${textOf(body)}\n\n`,
      `event: error\ndata: ${textOf(body)}\n\n`,
      `data: {"choices":[{"delta":{"content":"Sure"}}]}\n\ndata: ${textOf(body)}\n\ndata: [DONE]\n\n`,
    ]) {
      const result = read(stream, 200, { 'content-type': 'text/event-stream' });
      expect(result, stream).toMatchObject({ generation: { stop: 'refusal' } });
    }
  });
});

test.each(NOT_FILTERED)('%s is no refusal', (_, status, body) => {
  expect(isFiltered(status, body)).toBe(false);
  expect(read(textOf(body), status).fault).toBeDefined();
});

test('an account that is shut out ends the run, a filter does not', () => {
  const of = (name: string) => NOT_FILTERED.find(([title]) => title === name)!;
  for (const name of ['no key', 'a closed account', 'no right to a model']) {
    const [, status, body] = of(name);
    expect(statusFault(status, textOf(body)).kind, name).toBe('auth');
  }
});

test.each([
  ['content_filter', true],
  ['CONTENT_FILTERED', true],
  ['content_filter: SAFETY', true],
  ['content_filter: RECITATION', false],
  ['sensitive', true],
  ['guardrail_intervened', true],
  ['ERROR_TOXIC', true],
  ['stop', false],
  ['length', false],
  [null, false],
])('the reason to stop %j: %s', (reason, refusal) => {
  expect(isFilterReason(reason)).toBe(refusal);
});

test('Azure leaves out the message, or all choices', () => {
  const hit = { content_filter_results: { jailbreak: { detected: true, filtered: true } } };
  for (const body of [
    { choices: [{ index: 0, finish_reason: 'content_filter', logprobs: null }] },
    { choices: [], prompt_filter_results: [{ prompt_index: 0, ...hit }] },
  ])
    expect(read(JSON.stringify(body), 200)).toMatchObject({ generation: { stop: 'refusal' } });
  const unhit = { content_filter_results: { hate: { filtered: false } } };
  expect(read(JSON.stringify({ choices: [], prompt_filter_results: [unhit] }), 200).fault?.retry).toBe(true);
});

test.each(['SAFETY', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'IMAGE_SAFETY', 'MODEL_ARMOR', 'JAILBREAK'])(
  'Gemini blocks a prompt for %s',
  (blockReason) => {
    const body = { promptFeedback: { blockReason }, usageMetadata: { promptTokenCount: 5 } };
    expect(gemini.read(body, request)).toMatchObject({ stop: 'refusal', response: '' });
    const stream = `data: ${JSON.stringify(body)}\n\n`;
    const answer = { status: 200, text: stream, headers: { 'content-type': 'text/event-stream' } };
    const result = readAnswer(answer, (assembled) => ({
      ...gemini.read(assembled, request),
      stop: 'refusal',
      raw: assembled,
    }));
    expect(result.generation?.stop).toBe('refusal');
  },
);

test('a long error takes time that grows with its length', () => {
  const message = 'the prompt content input output response was blocked by the safety filter? '.repeat(
    20_000,
  );
  const error = { message, code: message, details: Array.from({ length: 50_000 }, () => ({ message })) };
  expect(processorMs(() => isFiltered(400, { error }))).toBeLessThan(1000);
});
