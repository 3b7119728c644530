import { describe, expect, test } from 'vitest';
import { type GenerateRequest, type Message, type Transcript, trialKey } from '../core/index.ts';
import { openModels } from './open.ts';
import { stepSeed } from './protocols/step-seed.ts';

const never = new AbortController().signal;
const question: Message = { role: 'user', content: 'Hi' };

function transcript(over: Partial<Transcript> & { epoch?: number; stage?: string } = {}): Transcript {
  const { epoch = 1, stage = 'sft', ...rest } = over;
  const trial = { stage, eval: 'refusals', sample: 's', epoch };
  return {
    key: trialKey(trial),
    trial,
    attempt: 1,
    status: 'completed',
    cluster: 'c',
    digests: { sample: '', sampling: '' },
    seed: null,
    metadata: {},
    input: [question],
    output: [{ role: 'assistant', content: `answer ${epoch}` }],
    thoughts: null,
    response: `answer ${epoch}`,
    stop: 'end',
    usage: { inputTokens: 3, outputTokens: 4 },
    startedAt: null,
    durationMs: null,
    calls: 1,
    requests: 1,
    raw: [{ epoch }],
    ...rest,
  };
}

async function replay(transcripts: readonly Transcript[], stage = 'sft') {
  await using models = openModels({
    folder: '/studies',
    transcripts: async function* (run) {
      expect(run).toBe('/studies/runs/first');
      yield* transcripts;
    },
  });
  const model = await models.open({ ref: `replay:runs/first#${stage}` });
  return (seed: number | null = null, messages: readonly Message[] = [question]) => {
    const request: GenerateRequest = {
      messages,
      sampling: { temperature: null, topP: null, maxTokens: 5, seed },
    };
    return model.generate(request, never);
  };
}

test('replay: gives likelihoods to a request for these texts, and an answer to one for an answer', async () => {
  const likelihoods = [{ text: ' yes', logProbability: -1, tokens: 1 }];
  const said = (text: string) => ({
    output: [{ role: 'assistant' as const, content: text }],
    response: text,
  });
  const asked = transcript({ ...said('yes'), likelihoods });
  const answered = transcript({ ...said('An answer.'), key: 'other' as Transcript['key'] });
  await using models = openModels({
    folder: '/studies',
    transcripts: async function* () {
      yield* [asked, answered];
    },
  });
  const model = await models.open({ ref: 'replay:runs/first#sft' });
  const sampling = { temperature: null, topP: null, maxTokens: 5, seed: null };
  const request = { messages: [question], sampling };
  expect(await model.generate({ ...request, likelihoodOf: [' yes'] }, never)).toMatchObject({
    likelihoods,
    response: 'yes',
  });
  expect((await model.generate(request, never)).response).toBe('An answer.');
  await expect(model.generate({ ...request, likelihoodOf: [' no'] }, never)).rejects.toThrow(
    'no recorded answer',
  );
});

describe('replay:', () => {
  test('without seeds: the epochs in order, then an error that says how many there were', async () => {
    const ask = await replay([transcript({ epoch: 2 }), transcript({ epoch: 1 })]);
    expect(await ask()).toEqual({
      response: 'answer 1',
      toolCalls: [],
      stop: 'end',
      usage: { inputTokens: 3, outputTokens: 4 },
      raw: { epoch: 1 },
      attempts: 1,
    });
    expect(await ask(77)).toMatchObject({ response: 'answer 2' });
    await expect(ask()).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/2 answers.*all are given/),
    });
  });

  test('with seeds: by seed, in any order and any number of times', async () => {
    const ask = await replay([transcript({ epoch: 1, seed: 11 }), transcript({ epoch: 2, seed: 22 })]);
    const asked = await Promise.all([ask(22), ask(11), ask(22)]);
    expect(asked.map(({ response }) => response)).toEqual(['answer 2', 'answer 1', 'answer 2']);
    await expect(ask(33)).rejects.toMatchObject({
      message: expect.stringMatching(/none with the seed 33/),
      remedy: expect.stringMatching(/11, 22/),
    });
    expect(await ask(null)).toMatchObject({ response: 'answer 1' });
  });

  test('what was never asked: an error that quotes it', async () => {
    const ask = await replay([transcript()]);
    await expect(ask(null, [{ role: 'user', content: 'Other' }])).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/no recorded answer.*Other/),
    });
  });

  test('the latest attempt counts, in whatever order the records come', async () => {
    const first = transcript({ attempt: 1, output: [{ role: 'assistant', content: 'old' }] });
    const second = transcript({ attempt: 2, output: [{ role: 'assistant', content: 'new' }] });
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      expect(await (await replay(order))()).toMatchObject({ response: 'new' });
    }
  });

  test('a conversation with tools: turn by turn, thoughts of the caller aside', async () => {
    const call = { id: 'a', name: 'f', arguments: '{}' };
    const output: Message[] = [
      { role: 'assistant', content: 'Let me look.', thoughts: 'Hm.', toolCalls: [call] },
      { role: 'tool', content: '42', toolCallId: 'a' },
      { role: 'assistant', content: 'It is 42.' },
    ];
    const ask = await replay([
      transcript({ output, thoughts: 'So.', stop: 'length', calls: 2, raw: ['x', 'y'] }),
    ]);
    expect(await ask()).toMatchObject({
      thoughts: 'Hm.',
      response: 'Let me look.',
      toolCalls: [call],
      stop: 'tool-calls',
      usage: { inputTokens: null },
      raw: 'x',
    });
    const { thoughts: _, ...turn } = output[0] as Message & { thoughts: string };
    expect(await ask(null, [question, turn as Message, output[1]!])).toMatchObject({
      thoughts: 'So.',
      response: 'It is 42.',
      stop: 'length',
      raw: 'y',
    });
  });

  test('an agent’s turns: each by the seed of its step', async () => {
    const call = { id: 'a', name: 'f', arguments: '{}' };
    const output: Message[] = [
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'tool', content: '42', toolCallId: 'a' },
      { role: 'assistant', content: 'It is 42.' },
    ];
    const ask = await replay([transcript({ output, seed: 7, calls: 2 })]);
    expect(await ask(7)).toMatchObject({ toolCalls: [call] });
    const later = [question, ...output.slice(0, 2)];
    expect(await ask(stepSeed(7, 2), later)).toMatchObject({ response: 'It is 42.' });
    await expect(ask(7, later)).rejects.toMatchObject({ kind: 'rejected' });
  });

  test('a recorded failure of the model fails again; one of the sandbox is not an answer', async () => {
    const failed = (kind: 'timeout' | 'sandbox') =>
      transcript({ status: 'error', output: [], response: null, error: { kind, message: 'gone' } });
    await expect((await replay([failed('timeout')]))()).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/gone/),
    });
    await expect((await replay([failed('sandbox')]))()).rejects.toMatchObject({ kind: 'rejected' });
  });

  test('a stage that the run does not have', async () => {
    await expect(replay([transcript({ stage: 'dpo' })])).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(/no records of the stage "sft"/),
      remedy: expect.stringMatching(/dpo/),
    });
  });

  test('cancelled before it begins', async () => {
    await using models = openModels({
      folder: '.',
      async *transcripts() {
        yield transcript();
      },
    });
    const model = await models.open({ ref: 'replay:x#sft' });
    const request = {
      messages: [question],
      sampling: { temperature: 0, topP: null, maxTokens: 1, seed: null },
    };
    await expect(model.generate(request, AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
