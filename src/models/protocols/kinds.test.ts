import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Generation, ModelError } from '../../core/index.ts';
import { type ModelSpec, openModels } from '../open.ts';
import { FILTERED, NOT_FILTERED } from '../testing/provider-errors.ts';

/*
 * Kinds of answers × protocols. Each protocol is asked over HTTP, so that the whole way is tested: encoding, reading,
 * retries and thoughts. A cell that a protocol does not have says so.
 */
type Body = Record<string, unknown>;

interface Wire {
  readonly prefix: string;
  /** A whole answer. */
  readonly says: (text: string) => Body;
  /** The same with thoughts beside the text, `null` where the protocol has none. */
  readonly thinks: ((thoughts: string, text: string | null) => Body) | null;
  /** Why it ended. */
  readonly ended: (reason: unknown) => Body;
  /** Words by which it says that it gave up. */
  readonly givenUp: readonly unknown[];
  /** An answer that does not say why it ended; `null` where that is a failure at once. */
  readonly unsaid: (() => Body) | null;
  readonly nothing: Body;
  readonly usage: (input: unknown, output: unknown) => Body;
  /** Events of a stream that says "Hi", the last of them the end. */
  readonly stream: readonly string[];
}

const choice = (message: unknown, finish_reason: unknown = 'stop') => ({
  choices: [{ message, finish_reason }],
});
const data = (...events: unknown[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`);

const WIRES: Readonly<Record<string, Wire>> = {
  chat: {
    prefix: '',
    says: (content) => choice({ role: 'assistant', content }),
    thinks: (reasoning_content, content) => choice({ role: 'assistant', content, reasoning_content }),
    ended: (reason) => choice({ content: 'Half' }, reason),
    givenUp: [
      'abort',
      'error',
      'insufficient_system_resource',
      'error: out of memory',
      'canceled_by_user',
      'engine_overloaded',
      'timed_out',
      'not_finished',
      'load',
      { type: 'abort' },
    ],
    unsaid: () => ({ choices: [{ message: { content: 'Hi' } }] }),
    nothing: { choices: [] },
    usage: (prompt_tokens, completion_tokens) => ({
      ...choice({ content: 'Hi' }),
      usage: { prompt_tokens, completion_tokens },
    }),
    stream: [
      ...data(
        { choices: [{ delta: { role: 'assistant', content: 'H' }, finish_reason: null }] },
        { choices: [{ delta: { content: 'i' } }] },
      ),
      ...data({ choices: [{ delta: {}, finish_reason: 'stop' }] }),
    ],
  },
  completions: {
    prefix: 'completions+',
    says: (text) => ({ choices: [{ text, finish_reason: 'stop' }] }),
    thinks: null,
    ended: (finish_reason) => ({ choices: [{ text: 'Half', finish_reason }] }),
    givenUp: ['abort', 'error', { type: 'abort' }],
    unsaid: () => ({ choices: [{ text: 'Hi' }] }),
    nothing: { choices: [] },
    usage: (prompt_tokens, completion_tokens) => ({
      choices: [{ text: 'Hi', finish_reason: 'stop' }],
      usage: { prompt_tokens, completion_tokens },
    }),
    stream: data({ choices: [{ text: 'H' }] }, { choices: [{ text: 'i', finish_reason: 'stop' }] }),
  },
  responses: {
    prefix: 'responses+',
    says: (text) => ({
      status: 'completed',
      output: [{ type: 'message', content: [{ type: 'output_text', text }] }],
    }),
    thinks: (thoughts, text) => ({
      status: 'completed',
      output: [
        { type: 'reasoning', content: [{ type: 'reasoning_text', text: thoughts }] },
        { type: 'message', content: text === null ? [] : [{ type: 'output_text', text }] },
      ],
    }),
    ended: (status) => ({
      status,
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'Half' }] }],
    }),
    givenUp: ['in_progress', 'queued', 'failed', 'cancelled'],
    unsaid: () => ({ output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }] }),
    nothing: { status: 'completed', output: [] },
    usage: (input_tokens, output_tokens) => ({
      status: 'completed',
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }],
      usage: { input_tokens, output_tokens },
    }),
    stream: data(
      { type: 'response.output_text.delta', delta: 'Hi' },
      {
        type: 'response.completed',
        response: {
          status: 'completed',
          output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }],
        },
      },
    ),
  },
  messages: {
    prefix: 'anthropic+',
    says: (text) => ({ content: [{ type: 'text', text }], stop_reason: 'end_turn' }),
    thinks: (thinking, text) => ({
      content: [{ type: 'thinking', thinking }, ...(text === null ? [] : [{ type: 'text', text }])],
      stop_reason: 'end_turn',
    }),
    ended: (stop_reason) => ({ content: [{ type: 'text', text: 'Half' }], stop_reason }),
    givenUp: [null, 'abort', 'error'],
    unsaid: () => ({ content: [{ type: 'text', text: 'Hi' }] }),
    nothing: { content: [] },
    usage: (input_tokens, output_tokens) => ({
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage: { input_tokens, output_tokens },
    }),
    stream: data(
      { type: 'message_start', message: { role: 'assistant', content: [] } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    ),
  },
  gemini: {
    prefix: 'gemini+',
    says: (text) => ({ candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP' }] }),
    thinks: (thoughts, text) => ({
      candidates: [
        {
          content: { parts: [{ text: thoughts, thought: true }, ...(text === null ? [] : [{ text }])] },
          finishReason: 'STOP',
        },
      ],
    }),
    ended: (finishReason) => ({ candidates: [{ content: { parts: [{ text: 'Half' }] }, finishReason }] }),
    givenUp: ['ERROR', 'cancelled'],
    unsaid: () => ({ candidates: [{ content: { parts: [{ text: 'Hi' }] } }] }),
    nothing: { candidates: [] },
    usage: (promptTokenCount, candidatesTokenCount) => ({
      candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount, candidatesTokenCount },
    }),
    stream: data(
      { candidates: [{ content: { parts: [{ text: 'H' }] } }] },
      { candidates: [{ content: { parts: [{ text: 'i' }] }, finishReason: 'STOP' }] },
    ),
  },
};

interface Reply {
  readonly body: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

let replies: Reply[];
let bodies: string[];
let server: ReturnType<typeof createServer>;

beforeEach(async () => {
  [replies, bodies] = [[], []];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    bodies.push(Buffer.concat(chunks).toString());
    const { body, headers = {}, status = 200 } = replies.length > 1 ? replies.shift()! : replies[0]!;
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const json = (...all: readonly unknown[]) => all.map((body) => ({ body: JSON.stringify(body) }));

/** What comes of one call, or of several of one model; failures are tried again once. */
async function asked(
  { prefix }: Wire,
  answers: readonly Reply[],
  {
    spec = {},
    times = 1,
    content = 'Hello?',
  }: { spec?: Partial<ModelSpec>; times?: number; content?: string } = {},
): Promise<(Generation | ModelError)[]> {
  replies = [...answers];
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  await using models = openModels({
    folder: '.',
    endpoints: { [baseUrl]: { retries: 1, backoffMs: 1, maxBodyBytes: 1 << 20 } },
  });
  const model = await models.open({ ref: `${prefix}${baseUrl}#m`, ...spec });
  const outcomes: (Generation | ModelError)[] = [];
  for (let i = 0; i < times; i++) {
    const sampling = { temperature: 0, topP: null, maxTokens: 64, seed: null };
    outcomes.push(
      await model
        .generate({ messages: [{ role: 'user', content }], sampling }, new AbortController().signal)
        .catch((error: unknown) => {
          if (error instanceof ModelError) return error;
          throw error;
        }),
    );
  }
  return outcomes;
}

const REFUSAL = 'I cannot help.';

describe.each(Object.entries(WIRES))('%s', (_, wire) => {
  const one = async (body: unknown, spec: Partial<ModelSpec> = {}) =>
    (await asked(wire, json(body), { spec }))[0];

  test.each([
    ['plain', REFUSAL, ''],
    ['whole tags', `<think>Harm.</think>\n${REFUSAL}`, 'Harm.'],
    ['several blocks', `<think>Harm.</think>\n<think>Yes.</think>${REFUSAL}`, 'Harm.\n\nYes.'],
    ['unopened', `Harm.\n</think>\n\n${REFUSAL}`, 'Harm.'],
    ['<thought>', `<thought>Harm.</thought>\n${REFUSAL}`, 'Harm.'],
    [
      'begin_of_thought',
      `<|begin_of_thought|>Harm.<|end_of_thought|>\n<|begin_of_solution|>${REFUSAL}<|end_of_solution|>`,
      'Harm.',
    ],
    [
      'harmony',
      `<|channel|>analysis<|message|>Harm.<|end|><|start|>assistant<|channel|>final<|message|>${REFUSAL}<|return|>`,
      'Harm.',
    ],
    ['harmony without tokens', `analysisHarm.assistantfinal${REFUSAL}`, 'Harm.'],
  ])('thoughts in the text, %s: apart from the response', async (_form, text, thoughts) => {
    const said = (await one(wire.says(text))) as Generation;
    expect({ response: said.response, thoughts: said.thoughts ?? '' }).toEqual({
      response: REFUSAL,
      thoughts,
    });
  });

  // Text completions have no field for thoughts.
  const { thinks } = wire;
  if (thinks !== null) {
    test('thoughts beside the text, and what a parser left of them in it', async () => {
      for (const left of ['', '</think>\n\n', 'Harm.\n</think>\n', '<think>Harm.</think>\n']) {
        expect(await one(thinks('Harm.', left + REFUSAL))).toMatchObject({
          thoughts: 'Harm.',
          response: REFUSAL,
        });
      }
      const about = 'Write\n</think>\nat the end.';
      expect(await one(thinks('Harm.', about))).toMatchObject({ thoughts: 'Harm.', response: about });
    });

    test('an answer that is all thoughts is empty, and `response_from: reasoning` makes it the response', async () => {
      expect(await one(thinks(REFUSAL, null))).toMatchObject({ thoughts: REFUSAL, response: '' });
      const set = (await one(thinks(REFUSAL, null), { responseFrom: 'reasoning' })) as Generation;
      expect(set.response).toBe(REFUSAL);
      expect(set.thoughts).toBeUndefined();
      expect(await one(thinks('Harm.', REFUSAL), { responseFrom: 'reasoning' })).toMatchObject({
        thoughts: 'Harm.',
        response: REFUSAL,
      });
    });
  }

  test('a closing tag within a line counts only where the template opens it; JSON is never split', async () => {
    const text = `Harm. </think>${REFUSAL}`;
    expect(await one(wire.says(text))).toMatchObject({ response: text });
    expect(await one(wire.says(text), { opensThoughts: true })).toMatchObject({
      thoughts: 'Harm.',
      response: REFUSAL,
    });
    const object = '{"a":\n"x",\n"b": "\\n</think>"}';
    expect(await one(wire.says(object), { opensThoughts: true })).toMatchObject({ response: object });
  });

  test('what was given up half way is tried again, and never an answer', async () => {
    for (const reason of wire.givenUp) {
      bodies = [];
      const [outcome] = await asked(wire, json(wire.ended(reason), wire.says('Hi')));
      expect(outcome, JSON.stringify(reason)).toMatchObject({ response: 'Hi', attempts: 2 });
      expect(await one(wire.ended(reason)), JSON.stringify(reason)).toBeInstanceOf(ModelError);
    }
  });

  test('nothing, and errors in any form inside a 200, are tried again', async () => {
    for (const body of [
      wire.nothing,
      { ...wire.nothing, error: { code: 429, message: 'too many' } },
      { error: 'overloaded' },
      { error: { type: 'overloaded_error', message: 'busy' } },
      { object: 'error', message: 'busy', code: 503 },
      { errors: [{ message: 'busy' }] },
      { detail: 'busy' },
      { error_code: 18, error_msg: 'busy' },
    ]) {
      const [outcome] = await asked(wire, json(body, wire.says('Hi')));
      expect(outcome, JSON.stringify(body)).toMatchObject({ response: 'Hi', attempts: 2 });
      expect(await one(body), JSON.stringify(body)).toBeInstanceOf(ModelError);
    }
  });

  test('a filter is a refusal, as a status and inside a 200; no request is made twice', async () => {
    const times = FILTERED.length;
    const text = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
    const statuses = FILTERED.map(([, status, body]) => ({ status, body: text(body) }));
    const inside = FILTERED.filter(([, , body]) => typeof body === 'object').map(([, , body]) => ({
      body: text(body),
    }));
    for (const answers of [statuses, inside]) {
      const outcomes = await asked(wire, answers, { times: answers.length });
      outcomes.forEach((outcome, at) => {
        expect(outcome, FILTERED[at % times]![0]).toMatchObject({
          response: '',
          stop: 'refusal',
          attempts: 1,
        });
      });
    }
    const others = NOT_FILTERED.map(([, status, body]) => ({ status, body: text(body) }));
    for (const answer of others)
      expect((await asked(wire, [answer]))[0], answer.body).toBeInstanceOf(ModelError);
  });

  test('the words of other protocols mean what they mean there, in any letters', async () => {
    if (wire.prefix === 'responses+') return;
    for (const [words, stop] of [
      [['eos', 'eos_token', 'stop_sequence', 'END_TURN', 'COMPLETE', 'normal'], 'end'],
      [['max_tokens', 'MAX_TOKENS', 'length', 'model_length', 'max_output_tokens', 'ERROR_LIMIT'], 'length'],
      [['tool_use', 'tool_calls', 'function_call'], 'tool-calls'],
      [['ALTERNATIVE_STATUS_CONTENT_FILTER', 'blacklist', 'ERROR_TOXIC', 'content-filter'], 'refusal'],
      [['None', 'null', '', 'repetition'], 'other'],
    ] as const)
      for (const word of words)
        expect(await one(wire.ended(word)), word).toMatchObject({ response: 'Half', stop });
  });

  test('an error that holds nothing is none', async () => {
    for (const error of [{}, [], { code: 0, message: '' }])
      expect(await one({ ...wire.says('Hi'), error })).toMatchObject({ response: 'Hi', attempts: 1 });
  });

  test('no reason to end is a failure only where the same server gives one elsewhere', async () => {
    const never = await asked(wire, json(wire.unsaid!()), { times: 2 });
    expect(never).toMatchObject([
      { response: 'Hi', stop: 'other' },
      { response: 'Hi', stop: 'other' },
    ]);
    const [first, second] = await asked(wire, json(wire.says('Hi'), wire.unsaid!()), { times: 2 });
    expect(first).toMatchObject({ stop: 'end' });
    expect(second).toBeInstanceOf(ModelError);
    expect(String(second)).toContain('it does not say why it ended');
  });

  test.each([12.5, 0, -1, 1e300, '7', null])('a count of %j tokens is not said', async (count) => {
    expect(await one(wire.usage(count, count))).toMatchObject({
      usage: { inputTokens: null, outputTokens: null },
    });
    expect(await one(wire.usage(7, 8))).toMatchObject({ usage: { inputTokens: 7, outputTokens: 8 } });
  });

  test('a stream that nobody asked for is read whole; one that was cut is tried again', async () => {
    const stream = (events: readonly string[]): Reply => ({
      body: `: keep-alive\n\n${events.join('')}`,
      headers: { 'content-type': 'text/event-stream' },
    });
    expect((await asked(wire, [stream(wire.stream)]))[0]).toMatchObject({ response: 'Hi', stop: 'end' });
    const cut = await asked(wire, [stream(wire.stream.slice(0, -1)), ...json(wire.says('Hi'))]);
    expect(cut[0]).toMatchObject({ response: 'Hi', attempts: 2 });
    const broken = await asked(wire, [
      stream([...wire.stream.slice(0, -1), 'data: {"broken": \n\n', ...wire.stream.slice(-1)]),
      ...json(wire.says('Hi')),
    ]);
    expect(broken[0]).toMatchObject({ response: 'Hi', attempts: 2 });
    const done = await asked(wire, [stream(['data: [DONE]\n\n']), ...json(wire.says('Hi'))]);
    expect(done[0]).toMatchObject({ response: 'Hi', attempts: 2 });
    const close = stream([wire.stream.join('').replaceAll('\n\n', '\n')]);
    expect((await asked(wire, [close]))[0]).toMatchObject({ response: 'Hi', attempts: 1 });
  });

  test('encodings under all their names, and white space or a BOM before the JSON', async () => {
    const text = JSON.stringify(wire.says('Hi'));
    const forms: Reply[] = [
      { body: gzipSync(text), headers: { 'content-encoding': 'GZIP' } },
      { body: gzipSync(text), headers: { 'content-encoding': 'x-gzip' } },
      { body: gzipSync(gzipSync(text)), headers: { 'content-encoding': 'gzip, gzip' } },
      { body: zstdCompressSync(text), headers: { 'content-encoding': 'zstd' } },
      { body: text, headers: { 'content-encoding': '' } },
      { body: `\ufeff${text}` },
      { body: `\n\n   \n${text}` },
    ];
    for (const form of forms)
      expect((await asked(wire, [form]))[0]).toMatchObject({ response: 'Hi', attempts: 1 });
  });

  test('what comes in the place of JSON is told', async () => {
    for (const [body, told] of [
      ['<!doctype html><title>Sign in</title><h1>Portal</h1>', 'it is a page, not JSON: Sign in Portal'],
      ['upstream request timeout', 'it is not JSON: upstream request timeout'],
      ['{"choices": [', 'it is not JSON: {"choices": ['],
      [' ', 'it is empty'],
      [`<html>${'x'.repeat(100_000)}`, 'it is a page, not JSON: xxx'],
    ] as const) {
      const [outcome] = await asked(wire, [{ body }]);
      expect(String(outcome)).toContain(told);
      expect(String(outcome).length).toBeLessThan(400);
    }
  });

  test('answers of absurd depth or size are refused and leave little behind', async () => {
    const deep = JSON.stringify(wire.says('Hi')).replace(
      /}$/,
      `,"x":${'['.repeat(300_000)}${']'.repeat(300_000)}}`,
    );
    expect(String((await asked(wire, [{ body: deep }]))[0])).toContain('too deep');
    const bomb: Reply = {
      body: gzipSync(JSON.stringify(wire.says('x'.repeat(30 << 20)))),
      headers: { 'content-encoding': 'gzip' },
    };
    const outcome = (await asked(wire, [bomb]))[0];
    expect(outcome).toBeInstanceOf(ModelError);
    expect((outcome as ModelError).raw?.length ?? 0).toBeLessThan(100_000);
  });

  test('half a surrogate pair is made whole before it is sent', async () => {
    await asked(wire, json(wire.says('Hi')), { content: 'Sure \ud83d thing 😀' });
    expect(bodies[0]).not.toMatch(/\\ud[89ab]/i);
    expect(bodies[0]).toContain('Sure \ufffd thing 😀');
  });
});

