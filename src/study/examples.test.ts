import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Sample, trialSeed } from '../core/index.ts';
import { findEval } from '../evals/index.ts';
import { openModels } from '../models/index.ts';
import { judgePrompt } from '../raters/index.ts';
import { loadStudy } from './load.ts';
import { planStudy } from './plan/plan.ts';
import { isModel } from './study.ts';
import { testFolder } from './testing/folder.ts';

const examples = join(import.meta.dirname, '../../examples');
const names = readdirSync(examples).filter((name) => existsSync(join(examples, name, 'study.yaml')));
/** Those that ask models behind an API, or scripted ones. */
const asking = ['refusals-openai-compatible', 'scripted'];
/** Those whose stages are public checkpoints, which stemma serves. */
const published = ['apertus', 'olmo3', 'smollm3', 'tulu3'];

describe('the example studies', () => {
  it.each(names)('%s loads and plans', async (name) => {
    const plan = await planStudy(await loadStudy(join(examples, name, 'study.yaml')));
    expect(plan.trials).toBeGreaterThan(0);
  });

  it.each([...asking, ...published])('%s has nothing to warn of', async (name) => {
    expect(names).toContain(name);
    const { warnings } = await planStudy(await loadStudy(join(examples, name, 'study.yaml')));
    expect(warnings).toEqual([]);
  });

  it.each(published)(
    '%s names the weights of each stage with a revision, and plans without them',
    async (name) => {
      const study = await loadStudy(join(examples, name, 'study.yaml'));
      expect(study.serving).toMatchObject({ with: 'vllm' });
      const checkpoints = study.stages.map(({ checkpoint }) => checkpoint);
      expect(checkpoints.length).toBeGreaterThan(1);
      for (const checkpoint of checkpoints) {
        expect(checkpoint).toMatchObject({
          kind: 'given',
          weights: expect.stringMatching(/^hf:[\w.-]+\/[\w.-]+@./),
        });
      }
    },
  );

  it.each(asking)('%s has models that open', async (name) => {
    const study = await loadStudy(join(examples, name, 'study.yaml'));
    const env = { OPENAI_API_KEY: 'x', ANTHROPIC_API_KEY: 'x', GEMINI_API_KEY: 'x' };
    await using models = openModels({ folder: study.folder, endpoints: study.endpoints, env });
    for (const { model } of study.stages) expect((await models.open(model as never)).ref).toBe(model.ref);
    for (const rater of study.raters) {
      if (rater.kind === 'autorater' && !isModel(rater.model)) await models.open(rater.model);
    }
  });
});

describe('the studies in the pages', () => {
  const folder = testFolder();
  const root = join(import.meta.dirname, '../..');

  it.each(['README.md', 'docs/study.md'])('%s shows one that loads and plans', async (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const [, yaml] = /```yaml\n(name:[\s\S]*?)```/.exec(text)!;
    const plan = await planStudy(await loadStudy(folder.write('shown.yaml', yaml!)));
    expect(plan.study.stages.map(({ from }) => from)).toEqual([null, 'base', 'sft']);
  });
});

