import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { keepIndexed } from './keep-indexed.ts';
import { openRun } from './run-reader.ts';
import { createRun } from './run-writer.ts';
import { exampleManifest, exampleRating, exampleTranscript, newFolder } from './testing/example-run.ts';

/** What the index has without being asked to look at the segments. */
function indexed(folder: string): number {
  using database = new DatabaseSync(join(folder, 'index.sqlite'), { readOnly: true });
  return (
    database.prepare('SELECT sum(records) AS records FROM segments').get() as { records: number | null }
  ).records!;
}

test('the index takes in what another one writes, while it is written; a writer then goes on as ever', async () => {
  using folder = newFolder();
  const key = (sample: number) => `sft/refusals/${sample}#1`;
  {
    await using writer = await createRun(folder.path, exampleManifest, ['elicit']);
    const stopping = new AbortController();
    const kept = keepIndexed(folder.path, stopping.signal);
    for (const samples of [
      [1, 2],
      [3, 4],
    ]) {
      await writer.appendTranscripts(samples.map((sample) => exampleTranscript(key(sample))));
      await writer.appendRatings(samples.map((sample) => exampleRating(key(sample))));
      await expect.poll(() => indexed(folder.path), { timeout: 10_000 }).toBe(2 * samples.at(-1)!);
    }
    stopping.abort();
    await kept;
    await writer.appendTranscripts([exampleTranscript(key(5))]);
  }
  expect(indexed(folder.path)).toBe(9);
  using run = await openRun(folder.path);
  expect([run.countTrials(), [...run.ratingRows()].length]).toEqual([5, 4]);
});
