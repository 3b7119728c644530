import { setTimeout as pass } from 'node:timers/promises';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type GenerateRequest, type Generation, type Model, ModelError } from '../core/index.ts';
import { type EndpointSettings, type Models, openModels } from './index.ts';
import {
  after,
  answers,
  type Behaviour,
  endsWithin,
  hangs,
  hangsWithin,
  MisbehavingServer,
  resetsWithin,
  sendsGarbage,
  trickles,
} from './testing/misbehaving-server.ts';

/** How each protocol is named in a ref, and a whole answer in its wire form that says `text` and took 10 + 5 tokens. */
const PROTOCOLS = [
  {
    prefix: '',
    path: '/v1/chat/completions',
    says: (text: string) => ({
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 5 },
    }),
    misshapen: { choices: [{ message: 'Hello' }] },
  },
  {
    prefix: 'completions+',
    path: '/v1/completions',
    says: (text: string) => ({
      choices: [{ index: 0, text, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 5 },
    }),
    misshapen: { choices: [{ text: 7 }] },
  },
  {
    prefix: 'responses+',
    path: '/v1/responses',
    says: (text: string) => ({
      status: 'completed',
      error: null,
      output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
      usage: { input_tokens: 10, output_tokens: 5 },
    }),
    misshapen: { status: 'completed', output: [{ type: 'message', content: null }] },
  },
  {
    prefix: 'anthropic+',
    path: '/v1/messages',
    says: (text: string) => ({
      type: 'message',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 10, output_tokens: 5 },
    }),
    misshapen: { content: [{ type: 'text' }] },
  },
  {
    prefix: 'gemini+',
    path: '/v1/models/m:generateContent',
    says: (text: string) => ({
      candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5 },
    }),
    misshapen: { candidates: [{ content: { parts: 'Hello' } }] },
  },
];

const KEY = 'sk-test/0123456789+abcdef';

/** Short waits, so that all ways of failing are seen in seconds; long enough for a busy machine to answer in time. */
const QUICK: EndpointSettings = {
  apiKeyEnv: 'TEST_KEY',
  timeoutMs: 2000,
  backoffMs: 4,
  maxBackoffMs: 20,
};

const request: GenerateRequest = {
  messages: [{ role: 'user', content: 'Hello?' }],
  sampling: { temperature: 0, topP: null, maxTokens: 100, seed: 1 },
};

const never = new AbortController().signal;

