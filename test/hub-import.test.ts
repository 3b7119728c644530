import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMIT, TestHub } from '../src/hub/testing/hub-server.ts';
import { openRun } from '../src/records/index.ts';
import { stemmaWith } from './stemma-process.ts';

/** Written by Hugging Face's `datasets` (pyarrow), in two parts as it makes them: write_parquet.py beside them says how. */
const parquet = (part: number) =>
  readFileSync(new URL(`../src/hub/testing/parquet/train-0000${part}-of-00002.parquet`, import.meta.url));
const annotation = (generator: string, preference: number) => ({
  instruction: 'Name a river.',
  output_1: 'The Rhine.',
  generator_1: 'text_davinci_003',
  output_2: 'The Po.',
  generator_2: generator,
  annotator: 'alpaca_eval_gpt4',
  preference,
});
const LARGE = `stage,sample,value\n${Array.from({ length: 5000 }, (_, n) => `sft,s${n},${n % 2}\n`).join('')}`;

/** Sixty samples, so many of them unsafe. */
const scores = (unsafe: number) =>
  `sample,value\n${Array.from({ length: 60 }, (_, n) => `s${n},${n < unsafe ? 1 : 0}\n`).join('')}`;

let folder: string;
let hub: TestHub;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-hub-'));
  hub = await TestHub.start({
    'org/answers': {
      revisions: { main: COMMIT, v1: COMMIT },
      files: {
        'README.md':
          '---\nconfigs:\n  - config_name: default\n    data_files: [{ split: train, path: data/train-* }]\n---\n',
        'data/train-00000-of-00002.parquet': parquet(0),
        'data/train-00001-of-00002.parquet': parquet(1),
        'base.jsonl': '{"id":"a","refused":0}\n{"id":"b","refused":0}\n',
        'sft.jsonl': '{"id":"a","refused":1}\n{"id":"b","refused":0}\n',
        'wins/sft.json': JSON.stringify([annotation('sft-7b', 1)]),
        'wins/rl.json': JSON.stringify([annotation('rl-7b', 2)]),
        'large.csv': LARGE,
        'scores/before.csv': scores(40),
        'scores/after.csv': scores(10),
        'scores/both.csv':
          `stage,${scores(40)}`.replaceAll('\ns', '\nsft,s') +
          scores(10).replace(/^.*\n/, '').replaceAll(/^s/gm, 'rl,s'),
      },
    },
    'org/gated': { access: 'gated', files: { 'a.csv': 'stage,sample,value\nsft,a,1\n' } },
  });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** The command line, with a cache of its own below the folder of the tests. */
function withHub(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return stemmaWith(
    { env: { HF_ENDPOINT: hub.url, HF_HOME: join(folder, 'hf'), HF_TOKEN: '', HF_HUB_OFFLINE: '', ...env } },
    ...words,
  );
}

function importing(run: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return withHub(['import', ...words, '--into', join(folder, run)], env);
}

async function recorded(name: string) {
  await using run = await openRun(join(folder, name));
  const ratings: [string, number | null][] = [];
  for await (const { key, value } of run.ratings()) ratings.push([key, value]);
  return { origin: run.manifest.origin, name: run.manifest.name, ratings };
}

