import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rating } from '../src/core/index.ts';
import { openRun } from '../src/records/index.ts';
import { stemma } from './stemma-process.ts';

/** A subject of many words, and a judge that says how it was asked and whether it was shown all of them. */
const MODELS = `
export const subject = () => 'and so on '.repeat(10_000);

export const judge = ({ messages, schema }) => {
  const one = 'label' in schema.properties;
  const shown = messages[1].content.includes('characters of this section left out') ? 'shortened' : 'whole';
  const explanation = (one ? 'one by one' : 'together') + ', ' + shown;
  const labels = schema.properties.label?.enum ?? [];
  const answer = { explanation, quote: '', label: labels.includes('answered') ? 'answered' : 'no' };
  const parts = Object.keys(schema.properties).map((part) => [part, answer]);
  return JSON.stringify(one ? answer : Object.fromEntries(parts));
};
`;
const STUDY = `
name: rated
stages: [{ id: sft, kind: sft, model: "scripted:models.mjs#subject" }]
evals: [{ eval: user-logs, options: { path: log.jsonl, columns: { prompt: text } } }]
raters: [{ id: first, kind: autorater, model: "scripted:models.mjs#judge" }]
`;

let folder: string;
let run: string;
let judge: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-rate-'));
  run = join(folder, 'run');
  judge = `autorater:scripted:${join(folder, 'models.mjs')}#judge`;
  await writeFile(join(folder, 'models.mjs'), MODELS);
  await writeFile(
    join(folder, 'log.jsonl'),
    '{"text": "What is a stemma?"}\n{"text": "Who was Lachmann?"}\n',
  );
  await writeFile(join(folder, 'study.yaml'), STUDY);
  const { code, stderr } = await stemma('run', join(folder, 'study.yaml'), '--out', run).ended;
  expect(code, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a rater's judge said of how it was asked, each once. */
async function saidBy(id: string): Promise<string[]> {
  using records = await openRun(run);
  const ratings: Rating[] = [];
  for await (const batch of records.ratingBatches()) ratings.push(...batch);
  return [
    ...new Set(ratings.filter(({ rater }) => rater === id).map(({ explanation }) => explanation ?? '')),
  ];
}

describe('stemma rate', () => {
  it('asks a new judge one by one and shows it the whole, unless flags say otherwise', async () => {
    const plain = await stemma('rate', run, '--rater', `plain=${judge}`).ended;
    expect(plain.code, plain.stderr).toBe(0);
    const flags = ['--judging', 'together', '--context-tokens', '24000'];
    const told = await stemma('rate', run, '--rater', `told=${judge}`, ...flags).ended;
    expect(told.code, told.stderr).toBe(0);
    expect(await saidBy('plain')).toEqual(['one by one, whole']);
    // Whether there was an answer at all is a question of its own, outside of the battery.
    expect((await saidBy('told')).toSorted()).toEqual(['one by one, shortened', 'together, shortened']);
    // The same rater asked otherwise is another one.
    const again = await stemma('rate', run, '--rater', `told=${judge}`).ended;
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('too, but steered otherwise');
  });

  it('leaves the run as it was where a context is too small for it', async () => {
    const small = await stemma('rate', run, '--rater', `small=${judge}`, '--context-tokens', '9000').ended;
    expect(small.code).toBe(2);
    expect(small.stderr).toContain("a judge's context of 9,000 tokens is too small");
    using records = await openRun(run);
    expect(records.manifest.raters.map(({ id }) => id)).not.toContain('small');
  });

  it.each([
    [['--judging', 'both'], 'one-by-one, together'],
    [['--context-tokens', '32k'], 'whole number of tokens'],
    [['--context-tokens', '32000', '--rater', 'string-match'], 'none is of the form ID=autorater:MODEL'],
    [
      ['--judging', 'together', '--rater', 'first', '--study', 'study.yaml'],
      'A judge of the study file says it',
    ],
  ])('tells %j', async (flags, message) => {
    const rater = flags.includes('--rater') ? [] : ['--rater', `x=${judge}`];
    const words = flags.map((word) => (word === 'study.yaml' ? join(folder, word) : word));
    const { code, stderr } = await stemma('rate', run, ...rater, ...words).ended;
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(message);
  });
});
