import { expect, test } from 'vitest';
import { type Generation, type Model, ModelError, noUsage } from '../core/index.ts';
import { LeastBusyModel } from './least-busy.ts';

const request = {
  messages: [{ role: 'user', content: 'hi' }],
  sampling: { temperature: 1, topP: 1, maxTokens: 1, seed: 1 },
} as const;
const { signal } = new AbortController();

/** A model whose answers are let go one by one, and that can be made to fail. */
class HeldModel implements Model {
  readonly ref: string;
  readonly waiting: (() => void)[] = [];
  fails: ModelError | null = null;
  calls = 0;

  constructor(ref: string) {
    this.ref = ref;
  }

  async generate(): Promise<Generation> {
    this.calls++;
    if (this.fails !== null) throw this.fails;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    return { response: this.ref, toolCalls: [], stop: 'end', usage: noUsage, raw: null };
  }
}

test('each request goes to the server with the fewest under way', async () => {
  const [a, b] = [new HeldModel('a'), new HeldModel('b')];
  const model = new LeastBusyModel([a, b]);
  expect(model.ref).toBe('a');
  const answers = Array.from({ length: 4 }, () => model.generate(request, signal));
  expect([a.calls, b.calls]).toEqual([2, 2]);
  for (const go of b.waiting.splice(0)) go();
  await Promise.all([answers[1], answers[3]]);
  answers.push(model.generate(request, signal), model.generate(request, signal));
  expect([a.calls, b.calls]).toEqual([2, 4]);
  for (const go of [...a.waiting, ...b.waiting]) go();
  expect((await Promise.all(answers)).map(({ response }) => response).sort()).toEqual([...'aabbbb']);
});

test('a server that cannot be reached is left alone for a while, and another one answers', async () => {
  let now = 0;
  const [a, b] = [new HeldModel('a'), new HeldModel('b')];
  const model = new LeastBusyModel([a, b], () => now);
  a.fails = new ModelError('connection', 'refused');
  const ask = async () => {
    now++;
    const answer = model.generate(request, signal);
    await Promise.resolve();
    for (const held of [a, b]) for (const go of held.waiting.splice(0)) setTimeout(go);
    setTimeout(() => {
      for (const go of b.waiting.splice(0)) go();
    });
    return (await answer).response;
  };
  expect(await ask()).toBe('b');
  expect(await ask()).toBe('b');
  expect(a.calls).toBe(1);
  a.fails = null;
  now += 60_000;
  const later = model.generate(request, signal);
  expect(a.calls).toBe(2);
  a.waiting.pop()!();
  expect((await later).response).toBe('a');
});

test('what is wrong with the request is not tried elsewhere, and where none can be reached the last error stands', async () => {
  const [a, b] = [new HeldModel('a'), new HeldModel('b')];
  const model = new LeastBusyModel([a, b]);
  a.fails = new ModelError('rejected', 'no');
  b.fails = new ModelError('connection', 'gone');
  await expect(model.generate(request, signal)).rejects.toThrow('no');
  expect(b.calls).toBe(0);
  a.fails = new ModelError('connection', 'gone too');
  await expect(model.generate(request, signal)).rejects.toThrow(/gone/);
});
