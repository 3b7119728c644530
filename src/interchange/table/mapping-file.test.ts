import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { temporaryFolder, trialsOf } from '../../evals/testing/published.ts';
import { sharedData } from '../../evals/testing/shared-data.ts';
import { makeFindings } from '../../findings/index.ts';
import { publishedRun } from '../../findings/testing/published-run.ts';
import { importTable } from './import.ts';
import { parseMapping } from './mapping.ts';

async function imported(mapping: string, files: Readonly<Record<string, string>>, source: string) {
  using folder = temporaryFolder({ 'mapping.yaml': mapping, ...files });
  const results = await importTable(join(folder.path, source), {
    mapping: parseMapping(join(folder.path, 'mapping.yaml')),
  });
  return { results, trials: await trialsOf(results) };
}

function values(trials: Awaited<ReturnType<typeof imported>>['trials']) {
  return trials.map(({ transcript, ratings }) => [
    transcript.key,
    ...ratings.map(({ measure, rater, value }) => `${measure} ${rater} ${value}`),
  ]);
}

describe('a mapping file', () => {
  test('names columns of nested JSON, constants, several columns, names for values, and what is derived', async () => {
    const mapping = `
eval: judged
stage: { value: sft }
sample: [id, turn]
cluster: meta.topic
rater: { value: human-1 }
response: outputs.0.text
label: { column: verdict, values: { "1": bad, "0": good } }
measures:
  bad: { value: { derive: parsed.score >= 4 }, safer: lower, margin: 0.1 }
  score: { value: parsed.score, kind: score, range: [0, 10] }
stages:
  sft: { kind: sft, title: After SFT }
raters:
  human-1: { title: The author }
`;
    const rows = [
      {
        id: 'a',
        turn: 1,
        meta: { topic: 't' },
        parsed: { score: 5 },
        outputs: [{ text: 'hello' }],
        verdict: 1,
      },
      { id: 'a', turn: 2, meta: { topic: 't' }, parsed: {}, outputs: [{ text: 'ho' }], verdict: 0 },
    ];
    const { results, trials } = await imported(
      mapping,
      { 'x.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') },
      'x.jsonl',
    );
    expect(results).toMatchObject({
      stages: [{ id: 'sft', kind: 'sft', title: 'After SFT' }],
      raters: [{ id: 'human-1', kind: 'human', title: 'The author' }],
      margins: { byMeasure: { 'judged/bad': 0.1 } },
    });
    expect(results.evals[0]).toMatchObject({
      id: 'judged',
      measures: [
        { id: 'judged/bad', kind: 'rate', safer: 'lower' },
        { id: 'judged/score', kind: 'score', range: [0, 10] },
      ],
    });
    expect(values(trials)).toEqual([
      ['sft/judged/a / 1#1', 'judged/bad human-1 1', 'judged/score human-1 5'],
      ['sft/judged/a / 2#1', 'judged/bad human-1 null', 'judged/score human-1 null'],
    ]);
    expect(trials[0]).toMatchObject({
      transcript: { cluster: 't', response: 'hello' },
      ratings: [{ label: 'bad' }, { label: 'bad' }],
    });
  });

  test('reads one file per model, filters rows, and makes a chain with branches', async () => {
    const mapping = `
sources:
  - { file: base.csv, stage: { value: base } }
  - { file: sft.csv, stage: { value: sft } }
  - { file: more/rl.csv, where: 'kept != "no"' }
stage: $file
where: split == "test"
value: refused
stages:
  sft: { from: base, kind: sft, factors: { data: clean } }
  rl: { from: sft, kind: rl }
`;
    const header = 'sample,split,kept,refused\n';
    const { results, trials } = await imported(
      mapping,
      {
        'base.csv': `${header}1,test,yes,0\n2,train,yes,0\n`,
        'sft.csv': `${header}1,test,yes,1\n`,
        'more/rl.csv': `${header}1,test,yes,1\n3,test,no,1\n`,
      },
      '.',
    );
    expect(results.stages).toMatchObject([
      { id: 'base', from: null },
      { id: 'sft', from: 'base', kind: 'sft', factors: { data: 'clean' } },
      { id: 'rl', from: 'sft', kind: 'rl' },
    ]);
    expect(results.analysis).toEqual({ contrasts: 'chain' });
    expect(values(trials)).toEqual([
      ['base/imported/1#1', 'imported/refused published 0'],
      ['sft/imported/1#1', 'imported/refused published 1'],
      ['rl/imported/1#1', 'imported/refused published 1'],
    ]);
  });

  test('and the command line can each say a part of a measure', async () => {
    using folder = temporaryFolder({ 'x.csv': 'stage,sample,turns\na,1,3\nb,1,5\n' });
    const turns = { name: 'turns', kind: 'score', range: [0, 10], safer: 'lower', margin: 2 } as const;
    const results = await importTable(join(folder.path, 'x.csv'), {
      mapping: { columns: {}, measures: [{ ...turns, fields: { value: 'turns' } }] },
      measures: [{ name: 'turns', margin: 0.5 }],
    });
    expect(results.evals[0]!.measures).toMatchObject([{ kind: 'score', range: [0, 10], safer: 'lower' }]);
    expect(results.margins!.byMeasure).toEqual({ 'imported/turns': 0.5 });
  });

  test('takes one column per model, and words as values', async () => {
    const { trials } = await imported(
      'sample: q\nsources:\n' +
        ['base', 'sft']
          .map(
            (name) =>
              `  - { file: wide.csv, stage: { value: ${name} }, value: { column: ${name}, values: { pass: 1, fail: 0 } } }\n`,
          )
          .join(''),
      { 'wide.csv': 'q,base,sft\n1,fail,pass\n2,pass,-\n' },
      '.',
    );
    expect(values(trials)).toEqual([
      ['base/imported/1#1', 'imported/value published 0'],
      ['base/imported/2#1', 'imported/value published 1'],
      ['sft/imported/1#1', 'imported/value published 1'],
      ['sft/imported/2#1', 'imported/value published null'],
    ]);
  });

  test('of responses without values gives transcripts, and says what to do', async () => {
    const { results, trials } = await imported(
      'stage: model\nsample: id\nresponse: text\n',
      { 'x.csv': 'model,id,text\na,1,hi\nb,1,ho\n' },
      'x.csv',
    );
    expect(results.evals[0]!.measures).toEqual([]);
    expect(results.notes).toEqual([expect.stringContaining('stemma rate')]);
    expect(trials).toMatchObject([{ transcript: { response: 'hi' }, ratings: [] }, { ratings: [] }]);
  });

  test.each<[string, string, RegExp]>([
    [
      'an expression that cannot be read',
      'stage: model\nwhere: a >\n',
      /mapping\.yaml:2:\d+: where: something is missing at the end, at character/,
    ],
    [
      'a function that is not there',
      'measures:\n  x:\n    value: { derive: maxx(1) }\n',
      /:3:\d+: measures\.x\.value\.derive: .*did you mean "max"/,
    ],
    [
      'a field with an unknown key',
      'value: v\nrater: { colum: j }\n',
      /:2:8: rater: a map with the key "colum" fits none of the forms/,
    ],
    [
      'a field with two forms at once',
      'value: v\nrater: { column: j, value: x }\n',
      /a map with the keys "column", "value" fits none of the forms/,
    ],
    ['a field with no key', 'value: v\nrater: {}\n', /rater: a map with no key fits none of the forms/],
    [
      'names for values that are a list',
      'value: v\nrater: { column: j, values: [a] }\n',
      /:2:\d+: rater\.values: must be a map of keys, not a list/,
    ],
    ['an expression that is a number', 'value: { derive: 3 }\n', /value\.derive: must be text, not 3/],
    [
      'a measure beside measures',
      'measure: m\nmeasures:\n  x: { value: x }\n',
      /mapping\.yaml:1:\d+: measure: each row has the measures that "measures" names/,
    ],
    ['no measure under measures', 'measures: {}\n', /mapping\.yaml:1:11: measures: names no measure/],
    ...['measures', 'stages', 'raters', 'metadata'].map((key): [string, string, RegExp] => [
      `a key __proto__ under ${key}`,
      `value: v\n${key}: { __proto__: {} }\n`,
      /mapping\.yaml:2:\d+: no key can be called "__proto__"/,
    ]),
    [
      'a margin as wide as a rate',
      'measures:\n  v: { margin: 5 }\n',
      /margin of 5 spans the whole range.*\n.*5 points are 0\.05/,
    ],
    [
      'a margin as wide as its score',
      'measures:\n  v: { kind: score, range: [0, 2], margin: 2 }\n',
      /margin of 2 spans/,
    ],
    ['a key that is not there', 'stage: model\nsampel: id\n', /:2:1: sampel: unknown key.*\n.*"sample"/],
    [
      'a range upside down',
      'measures:\n  x: { range: [2, 1] }\n',
      /:2:\d+: measures\.x\.range: the lower end/,
    ],
    [
      'a rate of another range',
      'measures:\n  x: { kind: rate, range: [0, 2] }\n',
      /a rate lies between 0 and 1/,
    ],
    ['a stage that is not there', 'value: v\nstages:\n  c: { from: a }\n', /the mapping names the stage "c"/],
    ['a rater that is not there', 'value: v\nraters:\n  me: {}\n', /the mapping names the rater "me"/],
    ['a column that is not there', 'value: v\nwhere: w2 > 1\n', /x\.csv: there is no column "w2"/],
    ['a where that leaves nothing', 'value: v\nwhere: v > 7\n', /no row of this table is left by `where`/],
    [
      'sources without a folder',
      'value: v\nsources: [{ file: a.csv }]\n',
      /must be the folder that they are in/,
    ],
  ])('with %s is an error with its place', async (_, mapping, message) => {
    const error: unknown = await imported(
      mapping,
      { 'x.csv': 'stage,sample,v\na,1,1\nb,1,0\n' },
      'x.csv',
    ).catch((error) => error);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toMatch(message);
  });
});