test('usage of chat in other words: input_tokens, and reasoning that xAI counts beside the completion', async () => {
  const usage = async (counts: object) =>
    (await asked(WIRES.chat!, json({ ...WIRES.chat!.says('Hi'), usage: counts })))[0];
  expect(await usage({ input_tokens: 5, output_tokens: 6 })).toMatchObject({
    usage: { inputTokens: 5, outputTokens: 6 },
  });
  const beside = {
    prompt_tokens: 32,
    completion_tokens: 9,
    total_tokens: 135,
    completion_tokens_details: { reasoning_tokens: 94 },
  };
  expect(await usage(beside)).toMatchObject({ usage: { outputTokens: 103, thoughtTokens: 94 } });
  expect(await usage({ ...beside, completion_tokens: 103 })).toMatchObject({ usage: { outputTokens: 103 } });
});

test('chat content as parts, and parts that nobody can read', async () => {
  const parts = async (content: unknown) =>
    (await asked(WIRES.chat!, json(choice({ role: 'assistant', content }))))[0];
  for (const content of [
    [REFUSAL],
    [{ text: REFUSAL }],
    [{ type: 'output_text', text: REFUSAL }],
    [{ type: 'text', text: { value: REFUSAL } }],
  ])
    expect(await parts(content)).toMatchObject({ response: REFUSAL });
  const reasoning = { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Harm.' }] };
  expect(await parts([reasoning, { type: 'text', text: REFUSAL }])).toMatchObject({
    thoughts: 'Harm.',
    response: REFUSAL,
  });
  expect(String(await parts([{ type: 'image_url', image_url: {} }]))).toContain(
    'nothing but parts of the type image_url',
  );
});
