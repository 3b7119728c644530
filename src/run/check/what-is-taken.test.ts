import { expect, test } from 'vitest';
import { openModels } from '../../models/index.ts';
import { doesNotSample, probeSampling } from './sampling-probe.ts';
import { type FakeServing, startFakeServer } from './testing/fake-server.ts';
import { fateOfSeed, whatIsTaken } from './what-is-taken.ts';

const { signal } = new AbortController();

async function taken(serving: FakeServing, scheme = '') {
  await using server = await startFakeServer(serving);
  await using models = openModels({ folder: '.', env: {} });
  const model = await models.open({ ref: `${scheme}${server.baseUrl}#m` });
  await models.learnServers(signal);
  const described = models.describe(model, {
    messages: [],
    sampling: { temperature: 1, topP: 1, maxTokens: 1, seed: 1 },
  });
  return await whatIsTaken(model, described, signal);
}

const ALL = { system: 'taken', tools: 'taken', schema: 'taken', stop: 'taken' };

test('a server that does all that it is asked', async () => {
  expect(await taken({})).toEqual(ALL);
});

test.each(['system', 'tools', 'schema', 'stop'] as const)('%s dropped without a word', async (part) => {
  expect(await taken({ drops: [part] })).toEqual({ ...ALL, [part]: 'dropped' });
});

test.each(['system', 'tools', 'schema', 'stop'] as const)('%s refused', async (part) => {
  expect(await taken({ refuses: [part] })).toEqual({ ...ALL, [part]: 'refused' });
});

test('a stop sequence that a server leaves at the end of its answer is taken off', async () => {
  expect(await taken({ keepsStop: true })).toEqual(ALL);
  expect(await taken({ keepsStop: true }, 'completions+')).toMatchObject({ stop: 'taken' });
});

test('text completions have no tools and no schema', async () => {
  expect(await taken({}, 'completions+')).toEqual({ ...ALL, tools: 'not sent', schema: 'not sent' });
});

async function probed(serving: FakeServing) {
  await using server = await startFakeServer(serving);
  await using models = openModels({ folder: '.', env: {} });
  const model = await models.open({ ref: `${server.baseUrl}#m` });
  const probe = await probeSampling(model, 1, signal);
  return { probe, requests: server.requests };
}

test('a server that samples by its seed', async () => {
  const { probe, requests } = await probed({});
  expect(probe).toMatchObject({ answers: 8, different: 8, repeatable: true });
  expect(probe.tokensPerSecond).toBeGreaterThan(0);
  expect(doesNotSample(probe)).toBe(false);
  expect(fateOfSeed('http://h/v1#m', probe)).toBe('taken');
  expect(requests.map(({ temperature }) => temperature)).toEqual(Array(10).fill(1));
  expect(new Set(requests.map(({ seed }) => seed)).size).toBe(8);
});

test('a server that ignores the temperature', async () => {
  const { probe } = await probed({ drops: ['temperature'] });
  expect(probe).toMatchObject({ answers: 8, different: 1, repeatable: true });
  expect(doesNotSample(probe)).toBe(true);
});

test('a server that ignores seeds', async () => {
  const { probe } = await probed({ drops: ['seed'] });
  expect(probe.repeatable).toBe(false);
  expect(fateOfSeed('http://h/v1#m', probe)).toBe('dropped');
  expect(fateOfSeed('anthropic:m', probe)).toBe('not sent');
});
