import { describe, expect, it } from 'vitest';
import { InputError } from '../../core/index.ts';
import { scriptedModel } from '../../models/index.ts';
import { defineStudy } from '../define.ts';
import type { StudyInput } from '../schema.ts';
import type { Study } from '../study.ts';
import { fakeEval, sample } from '../testing/fake-eval.ts';
import { testFolder } from '../testing/folder.ts';
import { smallStudy } from '../testing/small-study.ts';
import { planJson, planStudy } from './plan.ts';
import { renderPlan } from './render.ts';

const folder = testFolder();

/** A study of the small one's stages on 40 given samples of 40 characters, in 20 clusters. */
function study(changes: Partial<StudyInput> = {}, epochs = 1): Study {
  const defined = defineStudy({ ...smallStudy, ...changes }, { folder: folder.path });
  const samples = Array.from({ length: 40 }, (_, index) =>
    sample(`s${index}`, {
      cluster: `c${index % 20}`,
      metadata: { first: index % 2 === 0 },
      input: [{ role: 'user', content: 'x'.repeat(40) }],
    }),
  );
  return { ...defined, evals: [{ ...fakeEval(samples), epochs }] };
}

const judge = {
  id: 'judge',
  kind: 'autorater',
  model: 'openai:judge',
  sampling: { max_tokens: 1000 },
} as const;
const free = { input: 0, output: 0 };
const ports = { 'http://localhost:8001/v1': { price: free }, 'http://localhost:8002/v1': { price: free } };

