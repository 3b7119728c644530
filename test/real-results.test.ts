import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readTable } from '../src/files/index.ts';
import { openRun } from '../src/records/index.ts';
import { stemma } from './stemma-process.ts';

/* Files that other tools themselves wrote: beside each is what made it. */

const base = mkdtempSync(join(tmpdir(), 'stemma-results-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const file = (name: string) => fileURLToPath(new URL(`./results/${name}`, import.meta.url));

/** Of a run that the command line made of these words: each rating, by stage. */
async function imported(name: string, ...words: string[]) {
  const folder = join(base, name);
  const { code, stderr } = await stemma('import', ...words, '--into', folder).ended;
  expect(code, stderr).toBe(0);
  await using run = await openRun(folder);
  const ratings = [];
  for await (const { key, measure, rater, value, status } of run.ratings()) {
    const { trial } = (await run.transcript(key))!;
    ratings.push({ ...trial, measure, rater, value, status });
  }
  return { manifest: run.manifest, ratings };
}

describe('AlpacaEval 0.6.6', () => {
  it.each(['alpaca_eval_gpt4', 'weighted_alpaca_eval_gpt4_turbo'])(
    '%s: the mean of each model is the win rate that its own leaderboard has',
    async (annotator) => {
      const models = ['made-up-sft', 'made-up-dpo'];
      const files = models.map((model) => file(`alpaca-eval/${model}-${annotator}-annotations.json`));
      const { manifest, ratings } = await imported(
        annotator,
        'json',
        ...files,
        '--map',
        'alpaca-eval',
        '--chain',
        models.join(),
      );
      expect(manifest.stages).toMatchObject([{ id: models[0] }, { id: models[1], from: models[0] }]);
      expect(new Set(ratings.map(({ rater }) => rater))).toEqual(new Set([annotator]));
      for (const model of models) {
        const own = ratings.filter(({ stage }) => stage === model);
        expect(own).toHaveLength(4);
        const values = own.flatMap(({ value }) => (value === null ? [] : [value]));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        for await (const { row } of readTable(file(`alpaca-eval/${model}-${annotator}-leaderboard.csv`))) {
          expect(values).toHaveLength(Number(row.n_total));
          expect(100 * mean).toBeCloseTo(Number(row.win_rate), 8);
        }
      }
    },
  );
});

describe('promptfoo 0.123.1', () => {
  const STAGES = ['--chain', 'sft,rl'];

  it('JSON: as many passed, failed and erred as its own statistics have, by provider', async () => {
    const path = file('promptfoo/results.json');
    const { results } = JSON.parse(readFileSync(path, 'utf8'));
    const { manifest, ratings } = await imported('promptfoo', 'json', path, '--map', 'promptfoo', ...STAGES);
    // A provider without a label is called by its id.
    expect(manifest.stages.map(({ id, from }) => [id, from])).toEqual([
      ['sft', null],
      ['rl', 'sft'],
      ['echo', null],
    ]);
    const passes = ratings.filter(({ measure }) => measure === 'promptfoo/pass');
    const count = (value: number | null) => passes.filter((rating) => rating.value === value).length;
    expect({ successes: count(1), failures: count(0), errors: count(null) }).toEqual({
      successes: results.stats.successes,
      failures: results.stats.failures,
      errors: results.stats.errors,
    });
    const prompts = results.prompts as { provider: string; metrics: { score: number } }[];
    const total = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);
    for (const { id } of manifest.stages) {
      const scores = ratings.filter(({ stage, measure }) => stage === id && measure === 'promptfoo/score');
      expect(scores).toHaveLength(4);
      const own = prompts.filter(({ provider }) => provider === id);
      expect(total(scores.map(({ value }) => value ?? 0))).toBe(
        total(own.map(({ metrics }) => metrics.score)),
      );
    }
  });

  it('lines of JSON, of tests that were repeated: repetitions are of one cluster', async () => {
    const path = file('promptfoo/repeated.jsonl');
    const { manifest, ratings } = await imported('repeated', 'jsonl', path, '--map', 'promptfoo', ...STAGES);
    expect(manifest.evals[0]!.samples).toMatchObject({ count: 4, clusters: 2 });
    expect(ratings).toHaveLength(24);
  });

  it('CSV, with the same columns for each provider, is refused', async () => {
    const path = join(base, 'results.csv');
    writeFileSync(path, 'question,[sft] {{question}},Status,[rl] {{question}},Status\nA?,a,PASS,b,FAIL\n');
    const { code, stderr } = await stemma(
      'import',
      'csv',
      path,
      '--map',
      'promptfoo',
      '--into',
      join(base, 'csv'),
    ).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('only JSON has rows');
  });
});
