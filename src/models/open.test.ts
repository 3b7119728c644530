import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GenerateRequest } from '../core/index.ts';
import { type ModelsOptions, openModels } from './open.ts';
import type { ModelEvent } from './protocols/events.ts';
import { answers, MisbehavingServer } from './testing/misbehaving-server.ts';

const request: GenerateRequest = {
  messages: [{ role: 'user', content: 'Hi' }],
  sampling: { temperature: null, topP: null, maxTokens: 5, seed: null },
};
const never = new AbortController().signal;
const chat = answers(200, {
  choices: [{ message: { content: 'x' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1_000_000, completion_tokens: 500_000 },
});

function options(endpoints: ModelsOptions['endpoints'] = {}, env: ModelsOptions['env'] = {}): ModelsOptions {
  return { folder: '.', endpoints, env };
}

describe('keys', () => {
  test("a provider's key comes from its variable; without it, the error names the variable", async () => {
    await using models = openModels(options({}, { GOOGLE_API_KEY: 'abc' }));
    await models.open({ ref: 'gemini:m' });
    await expect(models.open({ ref: 'openai:m' })).rejects.toThrow(/OPENAI_API_KEY/);
    await expect(models.open({ ref: 'anthropic:m' })).rejects.toThrow(/ANTHROPIC_API_KEY/);
  });

  test('a server by URL gets the key it is given by name, and no other', async () => {
    await using server = await MisbehavingServer.start(chat);
    const ref = `${server.url}/v1#m`;
    const env = { OPENAI_API_KEY: 'sk-not-for-you', MINE: ' sk-mine\n', TEAM: 'blue' };
    await using plain = openModels(options({}, env));
    await (await plain.open({ ref })).generate(request, never);
    expect(server.received[0]!.headers.authorization).toBeUndefined();
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the settings' own way to name a variable
    const settings = { apiKeyEnv: 'MINE', headers: { 'X-Team': 'team ${TEAM}' } };
    await using keyed = openModels(options({ [`${server.url}/v1/`]: settings }, env));
    await (await keyed.open({ ref })).generate(request, never);
    expect(server.received[1]!.headers).toMatchObject({
      authorization: 'Bearer sk-mine',
      'x-team': 'team blue',
    });
  });

  test.each([
    ['a secret in the study file', { headers: { Authorization: 'Bearer sk-123' } }, /holds a secret/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the settings' own way to name a variable
    ['a variable that is not set', { headers: { 'x-key': '${NONE}' } }, /NONE.* is not set/],
    ['a variable with a line break inside', { apiKeyEnv: 'BROKEN' }, /BROKEN holds characters/],
    ['a header that HTTP does not allow', { headers: { 'x y': 'a' } }, /a name that HTTP does not allow/],
    ['a header of the connection', { headers: { Upgrade: 'h2c' } }, /about the connection/],
  ])('%s is refused, and not repeated', async (_, settings, message) => {
    await using models = openModels(options({ 'http://h/v1': settings }, { BROKEN: 'sk-123\nsk-456' }));
    const error = await models.open({ ref: 'http://h/v1#m' }).catch((reason) => reason);
    expect(error).toMatchObject({ name: 'InputError', message: expect.stringMatching(message) });
    expect(JSON.stringify([error, error.message, error.remedy])).not.toContain('sk-123');
  });
});

describe('settings', () => {
  test.each([
    [{ opnai: {} }, /"opnai" is not an endpoint/],
    [{ openai: { concurrency: 0 } }, /concurrency is 0, not a whole number of at least 1/],
    [{ openai: { concurrency: 1.5 } }, /concurrency is 1.5/],
    [{ openai: { requestsPerMinute: 0 } }, /requestsPerMinute is 0, not a number of more than 0/],
    [{ openai: { retries: -1 } }, /retries is -1/],
    [{ openai: { timeoutMs: Number.NaN } }, /timeoutMs is NaN/],
    [{ openai: { timeoutMs: 2 ** 31 } }, /timeoutMs is 2147483648, more than a timer can wait/],
    [{ 'http://u:p@h/v1': {} }, /user, a password/],
    [{ 'htp://u:p@h/v1': {} }, /"htp:\/\/…@h\/v1" is not an endpoint/],
  ])('%j', (endpoints, message) => {
    expect(() => openModels(options(endpoints))).toThrow(message);
  });

  test('one endpoint for all models at a base URL, whatever their protocol', async () => {
    await using server = await MisbehavingServer.start(chat);
    const base = `${server.url}/v1`;
    await using models = openModels(options({ [base]: { concurrency: 3, price: { input: 2, output: 8 } } }));
    const first = await models.open({ ref: `${base}#a` });
    await models.open({ ref: `completions+${base}/#b` });
    await first.generate(request, never);
    expect(models.stats()).toMatchObject([{ endpoint: base, concurrencyCap: 3, usd: 6, lastError: null }]);
  });

  test('what each model there costs, and nothing on this machine where no price is given', async () => {
    await using server = await MisbehavingServer.start(chat);
    const base = `${server.url}/v1`;
    const prices = { a: { input: 2, output: 8 } };
    await using models = openModels(options({ [base]: { price: { input: 200, output: 800 }, prices } }));
    const usd = () => models.stats()[0]!.usd;
    await (await models.open({ ref: `${base}#a` })).generate(request, never);
    expect(usd()).toBe(6);
    await (await models.open({ ref: `${base}#b` })).generate(request, never);
    expect(usd()).toBe(606);
    await using unpriced = openModels(options({ [base]: { prices } }));
    await (await unpriced.open({ ref: `${base}#b` })).generate(request, never);
    expect(unpriced.stats()[0]!.usd).toBe(0);
  });

  test("a provider's name and its URL mean one endpoint, the URL's settings first", async () => {
    const url = 'https://api.openai.com/v1';
    const endpoints = { [url]: { concurrency: 5 }, openai: { concurrency: 9, retries: 1 } };
    await using models = openModels(options(endpoints, { OPENAI_API_KEY: 'sk-12345678' }));
    await models.open({ ref: 'openai:m' });
    await models.open({ ref: `${url}#m` });
    expect(models.stats()).toMatchObject([{ endpoint: url, concurrencyCap: 5 }]);
  });
});

describe('specs', () => {
  test('a template for a chat server, or a streamed body, is refused in words', async () => {
    await using models = openModels(options());
    await expect(models.open({ ref: 'http://h/v1#m', template: 't.yaml' })).rejects.toThrow(
      /only text completions/,
    );
    await expect(models.open({ ref: 'http://h/v1#m', body: { stream: true } })).rejects.toThrow(/stream/);
  });

  test('a template file, from the folder of the study', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stemma-open-'));
    await writeFile(join(folder, 't.yaml'), 'user: "Q: {content}\\n"\ngenerate: "A:"\nstop: ["\\nQ:"]');
    await using server = await MisbehavingServer.start(
      answers(200, { choices: [{ text: ' x', finish_reason: 'stop' }] }),
    );
    await using models = openModels({ ...options(), folder });
    const ref = `completions+${server.url}/v1#m`;
    const model = await models.open({ ref, template: 't.yaml', stop: ['###'] });
    expect(await model.generate(request, never)).toMatchObject({ response: 'x' });
    expect(server.received[0]!.body).toMatchObject({ prompt: 'Q: Hi\nA:', stop: ['\nQ:', '###'] });
    await rm(folder, { recursive: true });
  });

  test('members of the body are merged deep, and null takes one out', async () => {
    await using server = await MisbehavingServer.start(chat);
    await using models = openModels(options());
    const body = {
      max_tokens: null,
      max_completion_tokens: 7,
      chat_template_kwargs: { enable_thinking: false },
    };
    await (await models.open({ ref: `${server.url}/v1#m`, body })).generate(request, never);
    expect(server.received[0]!.body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      max_completion_tokens: 7,
      chat_template_kwargs: { enable_thinking: false },
    });
  });
});

test('events tell of retries, pauses and falling concurrency', async () => {
  await using server = await MisbehavingServer.start(chat);
  server.next(answers(429, '{"error": "slow"}', { 'retry-after-ms': '20' }));
  const events: ModelEvent[] = [];
  const base = `${server.url}/v1`;
  await using models = openModels({
    ...options({ [base]: { concurrency: 4, backoffMs: 1 } }),
    onEvent: (event) => events.push(event),
  });
  await (await models.open({ ref: `${base}#m` })).generate(request, never);
  expect(events).toMatchObject([
    { type: 'pause', endpoint: base, pauseMs: 20 },
    { type: 'concurrency', endpoint: base, limit: 2, cap: 4 },
    { type: 'retry', endpoint: base, ref: `${base}#m`, kind: 'rate-limit', attempt: 1 },
  ]);
});
