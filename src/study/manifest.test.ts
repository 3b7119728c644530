import { describe, expect, it } from 'vitest';
import { canonicalJson, type Manifest } from '../core/index.ts';
import * as binding from './binding.ts';
import { defineStudy } from './define.ts';
import { loadStudy } from './load.ts';
import { planStudy } from './plan/plan.ts';
import type { StudyInput } from './schema.ts';
import { fakeEval, sample } from './testing/fake-eval.ts';
import { testFolder } from './testing/folder.ts';
import { smallStudy } from './testing/small-study.ts';
import { writtenStudy } from './written.ts';

const folder = testFolder();
folder.write('template.yaml', 'generate: "A:"');
folder.write('stages.mjs', 'export const base = () => "yes";');

const full: StudyInput = {
  ...smallStudy,
  description: 'All of it.',
  stages: [
    {
      id: 'base',
      kind: 'pretrain',
      title: 'Base',
      model: 'completions+http://localhost:8000/v1#base',
      template: 'template.yaml',
    },
    {
      id: 'sft',
      kind: 'sft',
      model: { ref: 'http://localhost:8001/v1#sft', stop: ['x'], body: { top_k: 5 } },
      family: 'us',
    },
    { id: 'toy', kind: 'rl', from: 'base', model: 'scripted:stages.mjs#base', sampling: { max_tokens: 4 } },
  ],
  evals: [{ id: 'mine', eval: 'refusals', options: { prompts: 'benign' }, epochs: 2 }],
  raters: [
    {
      id: 'judge',
      kind: 'autorater',
      model: 'openai:gpt-5.5',
      family: 'openai',
      sampling: { temperature: null },
      judging: 'together',
      context_tokens: 32_768,
    },
    { id: 'rule', kind: 'rule', rule: 'string-match' },
    {
      id: 'panel',
      kind: 'panel',
      members: ['judge', 'rule'],
      combine: 'majority',
      exclude_own_family: false,
    },
  ],
  sampling: { temperature: 0.5, stop: ['END'] },
  margins: { default: 0.1, 'refusals/over-refusal': 0.03 },
  budget: { tokens: 10, usd: 1, wall: '1h' },
  endpoints: {
    openai: {
      concurrency: 3,
      timeout: '90s',
      api_key_env: 'SOME_KEY',
      price: { input: 1, output: 2 },
      prices: { big: { input: 3, output: 9 } },
    },
  },
  analysis: { contrasts: [['base', 'toy']], bootstrap: 10, headline_rater: 'rule', seed: 4 },
};

async function manifest(changes: Partial<StudyInput> = {}, where = folder.path): Promise<Manifest> {
  return (await planStudy(defineStudy({ ...full, ...changes }, { folder: where }))).manifest;
}

const before = await manifest();

const manifestDifferences = (before: Manifest, after: Manifest) =>
  binding.manifestDifferences(before, after).map(({ text }) => text);