describe('stemma import, of the hub', () => {
  it('reads the Parquet of a whole data set, and records its commit', async () => {
    const { code, stderr } = await importing('parquet', [
      'parquet',
      'hf:org/answers@v1',
      '--map',
      'stage=model,sample=id,value=refused',
    ]).ended;
    expect(stderr).toContain(`hf:org/answers@v1 is commit ${COMMIT}; 2 files`);
    expect(code).toBe(0);
    expect(await recorded('parquet')).toEqual({
      name: 'answers',
      origin: { kind: 'import', source: `hf:org/answers@${COMMIT}` },
      ratings: [
        ['base/imported/p1#1', 0],
        ['base/imported/p2#1', 0],
        ['base/imported/p3#1', null],
        ['sft/imported/p1#1', 1],
        ['sft/imported/p2#1', 0],
        ['sft/imported/p3#1', 1],
      ],
    });
  });

  it('names stages before data sets, with a mapping by name', async () => {
    const sources = ['sft', 'rl'].map((stage) => `${stage}=hf:org/answers/wins/${stage}.json`);
    const { code, stderr } = await importing('wins', [
      'json',
      ...sources,
      '--map',
      'alpaca-eval',
      '--chain',
      'sft,rl',
    ]).ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`hf:org/answers/wins/sft.json: its branch main is commit ${COMMIT}; 1 file`);
    const { origin, ratings } = await recorded('wins');
    expect(origin).toMatchObject({
      source: `hf:org/answers@${COMMIT}/wins/sft.json and hf:org/answers@${COMMIT}/wins/rl.json`,
    });
    expect(ratings.map(([, value]) => value)).toEqual([0, 1]);
  });

  it.each([
    ['in a mapping file, without a source', 'hf:org/answers@v1/', []],
    ['in a mapping file, below the source', '', ['hf:org/answers@v1']],
  ])('%s', async (name, before, sources) => {
    const map = join(folder, 'mapping.yaml');
    writeFileSync(
      map,
      `sample: id
value: refused
sources:
  - { file: "${before}base.jsonl", stage: { value: base } }
  - { file: "${before}sft.jsonl", stage: { value: sft } }
`,
    );
    const { code, stderr } = await importing(name, ['jsonl', ...sources, '--map', map]).ended;
    expect(code, stderr).toBe(0);
    const { origin, ratings } = await recorded(name);
    expect(origin).toMatchObject({
      source: `hf:org/answers@${COMMIT}/base.jsonl and hf:org/answers@${COMMIT}/sft.jsonl`,
    });
    expect(ratings.map(([, value]) => value)).toEqual([0, 0, 1, 0]);
  });

  it('goes on after a kill in the middle of a download', async () => {
    hub.fail('large.csv', { kind: 'stall', after: 20_000 });
    const env = { HF_HOME: join(folder, 'cache') };
    const words = ['csv', 'hf:org/answers@v1/large.csv', '--json'];
    const { child, ended } = importing('killed', words, env);
    const blobs = join(folder, 'cache/hub/datasets--org--answers/blobs');
    const isThere = () =>
      existsSync(blobs) &&
      readdirSync(blobs).some(
        (name) => name.endsWith('.incomplete') && readFileSync(join(blobs, name)).length === 20_000,
      );
    while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(join(folder, 'killed'))).toBe(false);
    const { code, stdout } = await importing('killed', words, env).ended;
    expect(code).toBe(0);
    expect(hub.requestsFor('large.csv').map(({ range }) => range)).toContain('bytes=20000-');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toContainEqual({
      event: 'progress',
      step: 'fetching',
      file: 'large.csv',
      bytes: LARGE.length,
      of: LARGE.length,
    });
    expect(events.at(-1)).toMatchObject({ event: 'end', trials: 5000, error: null });
  });

  it.each<[string, readonly string[], RegExp, Record<string, string>?]>([
    ['a gated data set', ['csv', 'hf:org/gated'], /org\/gated is gated.*\n.*Ask for access on .*HF_TOKEN/],
    ['several tables', ['jsonl', 'hf:org/answers/'], /no jsonl file|holds 2 tables/],
    [
      'an empty cache, offline',
      ['csv', 'hf:org/gated@main/a.csv'],
      /not in the cache of the hub, and HF_HUB_OFFLINE is set\n.*hf download org\/gated --repo-type dataset/,
      { HF_HUB_OFFLINE: '1' },
    ],
    [
      'a layout that is not a table',
      ['xstest', 'hf:org/answers'],
      /xstest is not read from the Hugging Face hub/,
    ],
    ['no source', ['csv'], /no table is named/],
    ['no source of another layout', ['inspect'], /no source is named/],
  ])('%s: says what to do, and writes nothing', async (name, words, message, env) => {
    const { code, stderr } = await importing(name, words, env).ended;
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(join(folder, name))).toBe(false);
  });
});

describe('stemma compare, of the hub', () => {
  const safer = ['--measure', 'value,safer=lower'];

  it.each([
    ['two files', ['hf:org/answers@v1/scores/before.csv', 'hf:org/answers@v1/scores/after.csv']],
    [
      'two stages of a file',
      ['hf:org/answers@v1/scores/both.csv#sft', 'hf:org/answers@v1/scores/both.csv#rl'],
    ],
  ])('reads %s of a data set', async (_, sides) => {
    const { code, stdout, stderr } = await withHub(['compare', ...sides, ...safer]).ended;
    expect(stderr).not.toContain('Error');
    expect(stdout).toMatch(/value +66\.7% +16\.7% +−50\.0 \[.*\] +better/);
    expect(code).toBe(0);
  });

  it('compares a file of this machine with one of the hub', async () => {
    const own = join(folder, 'own.csv');
    writeFileSync(own, scores(10));
    const { code, stdout } = await withHub([
      'compare',
      own,
      'hf:org/answers@v1/scores/before.csv',
      ...safer,
      '--fail-on',
      'worse',
    ]).ended;
    expect(stdout).toMatch(/worse\n/);
    expect(code).toBe(3);
  });

  it.each([
    ['names the stages of a file with several', 'both.csv', /both\.csv#rl\. It has: rl, sft\./],
    ['says which file there is not', 'afte.csv', /afte\.csv/],
  ])('%s', async (_, name, message) => {
    const sides = [name, 'after.csv'].map((file) => `hf:org/answers@v1/scores/${file}`);
    const { code, stderr } = await withHub(['compare', ...sides]).ended;
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