describe('the scripted stages', async () => {
  const { chances, judgeErrors } = await import(pathToFileURL(join(examples, 'scripted/truth.ts')).href);
  const { labelOf, openings } = await import(pathToFileURL(join(examples, 'scripted/replies.ts')).href);
  const study = await loadStudy(join(examples, 'scripted/study.yaml'));
  const models = openModels({ folder: study.folder });
  const { signal } = new AbortController();
  const samples: Sample[] = [];
  for await (const sample of findEval('refusals').samples({ values: {}, folder: '.' })) samples.push(sample);

  const ask = async (stage: string, sample: Sample, epoch: number): Promise<string> => {
    const model = await models.open({ ref: `scripted:stages.ts#${stage}` });
    const seed = trialSeed(1, { eval: 'refusals', sample: sample.id, epoch });
    const sampling = { ...study.sampling, seed };
    return (await model.generate({ messages: sample.input, sampling }, signal)).response;
  };

  it.each(['base', 'sft', 'production'])('%s answers at the rates planted', async (stage) => {
    for (const intent of ['benign', 'harmful']) {
      const those = samples.filter(({ metadata }) => metadata.intent === intent);
      const replies = await Promise.all(
        [1, 2, 3].flatMap((epoch) => those.map((sample) => ask(stage, sample, epoch))),
      );
      const labels = replies.map(labelOf);
      const rate = (label: string) => labels.filter((each) => each === label).length / labels.length;
      const planted: Record<string, number> = chances[stage][intent];
      for (const [label, chance] of Object.entries(planted)) {
        // Three standard errors of 504 draws that share two thirds of their variance by prompt.
        expect(Math.abs(rate(label) - chance), `${intent} ${label}`).toBeLessThan(
          3 * Math.sqrt((chance * (1 - chance)) / 504) + 0.012,
        );
      }
      const sum = Object.values(planted).reduce((a, b) => a + b, 0);
      expect(Math.abs(rate('full_compliance') - (1 - sum))).toBeLessThan(0.04);
    }
  });

  it('answer the same when they are asked the same again', async () => {
    for (const sample of samples.slice(0, 20))
      expect(await ask('sft', sample, 1)).toBe(await ask('sft', sample, 1));
    const epochs = await Promise.all(
      samples.slice(0, 60).map((sample) => Promise.all([1, 2, 3].map((epoch) => ask('sft', sample, epoch)))),
    );
    expect(epochs.some((replies) => new Set(replies).size > 1)).toBe(true);
  });

  it('are alike within a cluster', async () => {
    const benign = samples.filter(({ metadata }) => metadata.intent === 'benign');
    const refused = await Promise.all(
      benign.map(async (sample) => {
        const replies = await Promise.all([1, 2, 3].map((epoch) => ask('production', sample, epoch)));
        return replies.filter((reply) => labelOf(reply) !== 'full_compliance').length / 3;
      }),
    );
    const clusters = Map.groupBy(benign.keys(), (index) => benign[index]!.cluster);
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const products = [...clusters.values()].flatMap((members) => {
      const all = [...members];
      return all.flatMap((a) =>
        all.filter((b) => b > a).map((b) => (refused[a]! - mean(refused)) * (refused[b]! - mean(refused))),
      );
    });
    expect(mean(products)).toBeGreaterThan(0.002);
  });

  it('know nothing but the built-in prompts, and say so', async () => {
    const other: Sample = {
      id: 'x',
      cluster: 'x',
      input: [{ role: 'user', content: 'Something else?' }],
      metadata: {},
    };
    await expect(ask('sft', other, 1)).rejects.toThrow(
      'know only the built-in prompts, not: Something else?',
    );
  });

  it('have a judge that errs as often as planted, and only so', async () => {
    const judge = await models.open({ ref: 'scripted:stages.ts#judge' });
    const { rubric } = findEval('refusals').questions[0]!;
    const label = async (response: string, about: string) => {
      const shown = {
        input: [{ role: 'user', content: about }],
        output: [],
        response,
        thoughts: null,
        status: 'completed',
      } as const;
      const { messages } = judgePrompt(rubric, shown);
      const { response: said } = await judge.generate({ messages, sampling: study.sampling }, signal);
      return JSON.parse(said).label as string;
    };
    for (const [truth, { rate, instead }] of Object.entries(
      judgeErrors as Record<string, { rate: number; instead: string }>,
    )) {
      const reply: string = (openings.chat[truth][0] ?? openings.completion[truth][0]) as string;
      const labels = await Promise.all(Array.from({ length: 800 }, (_, i) => label(reply, `Prompt ${i}?`)));
      const wrong = labels.filter((each) => each !== truth);
      expect(new Set(wrong)).toEqual(new Set([instead]));
      expect(Math.abs(wrong.length / 800 - rate), truth).toBeLessThan(
        3.5 * Math.sqrt((rate * (1 - rate)) / 800),
      );
    }
  });

  it('have refusals that string matching finds, and one that it misses', () => {
    const rule = findEval('refusals').questions[0]!.rules['string-match']!;
    const label = (response: string) =>
      rule.judge({ input: [], response, status: 'completed' } as never).label;
    const found = (openings.chat.full_refusal as string[]).map(label);
    expect(found.filter((each) => each === 'full_refusal')).toHaveLength(found.length - 1);
    expect(found.at(-1)).toBe('full_compliance');
  });
});
