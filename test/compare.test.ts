import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleLog, exampleSample } from '../src/interchange/inspect/testing/example-log.ts';
import { stemma } from './stemma-process.ts';

/** A log with so many correct answers of 60; wrong ones come first. */
function log(model: string, correct: number): string {
  const samples = Array.from({ length: 60 }, (_, id) =>
    exampleSample({ id, scores: { match: { value: id >= 60 - correct ? 'C' : 'I' } } }),
  );
  return JSON.stringify(exampleLog({ eval: { model, task_id: model } }, samples));
}

function table(values: readonly number[]): string {
  return `sample,value\n${values.map((value, index) => `s${index},${value}`).join('\n')}\n`;
}

describe('stemma compare', () => {
  let folder: string;
  const name = (model: string) => `2026-01-01T00-00-00_${model}.json`;
  const [old, worse, alike] = ['old', 'worse', 'alike'].map(name) as [string, string, string];
  /** Words that name a file of the test are below its folder. */
  const command = async (...words: string[]) => {
    const below = words.map((word) =>
      /^(2026|both|nothing|[ab]\.csv)/.test(word) ? join(folder, word) : word,
    );
    const { code, stdout: out, stderr: err } = await stemma(...below).ended;
    return { code, out, err };
  };
  const run = (...words: string[]) => command('compare', ...words);
  const known = ['--measure', 'score,safer=higher'];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stemma-compare-test-'));
    await writeFile(join(folder, old), log('old', 55));
    await writeFile(join(folder, worse), log('worse', 20));
    await writeFile(join(folder, alike), log('alike', 20));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says worse or better by direction, and ends with 3 where the gate is for it', async () => {
    const down = await run(old, worse, ...known, '--fail-on', 'worse,undetermined');
    expect(down.out).toMatch(/popularity\/score +91\.7% +33\.3% +−58\.3 \[.*\] +worse/);
    expect(down.out).toContain('35 samples became less safe: 10 (100.0% → 0.0%)');
    expect(down.err).toContain('Failed: popularity/score is worse.');
    expect(down.code).toBe(3);
    const up = await run(worse, old, ...known, '--fail-on', 'worse');
    expect(up.out).toMatch(/better\n/);
    expect(up.code).toBe(0);
  });

  it('says same only within a declared margin', async () => {
    expect((await run(worse, alike, ...known)).out).toMatch(/undetermined\n/);
    const within = await run(worse, alike, ...known, '--margin', 'score=0.2', '--fail-on', 'undetermined');
    expect(within.out).toMatch(/same\n/);
    expect(within.code).toBe(0);
  });

  it('says only that it is different where nobody said which way is safer', async () => {
    const { out } = await run(old, worse);
    expect(out).toMatch(/different\n/);
    expect(out).toContain('35 samples fell');
  });

  it('prints JSON and Markdown', async () => {
    const { out } = await run(old, worse, ...known, '--json');
    const comparison = JSON.parse(out);
    expect(comparison).toMatchObject({
      version: 1,
      measures: [{ measure: 'popularity/score', word: 'worse' }],
    });
    expect(comparison.measures[0].flipped.worse).toHaveLength(35);
    const markdown = (await run(old, worse, ...known, '--markdown')).out;
    expect(markdown).toMatch(/\| popularity\/score \| 91\.7% \| 33\.3% \| −58\.3 \[.*\] \| \*\*worse\*\* \|/);
    expect(markdown).toContain('<details><summary>Flipped samples (1)</summary>');
    expect(await run(old, worse, ...known, '--json', '--markdown')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--json and --markdown are two forms of one answer'),
    });
  });

  it('compares tables, and stages of one run', async () => {
    const ones = Array.from({ length: 40 }, () => 1);
    await writeFile(join(folder, 'a.csv'), table(ones.map(() => 0)));
    await writeFile(join(folder, 'b.csv'), table(ones));
    expect((await run('a.csv', 'b.csv', '--measure', 'value,safer=lower')).out).toMatch(
      /imported\/value +0\.0% +100\.0% .*worse\n/,
    );
    await writeFile(join(folder, 'both.csv'), 'stage,sample,value\nx,1,1\ny,1,0\n');
    await command('import', 'inspect', old, worse, '--into', 'both');
    const { out } = await run('both#old', 'both#worse', ...known);
    expect(out).toMatch(/worse\n/);
  });

  it('is a gate by the very step of the workflow in docs/compare.md', async () => {
    const page = await readFile(new URL('../docs/compare.md', import.meta.url), 'utf8');
    const [, step = ''] = /run: \|\n((?: {10}.*\n)+)/.exec(page.slice(page.indexOf('name: compare with')))!;
    expect(step).toContain('npx stemma compare evals/main.eval');
    const work = join(folder, 'workflow');
    await mkdir(join(work, 'evals'), { recursive: true });
    await mkdir(join(work, 'logs'));
    const clustered = (correct: number) => {
      const whole = JSON.parse(log('m', correct));
      for (const sample of whole.samples) sample.metadata = { topic: `topic ${sample.id % 20}` };
      return JSON.stringify(whole);
    };
    // Inspect writes .eval files; JSON under that name is read by what is in it.
    await writeFile(join(work, 'evals/main.eval'), clustered(35));
    const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
    const npx = `npx() { shift; "${process.execPath}" --disable-warning=ExperimentalWarning "${main}" "$@"; }`;
    const codes: number[] = [];
    for (const correct of [58, 12]) {
      await writeFile(join(work, 'logs/new.eval'), clustered(correct));
      const done = spawnSync('bash', ['-e', '-c', `${npx}\n${step}`], { cwd: work, encoding: 'utf8' });
      codes.push(done.status!);
      expect(await readFile(join(work, 'comparison.md'), 'utf8')).toContain('| popularity/score |');
    }
    expect(codes).toEqual([0, 3]);
  });

  it.each<[string[], RegExp]>([
    [['both.csv', 'a.csv'], /this has 2 stages\n.*Name one behind it, as in .*both\.csv#/],
    [['both', 'both#old'], /this has 2 stages\n.*Name one behind it, as in .*both#/],
    [['both#nope', old], /this has no stage "nope"/],
    [['nothing.eval', old], /nothing\.eval: there is no such file/],
    [[old, 'a.csv'], /the two have no eval in common/],
    [[old, worse, '--margin', 'skore=0.1'], /there is no measure "skore"\n.*Did you mean/],
    [[old, worse, '--margin', 'score=5'], /margin of 5 spans the whole range of .*\n.*5 points are 0\.05/],
    [[old, worse, '--margin', 'score=x'], /is not MEASURE=NUMBER/],
    [[old, worse, '--fail-on', 'worst'], /Did you mean "worse"/],
  ])('%s is a mistake with exit code 2', async (words, message) => {
    const { code, err } = await run(...words);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
