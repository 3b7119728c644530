import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Findings } from '../src/findings/index.ts';
import { linesOf } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

/*
 * A study of multiple choice from plan to report, on scripted stages whose probabilities are known: the base finds the unwanted choice
 * three times as likely as the other and rarely names one; the final stage finds it a third as likely and always does.
 */
describe('a study of multiple choice', { timeout: 240_000 }, () => {
  let folder: string;
  let run: string;
  const file = () => join(folder, 'study.yaml');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stemma-choice-study-'));
    run = join(folder, 'run');
    await writeFile(
      join(folder, 'stages.ts'),
      `const asked = ({ messages }) => messages.at(-1).content;
// The unwanted choice is (A) in even questions, and (B) in odd ones.
const unwanted = (request) => (Number(/question (\\d+)/.exec(asked(request))[1]) % 2 === 0 ? 'A' : 'B');
const stage = (mean, names) => (request) => {
  const bad = unwanted(request);
  const good = bad === 'A' ? 'B' : 'A';
  const p = mean + 0.02 * ((Number(/question (\\d+)/.exec(asked(request))[1]) % 5) - 2);
  if (request.likelihoodOf) return { probabilities: { ['(' + bad + ')']: 0.4 * p, ['(' + good + ')']: 0.4 * (1 - p) } };
  const number = Number(/question (\\d+)/.exec(asked(request))[1]);
  return number % 10 < names ? '(' + good + ')' : 'I could not say.';
};
export const base = stage(0.75, 2);
export const final = stage(0.25, 10);
`,
    );
    const rows = Array.from({ length: 60 }, (_, i) => ({
      id: `q${i}`,
      question: `This is question ${i}. What do you do?`,
      choices: [`one of ${i}`, `other of ${i}`],
      answer: i % 2 === 0 ? 'A' : 'B',
      theme: `t${i % 15}`,
    }));
    await writeFile(join(folder, 'questions.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    await writeFile(
      file(),
      `name: choices
stages:
  - { id: base, kind: pretrain, model: "scripted:stages.ts#base" }
  - { id: final, kind: rl, from: base, model: "scripted:stages.ts#final" }
evals:
  - { id: probabilities, eval: choice, options: { path: questions.jsonl, by: probability, columns: { id: id, cluster: theme } } }
  - { id: letters, eval: choice, options: { path: questions.jsonl, columns: { id: id, cluster: theme } } }
raters: [{ id: choice, kind: rule, rule: choice }]
analysis: { bootstrap: 0 }
`,
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function ran(...args: readonly string[]): Promise<string> {
    const ended = await stemma(...args).ended;
    expect(ended.code, ended.stderr + ended.stdout).toBe(0);
    return ended.stdout;
  }

  test('plan, run, findings, show, export and report', async () => {
    expect(await ran('plan', file())).toMatch(/probabilities +60 samples +15 clusters/);
    const { code, stderr } = await stemma('run', file(), '--out', run).ended;
    expect(code, stderr).toBe(0);
    // Four fifths of the base's answers name no choice. They were read, and are no failures.
    expect(stderr).toContain('no value of choice/unwanted, letters · base: 48 answers (no choice)');
    expect(stderr).toMatch(/600 ratings; 48 without a value$/m);
    expect(stderr).not.toMatch(/could not be read|unparsed/);
    const status = await ran('status', run);
    expect(status).toMatch(
      /letters · base +60 of 60.*\n +choice: 72 rated, 48 without a value \(no choice\)$/m,
    );
    expect(status).not.toMatch(/What failed|unparsed/);
    const { transcripts } = await linesOf(run);
    expect(transcripts).toHaveLength(240);
    const asked = transcripts.find(({ trial }) => trial.eval === 'probabilities' && trial.stage === 'base')!;
    expect(asked.likelihoods!.map(({ text }) => text)).toEqual([' (A)', ' (B)']);

    const { measures, warnings } = JSON.parse(await ran('findings', run, '--json')) as Findings;
    const found = (id: string) => measures.find((measure) => measure.id === id)!;
    expect(measures.map((measure) => `${measure.eval}: ${measure.id}`)).toEqual([
      'probabilities: choice/unwanted-probability',
      'probabilities: choice/log-odds',
      'probabilities: choice/mass',
      'letters: choice/unwanted',
      'letters: choice/readable',
    ]);
    const estimates = (id: string) => found(id).stages.map(({ estimate }) => estimate!);
    expect(estimates('choice/unwanted-probability').map((value) => Number(value.toFixed(9)))).toEqual([
      0.75, 0.25,
    ]);
    expect(found('choice/unwanted-probability').contrasts[0]).toMatchObject({
      verdict: 'materially different',
      direction: 'down',
    });
    expect(estimates('choice/log-odds')[0]).toBeCloseTo(Math.log(3), 1);
    expect(found('choice/log-odds').contrasts[0]).toMatchObject({
      margin: null,
      marginSource: 'none',
      verdict: 'different',
    });
    expect(estimates('choice/mass')[0]).toBeCloseTo(0.4, 9);
    expect(estimates('choice/readable')).toEqual([0.2, 1]);
    // Four fifths of the base's answers are lost, so nothing can be said of it by letter.
    expect(found('choice/unwanted').contrasts[0]!.verdict).toBe('inconclusive');
    expect(found('choice/unwanted').stages.map(({ missing }) => missing.labelsAlone)).toEqual([
      { no_choice: 48 },
      undefined,
    ]);
    expect(warnings).toContain(
      'Some answers have no value on unwanted answers (rated by choice), and count as missing: base 48 no choice of 60.',
    );
    expect(warnings.join('\n')).not.toContain('could not be read');

    expect(await ran('show', run, '--sample', 'q0')).toContain('(A) 71.0 %, (B) 29.0 %');
    await ran('export', run, '--to', 'jsonl', '--what', 'transcripts', '--out', join(folder, 't.jsonl'));
    const lines = (await readFile(join(folder, 't.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ likelihoods }) => likelihoods !== null)).toHaveLength(120);
    await ran('report', run);
    const page = await readFile(join(run, 'report/report.md'), 'utf8');
    expect(page).toContain('Unwanted answers, probability');
    expect(page).toContain('Log-odds');
    expect(page).toContain('48 trials without a value: 48 with the answer "no choice".');
  });

  test('a replay of the run gives the same probabilities', async () => {
    const text = await readFile(file(), 'utf8');
    const replayed = text
      .replace('scripted:stages.ts#base', 'replay:run#base')
      .replace('scripted:stages.ts#final', 'replay:run#final');
    await writeFile(join(folder, 'replay.yaml'), replayed);
    const again = join(folder, 'again');
    await ran('run', join(folder, 'replay.yaml'), '--out', again);
    const sorted = async (of: string) =>
      (await linesOf(of)).transcripts
        .map(({ key, likelihoods, response }) => JSON.stringify({ key, likelihoods, response }))
        .sort();
    expect(await sorted(again)).toEqual(await sorted(run));
  });

  test('a stage over chat is refused before anything is asked', async () => {
    const text = await readFile(file(), 'utf8');
    await writeFile(
      join(folder, 'chat.yaml'),
      text.replace('scripted:stages.ts#final', 'http://127.0.0.1:9/v1#m'),
    );
    const { code, stderr } = await stemma('plan', join(folder, 'chat.yaml')).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('the stage "final" (http://127.0.0.1:9/v1#m) gives answers alone');
    expect(stderr).toContain('completions+http://127.0.0.1:9/v1#m');
  });
});
