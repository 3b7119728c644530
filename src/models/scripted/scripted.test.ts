import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GenerateRequest, InputError, ModelError } from '../../core/index.ts';
import { openModels } from '../open.ts';
import { type ScriptedAnswer, scriptedModel } from './scripted.ts';

const never = new AbortController().signal;

function ask(content: string, seed: number | null = null): GenerateRequest {
  return {
    messages: [{ role: 'user', content }],
    sampling: { temperature: null, topP: null, maxTokens: 5, seed },
  };
}

describe('scriptedModel', () => {
  test('a text, or everything that can come with one', async () => {
    const plain = scriptedModel('scripted:x', ({ messages }) => `You said: ${messages[0]!.content}`);
    expect(await plain.generate(ask('Hi'), never)).toMatchObject({
      response: 'You said: Hi',
      toolCalls: [],
      stop: 'end',
      usage: { inputTokens: null, outputTokens: null },
      attempts: 1,
    });
    const full = scriptedModel('scripted:x', async () => ({
      thoughts: 'Hm.',
      response: '',
      toolCalls: [{ id: 'a', name: 'f', arguments: '{}' }],
      usage: { inputTokens: 3, outputTokens: 4 },
      raw: { a: 1 },
    }));
    expect(await full.generate(ask('Hi'), never)).toEqual({
      thoughts: 'Hm.',
      response: '',
      toolCalls: [{ id: 'a', name: 'f', arguments: '{}' }],
      stop: 'tool-calls',
      usage: { inputTokens: 3, outputTokens: 4 },
      raw: { a: 1 },
      attempts: 1,
    });
  });

  test('latency is waited for, and cancelled at once; so is a script that never ends', async () => {
    const slow = scriptedModel('scripted:x', () => ({ response: 'late', latencyMs: 30 }));
    const started = performance.now();
    await slow.generate(ask('Hi'), never);
    expect(performance.now() - started).toBeGreaterThanOrEqual(28);
    for (const respond of [() => ({ latencyMs: 60_000 }), () => new Promise<ScriptedAnswer>(() => {})]) {
      const controller = new AbortController();
      const asked = scriptedModel('scripted:x', respond).generate(ask('Hi'), controller.signal);
      setTimeout(() => controller.abort(), 5);
      await expect(asked).rejects.toMatchObject({ kind: 'cancelled' });
    }
  });

  test('errors it is to simulate, errors it makes, and answers that are none', async () => {
    const fails = (respond: () => ScriptedAnswer) =>
      scriptedModel('scripted:x', respond)
        .generate(ask('Hi'), never)
        .catch((error) => error);
    const error = { kind: 'server', message: 'down', status: 503 } as const;
    expect(await fails(() => ({ error }))).toMatchObject({
      kind: 'server',
      status: 503,
      message: expect.stringMatching(/down/),
    });
    const bug = await fails(() => {
      throw new TypeError('x is not a function');
    });
    expect(bug).toBeInstanceOf(ModelError);
    expect(bug).toMatchObject({ kind: 'rejected', message: expect.stringContaining('x is not a function') });
    expect(await fails(() => undefined as never)).toMatchObject({ kind: 'malformed' });
  });
});