describe('planStudy', () => {
  it('counts trials and calls of stages and judges', async () => {
    const plan = await planStudy(study({ raters: [judge, ...smallStudy.raters] }, 3));
    expect(plan.evals).toMatchObject([{ samples: 40, clusters: 20, trials: 240 }]);
    expect(plan.trials).toBe(240);
    expect(plan.calls).toBe(480);
    expect(plan.endpoints.map(({ endpoint, calls }) => [endpoint, calls])).toEqual([
      ['http://localhost:8001/v1', 120],
      ['http://localhost:8002/v1', 120],
      ['openai', 240],
    ]);
  });

  it('counts tokens: four characters for one, answers as long as they may be', async () => {
    const plan = await planStudy(study({ sampling: { max_tokens: 100 } }));
    // 40 characters are 10 tokens, and 4 for the message; two stages of 40 samples.
    expect(plan.tokens).toEqual({ input: 2 * 40 * 14, output: 2 * 40 * 100 });
    // No answer is longer than it may be.
    expect(plan.usualTokens).toEqual(plan.tokens);
  });

  it('has judges read prompts, responses and rubrics', async () => {
    const [, , short] = (await planStudy(study({ raters: [judge], sampling: { max_tokens: 100 } })))
      .endpoints;
    const [, , long] = (await planStudy(study({ raters: [judge], sampling: { max_tokens: 300 } }))).endpoints;
    expect(long!.tokens.atMost.input - short!.tokens.atMost.input).toBe(80 * 200);
    expect(short!.tokens.atMost.output).toBe(80 * 1000);
    expect(short!.tokens.usual.output).toBeLessThan(80 * 1000);
    expect(short!.tokens.usual.input).toBeGreaterThan(80 * (10 + 100));
  });

  it('reckons cost by the prices declared', async () => {
    const endpoints = { ...ports, openai: { price: { input: 2, output: 10 } } };
    const plan = await planStudy(study({ raters: [judge], endpoints }));
    const { atMost, usual } = plan.endpoints[2]!.tokens;
    expect(plan.usd).toBeCloseTo((atMost.input * 2 + atMost.output * 10) / 1e6, 12);
    expect(plan.usualUsd).toBeCloseTo((usual.input * 2 + usual.output * 10) / 1e6, 12);
    expect(plan.usdUnknown).toEqual([]);
  });

  it('says whose price is lacking', async () => {
    const plan = await planStudy(study({ raters: [judge], endpoints: ports }));
    expect(plan).toMatchObject({ usd: null, usualUsd: null, usdUnknown: ['openai'] });
  });

  it('reckons each model of an endpoint by its own price, and names the one that has none', async () => {
    const raters = [judge, { ...judge, id: 'second', model: 'openai:small' }];
    const of = (openai: NonNullable<StudyInput['endpoints']>[string]) =>
      planStudy(study({ raters, endpoints: { ...ports, openai } }));
    const alone = await planStudy(study({ raters: [judge], endpoints: ports }));
    const { atMost } = alone.endpoints[2]!.tokens;
    const usd = (price: typeof free) => (atMost.input * price.input + atMost.output * price.output) / 1e6;
    const [cheap, dear] = [
      { input: 1, output: 2 },
      { input: 20, output: 90 },
    ];
    const both = await of({ price: cheap, prices: { judge: dear } });
    expect(both.endpoints[2]!.models).toEqual(['openai:judge', 'openai:small']);
    expect(both.usd).toBeCloseTo(usd(dear) + usd(cheap), 12);
    expect(await of({ prices: { judge: dear } })).toMatchObject({ usd: null, usdUnknown: ['openai:small'] });
    expect(await of({})).toMatchObject({ usd: null, usdUnknown: ['openai'] });
  });

  it('finds an endpoint’s settings under its URL in another form, or its name', async () => {
    const endpoints = {
      'http://LOCALHOST:8001/v1/': { price: free },
      'http://localhost:8002/v1': { price: free },
      openai: { price: free },
    };
    expect((await planStudy(study({ raters: [judge], endpoints }))).usd).toBe(0);
  });

  it('takes scripted models for free', async () => {
    const stages = ['a', 'b'].map((id) => ({
      id,
      kind: 'sft',
      model: scriptedModel(`scripted:x#${id}`, () => 'yes'),
    }));
    expect(await planStudy(study({ stages }))).toMatchObject({
      usd: 0,
      usdUnknown: [],
      endpoints: [{ endpoint: 'scripted', calls: 80 }],
    });
  });

  it('says how fast rate limits allow it to be', async () => {
    const limited = (limits: object) =>
      study({ endpoints: { 'http://localhost:8001/v1': limits }, sampling: { max_tokens: 100 } });
    expect((await planStudy(limited({ requests_per_minute: 10 }))).fastestMs).toBe(4 * 60_000);
    expect((await planStudy(limited({ tokens_per_minute: 456 }))).fastestMs).toBe(10 * 60_000);
    expect((await planStudy(limited({ requests_per_minute: 10, tokens_per_minute: 456 }))).fastestMs).toBe(
      10 * 60_000,
    );
    expect((await planStudy(study())).fastestMs).toBeNull();
  });

  it('counts an agent’s turns, and asks judges nothing that only rules can answer', async () => {
    const base = study({ raters: [judge], sampling: { max_tokens: 100 } });
    const [entry] = base.evals;
    const [question] = entry!.eval.questions;
    const agents = {
      ...entry!.eval,
      questions: [question!, { ...question!, id: 'measured', rulesOnly: true as const }],
      conversation: () => ({ turns: 50, protocol: 'native' as const }),
    };
    const plan = await planStudy({ ...base, evals: [{ ...entry!, eval: agents }] });
    expect(plan.endpoints.map(({ calls, callsAtMost }) => [calls, callsAtMost])).toEqual([
      [40 * 12, 40 * 50],
      [40 * 12, 40 * 50],
      [80, 80],
    ]);
    expect(plan.callsAtMost).toBe(80 * 50 + 80);
    expect(plan.tokens.output).toBe(80 * 50 * 100 + 80 * 1000);
    expect(renderPlan(plan, { color: false, width: 100 })).toContain(
      'about 1,040; at most 4,080, without retries',
    );
  });

  it('asks a judge once per sample what it is asked of the prompt alone, for all stages and epochs', async () => {
    const base = study({ raters: [judge], sampling: { max_tokens: 100 } }, 3);
    const [entry] = base.evals;
    const [question] = entry!.eval.questions;
    const prompted = { ...question!, id: 'prompted', shows: 'prompt' as const };
    const judged = async (...questions: (typeof prompted | NonNullable<typeof question>)[]) => {
      const plan = await planStudy({ ...base, evals: [{ ...entry!, eval: { ...entry!.eval, questions } }] });
      return plan.endpoints[2]!;
    };
    // Forty samples, two stages, three epochs.
    expect((await judged(question!)).calls).toBe(240);
    expect((await judged(question!, prompted)).calls).toBe(240 + 40);
    const alone = await judged(prompted);
    expect(alone.calls).toBe(40);
    expect(alone.tokens.atMost.output).toBe(40 * 1000);
    // It reads no answers: as much whatever they may be.
    expect(alone.tokens.atMost.input).toBe(alone.tokens.usual.input);
  });

  it('has a judge read no more of a long trajectory than it is shown', async () => {
    const read = async (context_tokens?: number) => {
      const raters = [context_tokens === undefined ? judge : { ...judge, context_tokens }];
      const base = study({ raters });
      const [entry] = base.evals;
      const long = { ...entry!.eval, conversation: () => ({ turns: 500, protocol: 'native' as const }) };
      const plan = await planStudy({ ...base, evals: [{ ...entry!, eval: long }] });
      return plan.endpoints[2]!.tokens.atMost.input / 80;
    };
    const usual = await read();
    expect(usual).toBeGreaterThan(100_000);
    expect(usual).toBeLessThan(101_000);
    expect(await read(20_000)).toBeLessThan(20_000);
    expect(await read(400_000)).toBeGreaterThan(250_000);
    expect(await read(400_000)).toBeLessThan(400_000);
  });

  it('warns of stages that would call tools in different ways', async () => {
    const stages = [
      { id: 'base', kind: 'pretrain', model: 'completions+http://localhost:8001/v1#base' },
      { id: 'sft', kind: 'sft', from: 'base', model: 'http://localhost:8002/v1#sft' },
    ];
    const base = study({ stages });
    const [entry] = base.evals;
    const told = async (protocol: 'auto' | 'native' | 'text') => {
      const agents = { ...entry!.eval, conversation: () => ({ turns: 5, protocol }) };
      const { warnings } = await planStudy({ ...base, evals: [{ ...entry!, eval: agents }] });
      return warnings.join('\n');
    };
    expect(await told('auto')).toContain('In fake base will call tools by blocks of text');
    expect(await told('native')).toContain("fake wants native tool calls, which base can't make");
    expect(await told('text')).not.toMatch(/tools/);
  });

  it('asks nobody', async () => {
    const model = scriptedModel('scripted:x#y', () => {
      throw new Error('asked');
    });
    await planStudy(
      study({ stages: [{ id: 'a', kind: 'sft', model }], raters: [{ id: 'j', kind: 'autorater', model }] }),
    );
  });

  it('tells of bad samples where their eval is in the study', async () => {
    const base = study();
    const twice = { ...fakeEval([sample('a'), sample('a')]), id: 'twice' };
    const none = { ...fakeEval([]), id: 'none' };
    const error = await planStudy({ ...base, evals: [...base.evals, twice, none] }).catch((e) => e);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error).split('\n')).toEqual([
      '2 problems in the study',
      'evals[1]: the sample id "a" comes twice in the eval "twice"',
      '  Give every sample an id of its own: records of two would be taken for one.',
      'evals[2]: the eval "none" has no samples',
      '  Check the options that choose them.',
    ]);
  });

  it('tells of options that do not go together by their key', async () => {
    const { eval: code, ...entry } = fakeEval([]);
    const failing = {
      ...code,
      // biome-ignore lint/correctness/useYield: it fails before the first sample
      async *samples() {
        throw new InputError('a table needs a path', { place: { key: 'options.path' } });
      },
    };
    await expect(planStudy({ ...study(), evals: [{ ...entry, eval: failing }] })).rejects.toMatchObject({
      place: { key: 'evals[0].options.path' },
    });
  });

  it('keeps errors that are not the user’s mistakes as they are', async () => {
    const { eval: code, ...entry } = fakeEval([]);
    const broken = {
      ...code,
      // biome-ignore lint/correctness/useYield: it fails before the first sample
      async *samples() {
        throw new TypeError('bug');
      },
    };
    await expect(planStudy({ ...study(), evals: [{ ...entry, eval: broken }] })).rejects.toThrow(TypeError);
  });
});

