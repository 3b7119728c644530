import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withChecksum } from './checksum.ts';
import { openRun } from './run-reader.ts';
import { all, exampleManifest, exampleRating, exampleTranscript, newFolder } from './testing/example-run.ts';

const KEY = 'sft/refusals/0#1';

/** A folder that another program wrote: every checksum is right. */
function written(path: string, rating: object, transcript: object): void {
  const line = (record: object) => withChecksum(JSON.stringify(record));
  mkdirSync(join(path, 'transcripts'), { recursive: true });
  mkdirSync(join(path, 'ratings'));
  writeFileSync(join(path, 'manifest.json'), JSON.stringify(exampleManifest));
  writeFileSync(
    join(path, 'transcripts', 'elicit.jsonl'),
    line({ ...exampleTranscript(KEY), ...transcript }),
  );
  writeFileSync(join(path, 'ratings', 'rate-rule.jsonl'), line({ ...exampleRating(KEY), ...rating }));
}

test.each([
  ['a value that is text', { value: '1' }, 'with value "1"'],
  ['a value that is yes', { value: true }, 'with value true'],
  ['rated without a value', { value: null }, 'with value null'],
  ['a value beyond what a number holds', { value: Number.NEGATIVE_INFINITY }, 'with value null'],
  ['a value of what could not be read', { status: 'unparsed', value: 0 }, 'status unparsed, with value 0'],
  ['a label that is a number', { label: 5 }, 'the label'],
  ['an explanation that is a list', { explanation: ['x'] }, 'the explanation'],
])('refuses a rating with %s, and names its trial', async (_, rating, words) => {
  using folder = newFolder();
  written(folder.path, rating, {});
  using run = await openRun(folder.path);
  for (const read of [() => all(run.ratings()), () => run.ratingsOf(KEY)]) {
    await expect(read()).rejects.toThrow(expect.objectContaining({ exitCode: 2, place: { trial: KEY } }));
    await expect(read()).rejects.toThrow(words);
  }
});

test.each([
  ['an output that is text', { output: 'x' }, 'its output is "x"'],
  ['a message without words', { output: [{ role: 'assistant', content: 7 }] }, 'its output is'],
  ['no input', { input: undefined }, 'its input is missing'],
  ['a response that is a number', { response: 5 }, 'its response is 5'],
  ['metadata that is a number', { metadata: 3 }, 'its metadata is 3'],
  [
    'the trial of another',
    { trial: { stage: 'rl', eval: 'refusals', sample: '0', epoch: 1 } },
    'its trial is',
  ],
])('refuses a transcript with %s, and names its trial', async (_, transcript, words) => {
  using folder = newFolder();
  written(folder.path, {}, transcript);
  using run = await openRun(folder.path);
  for (const read of [() => all(run.transcripts()), () => run.transcript(KEY)]) {
    await expect(read()).rejects.toThrow(expect.objectContaining({ exitCode: 2, place: { trial: KEY } }));
    await expect(read()).rejects.toThrow(words);
  }
});

test('reads records that keep to the format', async () => {
  using folder = newFolder();
  written(folder.path, { status: 'unparsed', value: null, label: 'x' }, { thoughts: null, response: null });
  using run = await openRun(folder.path);
  expect(await all(run.ratings())).toHaveLength(1);
  expect((await run.transcript(KEY))?.key).toBe(KEY);
});