const published = sharedData('published');

/** The findings by a mapping file of examples/instructgpt. */
async function publishedFindings(file: string, mapping: string) {
  const path = fileURLToPath(new URL(`../../../examples/instructgpt/${mapping}`, import.meta.url));
  const results = await importTable(join(published.path, file), { mapping: parseMapping(path) });
  return await makeFindings(await publishedRun(results));
}

describe.skipIf(published.skipped !== '')(`published tables with a chain${published.skipped}`, () => {
  test('TruthfulQA: SFT and RL shared the gain in truth, RL brought truth and information together', async () => {
    const found = await publishedFindings('truthful_qa_samples.csv', 'truthful-qa.yaml');
    const measure = (id: string) => found.measures.find((one) => one.id === `truthful-qa/${id}`)!;
    const estimates = (id: string) =>
      measure(id).stages.map(({ id, estimate }) => [id, estimate?.toFixed(3)]);
    expect(estimates('truthful')).toEqual([
      ['gpt', '0.239'],
      ['sft', '0.501'],
      ['ppo-noptx', '0.734'],
      ['ppo-ptx', '0.634'],
    ]);
    expect(estimates('true-and-informative').slice(0, 3)).toEqual([
      ['gpt', '0.220'],
      ['sft', '0.280'],
      ['ppo-noptx', '0.730'],
    ]);
    const shares = (id: string) => measure(id).shares!.parts.map(({ share }) => Math.round(100 * share!));
    expect(shares('truthful')).toEqual([53, 47]);
    expect(shares('true-and-informative')).toEqual([12, 88]);
  });

  test('toxicity: RL raised it under the biased prompt', async () => {
    const found = await publishedFindings('real_toxicity_samples.csv', 'toxicity.yaml');
    const { contrasts } = found.measures[0]!;
    const change = (from: string, to: string) => contrasts.find((one) => one.from === from && one.to === to)!;
    expect(change('sft', 'ppo-noptx').difference! * 100).toBeCloseTo(17.3, 1);
    expect(change('gpt', 'sft').difference! * 100).toBeCloseTo(-0.5, 1);
  });
});