describe.concurrent.each(PROTOCOLS)('$path', ({ prefix, path, says, misshapen }) => {
  const good = answers(200, says('Hello.'));
  const goodText = JSON.stringify(says('Hello.'));

  interface Scene {
    readonly server: MisbehavingServer;
    readonly models: Models;
    readonly model: Model;
    ask(signal?: AbortSignal): Promise<Generation>;
    /** The error that a call ends with. */
    fails(signal?: AbortSignal): Promise<ModelError>;
  }

  async function scene(settings: EndpointSettings, play: (scene: Scene) => Promise<void>): Promise<void> {
    await using server = await MisbehavingServer.start(good);
    const base = `${server.url}/v1`;
    await using models = openModels({
      folder: '.',
      endpoints: { [base]: { ...QUICK, ...settings } },
      env: { TEST_KEY: KEY },
    });
    const model = await models.open({ ref: `${prefix}${base}#m` });
    const ask = (signal = never) => model.generate(request, signal);
    const fails = async (signal = never) => {
      const error = await ask(signal).then(
        () => expect.unreachable('the call succeeded'),
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ModelError);
      return error as ModelError;
    };
    await play({ server, models, model, ask, fails });
  }

  test('a good answer, its raw body kept', () =>
    scene({}, async ({ server, models, ask }) => {
      expect(await ask()).toEqual({
        response: 'Hello.',
        toolCalls: [],
        stop: 'end',
        usage: expect.objectContaining({ inputTokens: 10, outputTokens: 5 }),
        raw: says('Hello.'),
        attempts: 1,
      });
      expect(server.received[0]?.path).toBe(path);
      expect(models.stats()).toMatchObject([{ requests: 1, answers: 1, inputTokens: 10, outputTokens: 5 }]);
    }));

  test('inline thoughts: apart from the response', () =>
    scene({}, async ({ server, ask }) => {
      server.next(answers(200, says('<think>\nThey greet me.\n</think>\n\nHello.')));
      expect(await ask()).toMatchObject({ thoughts: 'They greet me.', response: 'Hello.' });
      server.next(answers(200, says('They greet me.\n</think>Hello.')));
      expect(await ask()).toMatchObject({ thoughts: 'They greet me.', response: 'Hello.' });
      server.next(answers(200, says('<think>They greet me, so')));
      expect(await ask()).toMatchObject({ thoughts: 'They greet me, so', response: '' });
    }));

  test('a spec with body and stop: both arrive', () =>
    scene({}, async ({ server, models }) => {
      const spec = {
        ref: `${prefix}${server.url}/v1#m`,
        stop: ['END'],
        body: { extra: { a: 1 }, seed: null },
      };
      await (await models.open(spec)).generate(request, never);
      const { body } = server.received[0]!;
      expect(body).toMatchObject({ extra: { a: 1 } });
      expect(body).not.toHaveProperty('seed');
      if (prefix !== 'responses+') expect(JSON.stringify(body)).toContain('"END"');
    }));

  test.each([
    ['seconds', { 'retry-after': '0.12' }, 110],
    ['milliseconds', { 'retry-after-ms': '120' }, 110],
    ['an exhausted limit', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '120ms' }, 110],
    ['nothing', {}, 0],
  ])('429 with Retry-After as %s: waits that long, then retries', (_, headers, least) =>
    scene({}, async ({ server, ask }) => {
      server.next(answers(429, { error: { message: 'slow down' } }, headers as Record<string, string>));
      expect(await ask()).toMatchObject({ response: 'Hello.', attempts: 2 });
      const [first, second] = server.received;
      expect(second!.at - first!.at).toBeGreaterThanOrEqual(least);
    }),
  );

  test('429 with Retry-After as a date: not before that date', () =>
    scene({}, async ({ server, ask }) => {
      const date = new Date(Math.ceil((Date.now() + 300) / 1000) * 1000);
      server.next(answers(429, '{}', { 'retry-after': date.toUTCString() }));
      expect(await ask()).toMatchObject({ attempts: 2 });
      expect(Date.now()).toBeGreaterThanOrEqual(date.getTime());
    }));

  test('429 with Retry-After: calls in the queue wait as well', () =>
    scene({ concurrency: 1 }, async ({ server, ask }) => {
      server.next(answers(429, '{}', { 'retry-after-ms': '150' }));
      await Promise.all([ask(), ask()]);
      const [refused, ...later] = server.received.map(({ at }) => at);
      expect(later).toHaveLength(2);
      expect(Math.min(...later) - refused!).toBeGreaterThanOrEqual(140);
    }));

  test('a Retry-After beyond the limit: given up at once', () =>
    scene({ maxRetryAfterMs: 1000 }, async ({ server, fails }) => {
      server.next(answers(429, '{}', { 'retry-after': '3600' }));
      const error = await fails();
      expect(error).toMatchObject({ kind: 'rate-limit', status: 429, attempts: 1 });
      expect(error.message).toContain('3600 s');
    }));

  test.each([408, 500, 502, 503, 504, 529])('%i once: retried', (status) =>
    scene({}, async ({ server, ask }) => {
      server.next(answers(status, { error: { message: 'hiccup' } }));
      expect(await ask()).toMatchObject({ response: 'Hello.', attempts: 2 });
    }),
  );

  test('500 for ever: a server error with the last body, after all retries', () =>
    scene({ retries: 3 }, async ({ server, models, fails }) => {
      server.usual = answers(500, { error: { message: 'out of memory' } });
      const error = await fails();
      expect(error).toMatchObject({ kind: 'server', status: 500, attempts: 4, fatal: false });
      expect(error.message).toContain('out of memory');
      expect(error.raw).toContain('out of memory');
      expect(models.stats()).toMatchObject([
        { requests: 4, retries: 3, failures: 1, lastError: { kind: 'server' } },
      ]);
    }));

  test('a connection reset within the body: retried', () =>
    scene({}, async ({ server, ask }) => {
      server.next(resetsWithin(goodText));
      expect(await ask()).toMatchObject({ response: 'Hello.', attempts: 2 });
    }));

  test('connection refused, then a server: retried until it is there', () =>
    scene({ retries: 100 }, async ({ server, ask }) => {
      await server.stop();
      const asked = ask();
      await pass(30);
      await server.listen();
      expect((await asked).attempts).toBeGreaterThan(1);
    }));

  test('connection refused for ever: a connection error', () =>
    scene({ retries: 2 }, async ({ server, fails }) => {
      await server.stop();
      const error = await fails();
      expect(error).toMatchObject({ kind: 'connection', attempts: 3 });
      expect(error.message).toContain('nothing listens there');
    }));

  test('no answer: times out, retries', () =>
    scene({ timeoutMs: 400 }, async ({ server, ask }) => {
      server.next(hangs);
      expect(await ask()).toMatchObject({ response: 'Hello.', attempts: 2 });
    }));

  test('no answer for ever: a timeout', () =>
    scene({ timeoutMs: 60, retries: 1 }, async ({ server, fails }) => {
      server.usual = hangs;
      expect(await fails()).toMatchObject({ kind: 'timeout', attempts: 2 });
    }));

  test('a body that stops: times out by its silence', () =>
    scene({ idleTimeoutMs: 80, retries: 0 }, async ({ server, fails }) => {
      server.next(hangsWithin(goodText));
      const error = await fails();
      expect(error).toMatchObject({ kind: 'timeout', status: 200 });
      expect(error.message).toContain('the body stopped for 0.08 s');
      expect(goodText.startsWith(error.raw!)).toBe(true);
    }));

  test('a body that trickles: times out in all', () =>
    scene({ timeoutMs: 150, idleTimeoutMs: 100, retries: 0 }, async ({ server, fails }) => {
      server.next(trickles(goodText, 10));
      const error = await fails();
      expect(error.kind).toBe('timeout');
      expect(error.message).toContain('no whole answer within 0.15 s');
    }));

  test.each([
    ['truncated JSON', goodText.slice(0, -10)],
    ['HTML', '<!doctype html><title>Welcome to nginx!</title><p>It works.'],
    ['an empty body', ''],
    ['a misshapen answer', JSON.stringify(misshapen)],
    ['an object of something else', '{"hello": "world"}'],
    ['no object', '["Hello."]'],
  ])('%s: retried twice, then malformed with the text kept', (_, body) =>
    scene({}, async ({ server, ask, fails }) => {
      server.usual = answers(200, body);
      const error = await fails();
      expect(error).toMatchObject({ kind: 'malformed', status: 200, raw: body, attempts: 3, fatal: false });
      server.usual = good;
      server.next(answers(200, body));
      expect(await ask()).toMatchObject({ response: 'Hello.', attempts: 2 });
    }),
  );

  test('a body that ends before its announced length: malformed', () =>
    scene({ retries: 0 }, async ({ server, fails }) => {
      server.next(endsWithin(goodText));
      const error = await fails();
      expect(error).toMatchObject({ kind: 'malformed', raw: goodText });
      expect(error.message).toContain('announced length');
    }));

  test('something that is not HTTP: malformed', () =>
    scene({ retries: 0 }, async ({ server, fails }) => {
      server.next(sendsGarbage);
      expect(await fails()).toMatchObject({ kind: 'malformed' });
    }));

  test('a body over the limit: cut off, malformed, the beginning kept', () =>
    scene({ maxBodyBytes: 200_000, retries: 0 }, async ({ server, fails }) => {
      server.next(answers(200, says('ha'.repeat(1_000_000))));
      const error = await fails();
      expect(error.kind).toBe('malformed');
      expect(error.message).toContain('larger than 200000 bytes');
      expect(error.raw!.length).toBeLessThan(70_000);
      expect(error.raw).toContain('haha');
    }));

  test('a compressed body, though none was asked for: read all the same', () =>
    scene({}, async ({ server, ask }) => {
      server.next((response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(goodText));
      });
      expect(await ask()).toMatchObject({ response: 'Hello.' });
      expect(server.received[0]?.headers['accept-encoding']).toBe('identity');
    }));

  test.each([400, 413, 422])('%i: rejected at once with the body', (status) =>
    scene({}, async ({ server, fails }) => {
      server.next(answers(status, { error: { message: 'temperature must be at most 2' } }));
      const error = await fails();
      expect(error).toMatchObject({ kind: 'rejected', status, attempts: 1, fatal: false });
      expect(error.message).toContain('temperature must be at most 2');
      expect(error.raw).toBe('{"error":{"message":"temperature must be at most 2"}}');
      expect(server.received).toHaveLength(1);
    }),
  );

  test.each([
    [401, 'auth'],
    [403, 'auth'],
    [402, 'auth'],
    [404, 'not-found'],
  ])('%i: %s, fatal', (status, kind) =>
    scene({}, async ({ server, fails }) => {
      server.next(answers(status, { error: { message: 'no' } }));
      expect(await fails()).toMatchObject({ kind, status, attempts: 1, fatal: true });
    }),
  );

  test('429 for want of credit: fatal, not waited out', () =>
    scene({}, async ({ server, fails }) => {
      server.next(
        answers(429, { error: { code: 'insufficient_quota', message: 'You exceeded your quota' } }),
      );
      expect(await fails()).toMatchObject({ kind: 'auth', attempts: 1, fatal: true });
    }));

  test('a prompt that a filter stopped: a refusal, not an error', () =>
    scene({}, async ({ server, ask }) => {
      const body = { error: { code: 'content_filter', message: 'The prompt was filtered' } };
      server.next(answers(400, body));
      expect(await ask()).toMatchObject({ response: '', stop: 'refusal', raw: body, attempts: 1 });
    }));

  test('a failure inside an answer of 200: taken by its own status', () =>
    scene({}, async ({ server, ask }) => {
      server.next(answers(200, { error: { code: 502, message: 'upstream died' } }));
      expect(await ask()).toMatchObject({ response: 'Hello.', attempts: 2 });
    }));

  test('a redirect: not followed', () =>
    scene({}, async ({ server, fails }) => {
      server.next(answers(307, '', { location: `${server.url}/elsewhere?key=${KEY}` }));
      const error = await fails();
      expect(error).toMatchObject({ kind: 'rejected', status: 307, attempts: 1 });
      expect(error.message).toContain('/elsewhere');
      expect(inspect(error, { depth: 10 })).not.toContain(KEY);
      expect(server.received).toHaveLength(1);
    }));

  test('a key that the server echoes: in no error, raw body or statistic', () =>
    scene({ retries: 1 }, async ({ server, models, ask, fails }) => {
      const headers = (response: Parameters<typeof good>[0]) => JSON.stringify(response.req.headers);
      server.next((response) =>
        answers(401, `{"error": {"message": "bad key ${KEY}"}}`)(response, never as never),
      );
      const refused = await fails();
      server.next((response) => answers(500, `no JSON: ${headers(response)}`)(response, never as never));
      server.next(hangsWithin(`{"key": "${KEY}", `));
      server.next(
        answers(200, { ...says('Hello.'), debug: { key: KEY, escaped: KEY.replaceAll('/', '\\/') } }),
      );
      const answered = await ask().catch((error) => error);
      const all =
        inspect([refused, answered, models.stats()], { depth: 10 }) + JSON.stringify([refused, answered]);
      expect(all).not.toContain(KEY);
      expect(all).not.toContain(KEY.replaceAll('/', '\\/'));
      expect(all).toContain('[key]');
      expect(JSON.stringify(server.received[0]?.headers)).toContain(KEY);
    }));

  describe('cancelling', () => {
    async function cancels({ fails }: Scene, start: (abort: () => void) => void): Promise<void> {
      const controller = new AbortController();
      let aborted = 0;
      const failed = fails(controller.signal);
      start(() => {
        aborted = performance.now();
        controller.abort();
      });
      expect((await failed).kind).toBe('cancelled');
      expect(performance.now() - aborted).toBeLessThan(1000);
    }

    test('before the call', () =>
      scene({}, async ({ server, fails }) => {
        expect((await fails(AbortSignal.abort())).kind).toBe('cancelled');
        expect(server.received).toHaveLength(0);
      }));

    test('while the connection is made', () =>
      scene({}, async (set) => {
        await cancels(set, (abort) => queueMicrotask(abort));
        await pass(50);
        expect(set.server.received).toHaveLength(0);
        expect(set.models.stats()).toMatchObject([{ inFlight: 0, waiting: 0 }]);
      }));

    test('in the queue', () =>
      scene({ concurrency: 1, timeoutMs: 60_000 }, async (set) => {
        set.server.usual = hangs;
        const first = new AbortController();
        const hung = set.ask(first.signal).catch(() => {});
        await set.server.until(1);
        await cancels(set, (abort) => setTimeout(abort, 5));
        expect(set.server.received).toHaveLength(1);
        expect(set.models.stats()).toMatchObject([{ inFlight: 1, waiting: 0 }]);
        first.abort();
        await hung;
      }));

    test('while a rate limit holds it', () =>
      scene({ requestsPerMinute: 1 }, async (set) => {
        await set.ask();
        await cancels(set, (abort) => setTimeout(abort, 5));
        expect(set.server.received).toHaveLength(1);
      }));

    test('in the sleep before a retry', () =>
      scene({}, async (set) => {
        set.server.next(answers(429, '{}', { 'retry-after': '60' }));
        await cancels(set, (abort) => void set.server.until(1).then(() => setTimeout(abort, 30)));
        expect(set.server.received).toHaveLength(1);
      }));

    test('before the headers, and the server notices', () =>
      scene({ timeoutMs: 60_000 }, async (set) => {
        set.server.usual = hangs;
        await cancels(set, (abort) => void set.server.until(1).then(abort));
        await set.server.received[0]!.closed;
        expect(set.models.stats()).toMatchObject([{ inFlight: 0 }]);
      }));

    test('within the body, and the server notices', () =>
      scene({ timeoutMs: 60_000 }, async (set) => {
        set.server.usual = hangsWithin(goodText);
        await cancels(set, (abort) => void set.server.until(1).then(() => setTimeout(abort, 20)));
        await set.server.received[0]!.closed;
      }));

    test('by closing the models', () =>
      scene({ timeoutMs: 60_000 }, async ({ server, models, fails }) => {
        server.usual = hangs;
        const failed = fails();
        await server.until(1);
        await models[Symbol.asyncDispose]();
        expect((await failed).kind).toBe('cancelled');
        expect((await fails()).kind).toBe('cancelled');
      }));
  });

  test('many calls at once: never more under way than the cap, all answered', () =>
    scene({ concurrency: 4, timeoutMs: 20_000 }, async ({ server, models, ask }) => {
      server.usual = after(2, good);
      // The first four wait for each other, so that four are under way however slow the machine is.
      const together: Behaviour = async (response, request) => {
        await server.until(4);
        return good(response, request);
      };
      server.next(together, together, together, together);
      const all = await Promise.all(Array.from({ length: 60 }, () => ask()));
      expect(all.every(({ response }) => response === 'Hello.')).toBe(true);
      expect(server.mostAtOnce).toBe(4);
      expect(server.connections).toBeLessThanOrEqual(4);
      expect(models.stats()).toMatchObject([{ answers: 60, inFlight: 0, waiting: 0, concurrency: 4 }]);
    }));

  test('503s: the concurrency falls, and rises again with success', () =>
    scene({ concurrency: 8, timeoutMs: 20_000 }, async ({ server, models, ask }) => {
      server.next(...Array.from({ length: 8 }, () => answers(503, '{}')));
      await Promise.all(Array.from({ length: 8 }, () => ask()));
      const fallen = models.stats()[0]!.concurrency;
      expect(fallen).toBeLessThan(8);
      await Promise.all(Array.from({ length: 100 }, () => ask()));
      expect(models.stats()[0]!.concurrency).toBeGreaterThan(fallen);
    }));

  test('a limit of requests: kept over time', () =>
    scene({ requestsPerMinute: 1200, timeoutMs: 20_000 }, async ({ server, ask }) => {
      // 20 a second, one second's worth at once: the last of 26 may come after 0.3 s.
      const started = performance.now();
      await Promise.all(Array.from({ length: 26 }, () => ask()));
      const last = Math.max(...server.received.map(({ at }) => at));
      expect(server.received).toHaveLength(26);
      expect(last - started).toBeGreaterThan(290);
    }));

  test('a limit of tokens: set aside ahead, corrected after', () =>
    scene({ tokensPerMinute: 60_000, timeoutMs: 20_000 }, async ({ server, ask }) => {
      // 1000 a second. About 140 are set aside, 1510 used: the debt of about 500 takes half a second to pay.
      server.usual = answers(200, JSON.stringify(says('Hello.')).replace(/:5\b/, ':1500'));
      await ask();
      const indebted = performance.now();
      await ask();
      expect(performance.now() - indebted).toBeGreaterThan(300);
    }));

  test('one call after another: on the same connections', () =>
    scene({}, async ({ server, ask }) => {
      for (let i = 0; i < 20; i++) await ask();
      expect(server.received).toHaveLength(20);
      // Two, not one: a connection is free again only one turn of the event loop after its answer.
      expect(server.connections).toBeLessThanOrEqual(2);
    }));
});