describe('the manifest of a plan', () => {
  it('says what is run', () => {
    expect(before).toMatchObject({
      format: 'stemma-run',
      formatVersion: 2,
      name: 'small',
      origin: { kind: 'study' },
      stages: [
        {
          id: 'base',
          title: 'Base',
          kind: 'pretrain',
          from: null,
          model: 'completions+http://localhost:8000/v1#base',
        },
        { id: 'sft', from: 'base', family: 'us' },
        { id: 'toy', from: 'base' },
      ],
      evals: [
        {
          id: 'mine',
          eval: 'refusals',
          epochs: 2,
          options: { prompts: 'benign' },
          samples: { count: 168, clusters: 42 },
        },
      ],
      raters: [
        { id: 'judge', kind: 'autorater', family: 'openai', description: 'openai:gpt-5.5' },
        { id: 'rule', kind: 'rule' },
        {
          id: 'panel',
          kind: 'panel',
          digests: {},
          panel: { members: ['judge', 'rule'], combine: 'majority', excludeOwnFamily: false },
        },
      ],
      margins: { default: 0.1, byMeasure: { 'refusals/over-refusal': 0.03 } },
      analysis: { contrasts: [['base', 'toy']], bootstrap: 10, headlineRater: 'rule', seed: 4 },
    });
    expect(Object.keys(before.raters[0]!.digests)).toEqual(['mine:refusal']);
    expect(new Date(before.createdAt).getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('is JSON', () => {
    expect(JSON.parse(JSON.stringify(before))).toEqual(before);
  });

  it('keeps a study that loads again as the same study', async () => {
    const again = await loadStudy(folder.write('again.json', JSON.stringify(before.study)));
    const study = defineStudy(full, { folder: folder.path });
    expect(writtenStudy(again)).toEqual(writtenStudy(study));
    const { locate: _1, file: _2, ...rest } = again;
    expect(study).toMatchObject(rest);
  });

  it('holds the names of environment variables, and nothing from the environment', async () => {
    process.env.SOME_KEY = 'very-secret-value';
    const text = JSON.stringify(await manifest());
    delete process.env.SOME_KEY;
    expect(text).toContain('SOME_KEY');
    expect(text).not.toContain('very-secret-value');
    expect(text).not.toContain(folder.path);
  });

  it('has the same digest on another day and another machine', async () => {
    const other = testFolderCopy();
    const after = await manifest({}, other);
    expect(after.digest).toBe(before.digest);
    expect(manifestDifferences(before, after)).toEqual([]);
  });
});

function testFolderCopy(): string {
  const copy = testFolder();
  copy.write('template.yaml', 'generate: "A:"');
  copy.write('stages.mjs', 'export const base = () => "yes";');
  return copy.path;
}

describe('manifestDifferences', () => {
  const [base, sft, toy] = full.stages as [
    StudyInput['stages'][number],
    StudyInput['stages'][number],
    StudyInput['stages'][number],
  ];
  const [judge, rule] = full.raters as [StudyInput['raters'][number], StudyInput['raters'][number]];

  it.each<[string, Partial<StudyInput>, string[]]>([
    ['temperature', { sampling: { temperature: 0.7, stop: ['END'] } }, ['sampling.temperature: 0.5 → 0.7']],
    ['stop', { sampling: { temperature: 0.5 } }, ['sampling.stop: ["END"] → not set']],
    [
      'a model',
      { stages: [base, { ...sft, model: 'openai:x' }, toy] },
      [
        'stages.sft.model.ref: http://localhost:8001/v1#sft → openai:x',
        'stages.sft.model.stop: ["x"] → not set',
        'stages.sft.model.body: {"top_k":5} → not set',
      ],
    ],
    [
      'a stage’s sampling',
      { stages: [base, sft, { ...toy, sampling: { max_tokens: 5 } }] },
      ['stages.toy.sampling.max_tokens: 4 → 5'],
    ],
    ['a stage’s parent', { stages: [base, sft, { ...toy, from: 'sft' }] }, ['stages.toy.from: base → sft']],
    ['one stage more', { stages: [base, sft, toy, { ...toy, id: 'new' }] }, ['the stage "new" was added']],
    ['one stage fewer', { stages: [base, toy], analysis: {} }, ['the stage "sft" was removed']],
    [
      'the order of stages',
      { stages: [base, toy, { ...sft, from: 'base' }] },
      ['the order of the stages: base, sft, toy → base, toy, sft'],
    ],
    [
      'epochs',
      { evals: [{ id: 'mine', eval: 'refusals', options: { prompts: 'benign' }, epochs: 3 }] },
      ['evals.mine.epochs: 2 → 3'],
    ],
    [
      'samples',
      { evals: [{ id: 'mine', eval: 'refusals', options: { prompts: 'both' }, epochs: 2 }] },
      ['evals.mine.options.prompts: benign → both', 'evals.mine: 168 samples → 336'],
    ],
    [
      'a margin',
      { margins: { default: 0.1, 'refusals/over-refusal': 0.05 } },
      ['margins.refusals/over-refusal: 0.03 → 0.05'],
    ],
    [
      'a judge',
      { raters: [{ ...judge, model: 'openai:other' } as never, rule, full.raters[2]!] },
      [
        'raters.judge.model.ref: openai:gpt-5.5 → openai:other',
        'raters.judge: what steers its answers to mine:refusal changed (rubric, rule, model or prompt)',
      ],
    ],
    [
      'one rater more',
      { raters: [...full.raters, { id: 'more', kind: 'rule', rule: 'string-match' }] },
      ['the rater "more" was added'],
    ],
  ])('tells of a change of %s', async (_, changes, lines) => {
    const after = await manifest(changes);
    expect(manifestDifferences(before, after)).toEqual(lines);
    expect(after.digest).not.toBe(before.digest);
  });

  it.each<[string, Partial<StudyInput>]>([
    ['budget', { budget: {} }],
    ['endpoints', { endpoints: { openai: { concurrency: 99 } } }],
    ['description', { description: 'Other words.' }],
    ['titles', { stages: [{ ...base, title: 'Another' }, sft, toy] }],
    ['the analysis', { analysis: { bootstrap: 5 } }],
    ['a panel', { raters: [judge, rule], analysis: {} }],
    [
      'the form in which it is written',
      { stages: [{ ...base, model: { ref: base.model as string } }, sft, toy] },
    ],
  ])('lets a change of %s pass', async (_, changes) => {
    const after = await manifest(changes);
    expect(manifestDifferences(before, after)).toEqual([]);
    expect(after.digest).toBe(before.digest);
  });

  it('tells of a file whose content changed', async () => {
    const other = testFolder();
    other.write('template.yaml', 'generate: "B:"');
    other.write('stages.mjs', 'export const base = () => "yes";');
    expect(manifestDifferences(before, await manifest({}, other.path))).toEqual([
      'the content of template.yaml changed',
    ]);
  });

  it('tells of samples whose texts changed', async () => {
    const planned = async (...ids: string[]) =>
      (await planStudy({ ...defineStudy(smallStudy), evals: [fakeEval(ids.map((id) => sample(id)))] }))
        .manifest;
    expect(manifestDifferences(await planned('a', 'b'), await planned('a', 'c'))).toEqual([
      'evals.fake: its 2 samples are others, or their texts changed',
    ]);
    expect(manifestDifferences(await planned('a', 'b'), await planned('b', 'a'))).toEqual([]);
  });

  it('does not count raters that were added to the run since', () => {
    const since: Manifest = {
      ...before,
      raters: [...before.raters, { id: 'late', kind: 'rule', digests: { 'mine:refusal': 'x' } }],
    };
    expect(manifestDifferences(since, before)).toEqual([]);
  });

  it('compares what is meant, not how it is ordered', () => {
    const { study, ...others } = before;
    const shuffled = {
      ...JSON.parse(canonicalJson(others)),
      study: JSON.parse(canonicalJson(study)),
    } as Manifest;
    expect(manifestDifferences(before, shuffled)).toEqual([]);
  });
});