describe('scripted: files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stemma-scripted-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function open(file: string, text: string, name = '') {
    await writeFile(join(folder, file), text);
    await using models = openModels({ folder });
    return models.open({ ref: `scripted:${file}${name && `#${name}`}` });
  }

  const TABLES = `
base:
  rules:
    - when: { exact: Hi }
      outcomes: [{ response: exactly, thoughts: Hm., usage: { inputTokens: 1, outputTokens: 2 } }]
    - when: { contains: kill }
      outcomes:
        - { probability: 0.3, response: refusal }
        - { probability: 0.7, response: compliance }
    - when: { matches: '^how (to|do)', flags: gi }
      outcomes: [{ toolCalls: [{ name: f, arguments: { x: 1 } }] }]
    - when: { contains: broken }
      outcomes: [{ error: { kind: timeout, message: too slow } }]
sft:
  rules:
    - outcomes:
        - { probability: 0.3, response: refusal }
        - { probability: 0.7, response: compliance }
`;

  test('the first rule that matches the last user message answers', async () => {
    const model = await open('a.yaml', TABLES, 'base');
    const generate = (content: string) => model.generate(ask(content, 1), never);
    expect(await generate('Hi')).toMatchObject({
      response: 'exactly',
      thoughts: 'Hm.',
      usage: { inputTokens: 1, outputTokens: 2 },
    });
    for (let i = 0; i < 2; i++) {
      expect(await generate('How to draw?')).toMatchObject({
        stop: 'tool-calls',
        toolCalls: [{ id: 'call_0', name: 'f', arguments: '{"x":1}' }],
      });
    }
    await expect(generate('broken')).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/too slow/),
    });
    await expect(generate('Hi!')).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/no rule for: Hi!/),
    });
    const turns = ask('Hi');
    const messages = [...turns.messages, { role: 'assistant', content: 'kill' } as const];
    expect(await model.generate({ ...turns, messages }, never)).toMatchObject({ response: 'exactly' });
  });

  test('draws depend on seed and messages alone, come at their rates, and differ between tables', async () => {
    const base = await open('a.yaml', TABLES, 'base');
    const sft = await open('a.yaml', TABLES, 'sft');
    const again = await open('a.yaml', TABLES, 'sft');
    const n = 4000;
    const draws = async (model: typeof base, order: readonly number[]) => {
      const drawn: string[] = [];
      for (const seed of order) drawn[seed] = (await model.generate(ask('kill it', seed), never)).response;
      return drawn;
    };
    const seeds = Array.from({ length: n }, (_, seed) => seed);
    const ofSft = await draws(sft, seeds);
    expect(await draws(again, seeds.toReversed())).toEqual(ofSft);
    const rate = ofSft.filter((response) => response === 'refusal').length / n;
    // Five standard errors of a rate of 0.3 in 4000.
    expect(Math.abs(rate - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / n));
    const ofBase = await draws(base, seeds);
    const both = seeds.filter((seed) => ofBase[seed] === 'refusal' && ofSft[seed] === 'refusal').length / n;
    expect(Math.abs(both - 0.09)).toBeLessThan(5 * Math.sqrt((0.09 * 0.91) / n));
  });

  test('one salt couples two tables', async () => {
    const text = TABLES.replace('base:\n', 'base:\n  salt: s\n').replace('sft:\n', 'sft:\n  salt: s\n');
    const [base, sft] = [await open('b.yaml', text, 'base'), await open('b.yaml', text, 'sft')];
    for (let seed = 0; seed < 50; seed++) {
      const [a, b] = [base, sft].map((model) => model.generate(ask('kill it', seed), never));
      expect((await a)!.response).toBe((await b)!.response);
    }
  });

  test('latency is drawn from its range', async () => {
    const text = 'a: { latencyMs: [20, 40], rules: [{ outcomes: [{ response: x }, { response: y }] }] }';
    await expect(open('c.yaml', text)).rejects.toThrow(/each needs its probability/);
    const model = await open('c.yaml', text.replace(', { response: y }', ''));
    const started = performance.now();
    await model.generate(ask('Hi'), never);
    expect(performance.now() - started).toBeGreaterThanOrEqual(18);
  });

  test('JSON is read as well, and a lone table needs no name', async () => {
    const table = { rules: [{ outcomes: [{ response: 'x' }] }] };
    const model = await open('d.json', JSON.stringify({ only: table }));
    expect(await model.generate(ask('Hi'), never)).toMatchObject({ response: 'x' });
  });

  test.each([
    ['an unknown key of a table', 'a:\n  rule: []\n', /unknown key "rule"/, 2],
    [
      'an unknown key of an outcome',
      'a:\n  rules:\n    - outcomes:\n        - { respones: x }\n',
      /"respones"/,
      4,
    ],
    [
      'an unknown condition',
      'a:\n  rules:\n    - when: { has: x }\n      outcomes: [{ response: x }]\n',
      /./,
      3,
    ],
    [
      'probabilities that do not sum to 1',
      'a:\n  rules:\n    - outcomes: [{ response: x }]\n    - outcomes: [{ probability: 0.5, response: x }, { probability: 0.4, response: y }]\n',
      /sum to 0\.9, not to 1/,
      4,
    ],
    [
      'a broken pattern',
      'a:\n  rules:\n    - when: { matches: "(" }\n      outcomes: [{ response: x }]\n',
      /Invalid reg/,
      3,
    ],
    ['no YAML', 'a: [\n', /./, 1],
  ])('%s: which line and what', async (_, text, message, line) => {
    const error = await open('e.yaml', text).catch((reason) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(message);
    expect(error.place.file).toContain('e.yaml');
    expect(error.place.line).toBeGreaterThanOrEqual(line);
  });

  test('a table or a file that is not there', async () => {
    await expect(open('a.yaml', TABLES, 'stf')).rejects.toMatchObject({
      remedy: expect.stringMatching(/#sft\?.*base, sft/),
    });
    await expect(open('a.yaml', TABLES)).rejects.toThrow(/more than one table/);
    await using models = openModels({ folder });
    await expect(models.open({ ref: 'scripted:none.yaml#x' })).rejects.toThrow(/cannot be read/);
  });

  test('a function that a module exports', async () => {
    const code = `
      export default (request: { messages: { content: string }[] }) => 'default';
      export const sft = async ({ messages }: { messages: { content: string }[] }) => messages[0].content.toUpperCase();
      export const notOne = 7;
    `;
    expect(await (await open('m.ts', code)).generate(ask('hi'), never)).toMatchObject({
      response: 'default',
    });
    expect(await (await open('m.ts', code, 'sft')).generate(ask('hi'), never)).toMatchObject({
      response: 'HI',
    });
    await expect(open('m.ts', code, 'notOne')).rejects.toThrow(/exports no function "notOne"/);
    await expect(open('m.ts', code, 'sfd')).rejects.toMatchObject({
      remedy: expect.stringMatching(/#sft\?/),
    });
    await expect(open('broken.mjs', 'export const = 1')).rejects.toThrow(/can't be loaded/);
  });
});