describe('warnings', () => {
  const warnings = async (changes: Partial<StudyInput>, epochs = 1) =>
    (await planStudy(study(changes, epochs))).warnings;
  const sft = smallStudy.stages[0]!;
  const final = smallStudy.stages[1]!;
  const quiet = { margins: { default: 0.05 } };

  it('has one for a score with the default margin, and none else', async () => {
    expect(await warnings(quiet)).toEqual([
      'fake/both is a score, and its margin is the default of 0.05: declare one in its own unit.',
    ]);
  });

  it.each([
    [
      'Stages are sampled differently (sft | final)',
      { stages: [sft, { ...final, sampling: { temperature: 0 } }] },
      1,
    ],
    ['At temperature 0 more epochs (fake) repeat the same answer', { sampling: { temperature: 0 } }, 2],
    ['No model of this study is at the endpoint openai', { endpoints: { openai: {} } }, 1],
    [
      'http://localhost:8003/v1; did you mean http://localhost:8001/v1?',
      { endpoints: { 'http://localhost:8003/v1': {} } },
      1,
    ],
    [
      'The budget is in dollars, but the price of http://gpu1:8001/v1',
      { stages: [{ ...sft, model: 'http://gpu1:8001/v1#sft' }, final], budget: { usd: 5 } },
      1,
    ],
    [
      'has a price for fianl, which is not a model of this study; did you mean final?',
      { endpoints: { 'http://localhost:8002/v1': { prices: { fianl: free, unlike: free } } } },
      1,
    ],
    ['The budget of 1,000 tokens is likely to stop the run', { budget: { tokens: 1000 } }, 1],
    [
      'The budget of 1 min is likely',
      { budget: { wall: '1m' }, endpoints: { 'http://localhost:8001/v1': { requests_per_minute: 1 } } },
      1,
    ],
    [
      'The budget of $0.001 is likely',
      {
        budget: { usd: 0.001 },
        endpoints: {
          'http://localhost:8001/v1': { price: { input: 1, output: 1 } },
          'http://localhost:8002/v1': { price: free },
        },
      },
      1,
    ],
    [
      'The panel "p" can\'t keep judge from rating their own family',
      {
        raters: [
          judge,
          { id: 'k', kind: 'autorater', model: 'openai:k', family: 'openai' },
          { id: 'p', kind: 'panel', members: ['judge', 'k'] },
        ],
      },
      1,
    ],
  ] as const)('says: %s', async (words, changes, epochs) => {
    const found = await warnings(changes as Partial<StudyInput>, epochs);
    expect(found.some((warning) => warning.includes(words))).toBe(true);
    expect(found).toHaveLength(2);
  });

  it('tells of too few clusters for a verdict', async () => {
    const few = fakeEval(['1', '2', '3'].map((id) => sample(id, { cluster: id })));
    const { warnings: found } = await planStudy({ ...study(), evals: [few] });
    expect(found.join('\n')).toContain('fake/both has 3 clusters: below 10 there are counts');
    // No sample counts towards it, so there is nothing to warn of.
    expect(found.join('\n')).not.toContain('fake/first');
  });
});

describe('planJson', () => {
  it('is the plan without code and rubrics, as it will be printed', async () => {
    const plan = await planStudy(study({ raters: [judge] }, 3));
    const json = planJson(plan);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json.evals).toEqual([
      { id: 'fake', eval: 'fake', samples: 40, clusters: 20, epochs: 3, trials: 240 },
    ]);
    expect(json).toMatchObject({
      trials: 240,
      calls: 480,
      usd: null,
      usdUnknown: plan.usdUnknown,
      warnings: plan.warnings,
    });
    expect(json.manifest).toEqual(plan.manifest);
    expect(JSON.stringify(json)).not.toContain('Rate it.');
  });
});
