import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedData } from '../src/evals/testing/shared-data.ts';
import { readTable } from '../src/files/index.ts';
import { makeFindings } from '../src/findings/index.ts';
import { shippedMappings } from '../src/interchange/index.ts';
import { openRun } from '../src/records/index.ts';
import { stemma } from './stemma-process.ts';

const base = mkdtempSync(join(tmpdir(), 'stemma-mappings-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(base, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return path;
}

/** A run folder that the command line made of these words. */
async function imported(name: string, ...words: string[]): Promise<string> {
  const run = join(base, name);
  const { code, stderr } = await stemma('import', ...words, '--into', run).ended;
  expect(stderr).not.toMatch(/error/i);
  expect(code).toBe(0);
  return run;
}

async function recordsOf(folder: string) {
  await using run = await openRun(folder);
  const trials = [];
  for await (const { key, response } of run.transcripts()) trials.push([key, response]);
  const ratings = [];
  for await (const { key, measure, rater, value, explanation } of run.ratings())
    ratings.push([key, measure, rater, value, explanation ?? null]);
  return { manifest: run.manifest, trials, ratings };
}

/** As `annotations.json` of AlpacaEval has it. */
const annotation = (instruction: string, generator: string, preference: number | null) => ({
  instruction,
  dataset: 'helpful_base',
  generator_1: 'text_davinci_003',
  output_1: 'Of the reference.',
  generator_2: generator,
  output_2: `Of ${generator}.`,
  annotator: 'alpaca_eval_gpt4',
  preference,
});

describe('mappings that stemma ships', () => {
  it('AlpacaEval: a preference becomes a win rate, a draw a half, and no preference is missing', async () => {
    const sft = file('sft.json', [
      annotation('Name a river.', 'alpaca-7b', 1),
      annotation('Name a lake.', 'alpaca-7b', 1.5),
      annotation('Name a sea.', 'alpaca-7b', null),
    ]);
    const ppo = file('ppo.json', [
      annotation('Name a river.', 'alpaca-farm-ppo-human', 2),
      annotation('Name a lake.', 'alpaca-farm-ppo-human', 1.75),
      annotation('Name a sea.', 'alpaca-farm-ppo-human', 0),
    ]);
    const words = ['json', sft, ppo, '--map', 'alpaca-eval', '--chain', 'alpaca-7b,alpaca-farm-ppo-human'];
    const { manifest, trials, ratings } = await recordsOf(await imported('alpaca', ...words));
    expect(manifest.stages).toMatchObject([
      { id: 'alpaca-7b', from: null },
      { id: 'alpaca-farm-ppo-human', from: 'alpaca-7b' },
    ]);
    expect(manifest.evals[0]!.measures).toMatchObject([
      { id: 'alpaca-eval/win-rate', kind: 'score', range: [0, 1], safer: null },
    ]);
    expect(ratings.map(([, , rater, value]) => [rater, value])).toEqual(
      [0, 0.5, null, 1, 0.75, 0.5].map((value) => ['alpaca_eval_gpt4', value]),
    );
    expect(trials[3]).toEqual([
      'alpaca-farm-ppo-human/alpaca-eval/Name a river.#1',
      'Of alpaca-farm-ppo-human.',
    ]);
  });

  it('together with names of stages, a second --map, and stages of a file', async () => {
    const path = file('more.json', [annotation('Name a river.', 'x', 2)]);
    const stages = file('stages.yaml', 'stages:\n  rl: { from: sft, kind: rl }\n');
    const named = await imported(
      'named',
      ...['json', `sft=${path}`, `rl=${path}`, '--map', 'alpaca-eval', '--map', stages],
      ...['--map', 'sample=dataset', '--measure', 'win-rate,margin=0.05'],
    );
    const { manifest, trials } = await recordsOf(named);
    expect(trials.map(([key]) => key)).toEqual([
      'sft/alpaca-eval/helpful_base#1',
      'rl/alpaca-eval/helpful_base#1',
    ]);
    expect(manifest.stages).toMatchObject([{ id: 'sft' }, { id: 'rl', from: 'sft', kind: 'rl' }]);
    const byFile = await imported('by-file', 'json', path, '--map', 'alpaca-eval', '--map', 'stage=$file');
    expect((await recordsOf(byFile)).manifest.stages).toMatchObject([{ id: 'more' }]);
  });

  it('AlpacaEval: win rates against two references are refused', async () => {
    const other = { ...annotation('Name a river.', 'b', 2), generator_1: 'gpt4_turbo' };
    const path = file('two-references.json', [annotation('Name a river.', 'a', 2), other]);
    const run = join(base, 'two-references');
    const { code, stderr } = await stemma('import', 'json', path, '--map', 'alpaca-eval', '--into', run)
      .ended;
    expect(code).not.toBe(0);
    expect(stderr).toContain('reference');
  });

  it("AlpacaEval's outputs are responses without values", async () => {
    const output = { instruction: 'Name a river.', output: 'The Po.', generator: 'sft', dataset: 'koala' };
    const path = file('model_outputs.json', [output]);
    const run = await imported('outputs', 'json', path, '--map', 'alpaca-eval-outputs');
    const { trials, ratings } = await recordsOf(run);
    expect(trials).toEqual([['sft/alpaca-eval/Name a river.#1', 'The Po.']]);
    expect(ratings).toEqual([]);
  });

  it('just-eval: each aspect that a row has is a measure with its reason', async () => {
    const row = (id: number, aspects: Readonly<Record<string, unknown>> | null) => ({
      id,
      input: `Question ${id}`,
      output_cand: `Answer ${id}`,
      generator_cand: 'outputs/sft.json',
      eval_config: { mode: 'score_multi', gpt: 'gpt-4-0314', max_words: -1 },
      parsed_result: aspects,
    });
    const aspect = (score: string) => ({ reason: `It is a ${score}.`, score });
    const path = file('just-eval.json', [
      row(0, { helpfulness: aspect('4'), depth: aspect('N/A') }),
      row(1, { safety: aspect('5'), depth: aspect('2') }),
      row(2, null),
    ]);
    const run = await imported('just-eval', 'json', path, '--map', 'just-eval');
    const { manifest, trials, ratings } = await recordsOf(run);
    expect(trials).toHaveLength(3);
    expect(manifest.evals[0]!.measures).toMatchObject([
      { id: 'just-eval/depth', safer: null, range: [1, 5] },
      { id: 'just-eval/helpfulness', kind: 'score', range: [1, 5], safer: null },
      { id: 'just-eval/safety', kind: 'score', range: [1, 5], safer: 'higher' },
    ]);
    expect(ratings.map(([key, ...rest]) => [String(key).slice(-3), ...rest])).toEqual([
      ['0#1', 'just-eval/helpfulness', 'gpt-4-0314', 4, 'It is a 4.'],
      ['0#1', 'just-eval/depth', 'gpt-4-0314', null, 'It is a N/A.'],
      ['1#1', 'just-eval/depth', 'gpt-4-0314', 2, 'It is a 2.'],
      ['1#1', 'just-eval/safety', 'gpt-4-0314', 5, 'It is a 5.'],
    ]);
  });

  it.each([3, 2])('promptfoo, version %d: what passed, with what score', async (version) => {
    const result = (test: number, label: string, more: object) => ({
      ...(version === 3 ? { promptIdx: 0, testIdx: test, failureReason: 0 } : {}),
      provider: { id: `openai:${label}`, ...(version === 3 ? { label } : {}) },
      prompt: { raw: `Q${test}?`, label: '{{q}}' },
      vars: { q: `Q${test}?` },
      response: { output: `A${test}` },
      ...more,
    });
    const passed = {
      success: true,
      score: 1,
      gradingResult: { pass: true, score: 1, reason: 'All passed' },
      namedScores: {},
    };
    const failed = {
      success: false,
      score: 0.4,
      gradingResult: { pass: false, score: 0.4, reason: 'Too long' },
    };
    const error = { success: false, score: 0, response: undefined, error: 'HTTP 500', failureReason: 2 };
    const path = file(`promptfoo-${version}.json`, {
      evalId: 'eval-1',
      results: {
        version,
        results: [result(0, 'sft', passed), result(1, 'sft', failed), result(0, 'rl', error)],
      },
      config: {},
    });
    const run = await imported(`promptfoo-${version}`, 'json', path, '--map', 'promptfoo');
    const { manifest, trials, ratings } = await recordsOf(run);
    const [sft, rl] = version === 3 ? ['sft', 'rl'] : ['openai-sft', 'openai-rl'];
    const [first, second] = version === 3 ? ['0', '1'] : ['Q0?', 'Q1?'];
    expect(trials).toEqual([
      [`${sft}/promptfoo/${first} / {{q}}#1`, 'A0'],
      [`${sft}/promptfoo/${second} / {{q}}#1`, 'A1'],
      [`${rl}/promptfoo/${first} / {{q}}#1`, null],
    ]);
    expect(manifest.evals[0]!.measures).toMatchObject([
      { id: 'promptfoo/pass', kind: 'rate', safer: null },
      { id: 'promptfoo/score', kind: 'score', safer: null },
    ]);
    expect(ratings.map(([, measure, , value, why]) => [measure, value, why])).toEqual([
      ['promptfoo/pass', 1, 'All passed'],
      ['promptfoo/score', 1, 'All passed'],
      ['promptfoo/pass', 0, 'Too long'],
      ['promptfoo/score', 0.4, 'Too long'],
      ['promptfoo/pass', null, null],
      ['promptfoo/score', null, null],
    ]);
  });

  it('are named by --help, and by the error for a name that is not there', async () => {
    const { stdout } = await stemma('import', '--help').ended;
    for (const name of shippedMappings()) expect(stdout).toContain(name);
    const { code, stderr } = await stemma('import', 'json', 'x.json', '--map', 'alpaca-evl', '--into', 'r')
      .ended;
    expect(code).not.toBe(0);
    expect(stderr).toContain('Did you mean "alpaca-eval"?');
    expect(stderr).toContain('promptfoo');
    const docs = readFileSync(new URL('../docs/import.md', import.meta.url), 'utf8');
    for (const name of shippedMappings()) expect(docs).toContain(`--map ${name} `);
  });
});

const published = sharedData('published');

describe.skipIf(published.skipped !== '')(`published just-eval scores${published.skipped}`, () => {
  it('give the same numbers in the layout that their authors publish', async () => {
    const table = join(published.path, 'just-eval-safety-llama2-7b.csv');
    const files = new Map<string, object[]>();
    for await (const { row } of readTable(table)) {
      const rows = files.get(String(row.stage)) ?? [];
      rows.push({
        id: Number(row.sample),
        input: row.prompt,
        output_cand: row.response,
        generator_cand: `outputs/${row.stage}.json`,
        eval_config: { mode: 'score_safety', gpt: row.rater, max_words: -1 },
        parsed_result:
          row.value === '' ? null : { safety: { reason: row.explanation, score: String(row.value) } },
      });
      files.set(String(row.stage), rows);
    }
    const named = [...files].map(([stage, rows]) => `${stage}=${file(`${stage}.json`, rows)}`);
    const chain = ['--chain', [...files.keys()].join()];
    const declared = ['--measure', 'safety,margin=0.25'];
    const mapped = await imported('mapped', 'json', ...named, '--map', 'just-eval', ...chain, ...declared);
    const plain = await imported(
      ...(['plain', 'csv', table, ...chain] as const),
      ...['--measure', 'value,kind=score,range=1..5,margin=0.25,safer=higher'],
    );
    const differences = async (folder: string) => {
      await using run = await openRun(folder);
      const { measures } = await makeFindings(run);
      return measures[0]!.contrasts.map(({ from, to, difference, interval }) => ({
        from,
        to,
        difference,
        interval,
      }));
    };
    const found = await differences(mapped);
    expect(found).toEqual(await differences(plain));
    expect(found[0]!.difference).toBeCloseTo(0.275, 3);
    expect(found[1]!.difference).toBeCloseTo(0.125, 3);
  });
});
