import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noUsage } from '../core/index.ts';
import { FreshRecords } from './fresh-records.ts';
import { ratingLines, transcriptLine } from './line.ts';
import { openRun } from './run-reader.ts';
import { createRun, openRunWriter } from './run-writer.ts';
import { all, exampleManifest, exampleRating, exampleTranscript, newFolder } from './testing/example-run.ts';

const key = (sample: number | string) => `sft/refusals/${sample}#1`;

/** All that an index holds, with names in the place of numbers that depend on the order in which it was built. */
function contentOf(folder: string): Record<string, unknown[]> {
  using database = new DatabaseSync(join(folder, 'index.sqlite'), { readOnly: true });
  const rows = (query: string) => database.prepare(query).all() as unknown[];
  return {
    segments: rows(
      'SELECT kind, name, scanned, lines, records, size, fingerprint FROM segments ORDER BY 1, 2',
    ),
    trials: rows(
      `SELECT trials.key, attempt, status, cluster, sampleDigest, samplingDigest, inputTokens, outputTokens, served, answer,
         signs, segments.name, offset, length FROM trials LEFT JOIN segments ON segments.id = segment ORDER BY 1`,
    ),
    ratings: rows(
      `SELECT trials.key, (SELECT name FROM names WHERE id = rater) AS rater,
         (SELECT name FROM names WHERE id = measure) AS measure, (SELECT name FROM names WHERE id = digest) AS digest,
         ratings.attempt, ratings.status, segments.name, ratings.offset, ratings.length
       FROM ratings JOIN trials ON trials.id = trial JOIN segments ON segments.id = ratings.segment ORDER BY 1, 2, 3, 5`,
    ),
    damage: rows('SELECT * FROM damage'),
    losses: rows('SELECT * FROM losses'),
  };
}

/** What an index holds that is built anew from the files on disk. */
async function contentOnDisk(folder: string): Promise<Record<string, unknown[]>> {
  rmSync(join(folder, 'index.sqlite'));
  (await openRun(folder)).close();
  return contentOf(folder);
}

const text = fc.string({ unit: 'binary', maxLength: 20 });
const tokens = fc.constantFrom(null, 0, 7, 1.5);
const served = fc.array(fc.record({ model: text, root: text, sampler: text }, { requiredKeys: ['model'] }), {
  maxLength: 2,
});
const step = fc.oneof(
  fc.record({
    kind: fc.constant('answer' as const),
    sample: fc.nat({ max: 5 }),
    attempt: fc.integer({ min: 1, max: 3 }),
    status: fc.constantFrom('completed' as const, 'limit' as const, 'empty' as const, 'error' as const),
    stop: fc.constantFrom('end' as const, 'length' as const),
    said: text,
    cluster: text,
    tokens,
    served: fc.option(served, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('rate' as const),
    sample: fc.nat({ max: 7 }),
    attempt: fc.integer({ min: 1, max: 3 }),
    rater: fc.constantFrom('rule', 'other'),
    measures: fc.uniqueArray(fc.constantFrom('m/a', 'm/b', 'm/ü'), { minLength: 1 }),
    label: fc.option(text, { nil: undefined }),
    isUnparsed: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('look' as const), awaits: fc.boolean() }),
  fc.record({ kind: fc.constant('release' as const) }),
);

test('law: the index that a writer keeps is the one that is built from what is on disk', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      using folder = newFolder();
      await using writer = await createRun(folder.path, exampleManifest);
      let pending: Promise<void>[] = [];
      for (const each of steps) {
        if (each.kind === 'answer') {
          const { sample, attempt, status, stop, said, cluster, tokens, served } = each;
          const transcript = exampleTranscript(key(sample), {
            ...{ attempt, status, stop, cluster, ...(served === undefined ? {} : { served }) },
            usage: { ...noUsage, outputTokens: tokens },
            output: [{ role: 'assistant', content: said }],
            response: said,
          });
          pending.push(writer.appendTranscript(transcript));
        } else if (each.kind === 'rate') {
          const { sample, attempt, rater, measures, label, isUnparsed } = each;
          const value = isUnparsed ? { status: 'unparsed' as const, value: null } : {};
          const said = label === undefined ? {} : { label };
          const ratings = measures.map((measure) =>
            exampleRating(key(sample), { attempt, rater, measure, ...value, ...said }),
          );
          pending.push(writer.appendRatings(ratings));
        } else if (each.kind === 'look') {
          // Also in the middle of a write.
          if (each.awaits) await Promise.all(pending);
          else await new Promise((resolve) => setImmediate(resolve));
          writer.reader.refresh();
        } else {
          await Promise.all(pending);
          pending = [];
          await writer.release('elicit');
        }
      }
      await Promise.all(pending);
      writer.reader.refresh();
      expect(contentOf(folder.path)).toEqual(await contentOnDisk(folder.path));
    }),
    { numRuns: 150 },
  );
}, 120_000);

test('more than are remembered are read from the disk, and later ones are remembered again', async () => {
  using folder = newFolder();
  await using writer = await createRun(folder.path, exampleManifest);
  const some = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => exampleTranscript(key(from + index)));
  await writer.appendTranscripts(some(0, 40_100));
  writer.reader.refresh();
  await writer.appendTranscripts(some(40_100, 10));
  writer.reader.refresh();
  expect(writer.reader.countTrials()).toBe(40_110);
  expect(contentOf(folder.path)).toEqual(await contentOnDisk(folder.path));
}, 60_000);

test('a bit that changed before the index looked is found when the record is read, and all else is read', async () => {
  using folder = newFolder();
  await using writer = await createRun(folder.path, exampleManifest);
  for (const sample of [1, 2, 3]) await writer.appendTranscript(exampleTranscript(key(sample)));
  const segment = join(folder.path, 'transcripts', 'elicit.jsonl');
  writeFileSync(segment, readFileSync(segment, 'utf8').replace('With kill.', 'With hill.'));
  expect(writer.reader.countTrials()).toBe(3);
  expect((await all(writer.reader.transcripts())).map((transcript) => transcript.key)).toEqual([
    key(2),
    key(3),
  ]);
  expect(writer.reader.damaged).toMatchObject([{ file: segment, line: 1, what: 'record', key: key(1) }]);
});

test('another file in the place of the segment is read as it is', async () => {
  using folder = newFolder();
  const writer = await createRun(folder.path, exampleManifest);
  await writer.appendTranscript(exampleTranscript(key('old')));
  const segment = join(folder.path, 'transcripts', 'elicit.jsonl');
  renameSync(segment, join(folder.parent, 'old.jsonl'));
  writeFileSync(segment, transcriptLine(exampleTranscript(key('new'))).text);
  expect([...writer.reader.trials()].map((row) => row.key)).toEqual([key('new')]);
  await writer.close();
  using run = await openRun(folder.path);
  expect([...run.trials()].map((row) => row.key)).toEqual([key('new')]);
});

test('a role that another process had meanwhile is gone on with where that one ended', async () => {
  using folder = newFolder();
  await using writer = await createRun(folder.path, exampleManifest);
  await writer.appendTranscript(exampleTranscript(key(1)));
  await writer.release('elicit');
  await using other = await openRunWriter(folder.path, ['elicit']);
  await other.appendTranscript(exampleTranscript(key(2)));
  await other.release('elicit');
  await writer.appendTranscript(exampleTranscript(key(3)));
  expect([...writer.reader.trials()].map((row) => row.key)).toEqual([1, 2, 3].map(key));
  expect(contentOf(folder.path)).toEqual(await contentOnDisk(folder.path));
});

describe('what is remembered', () => {
  const lines = [transcriptLine(exampleTranscript(key('é'))), ...ratingLines([exampleRating(key('é'))])];
  const [first, second] = lines.map(({ text }) => Buffer.byteLength(text)) as [number, number];

  test('is given from a line on, once', () => {
    const fresh = new FreshRecords('1:2');
    fresh.add(lines, 100, [first, second]);
    const last = { head: lines[1]!.head, offset: 100 + first, length: second - 1 };
    expect(fresh.take(100 + first, '1:2')).toEqual({ records: [last], end: 100 + first + second });
    expect(fresh.take(100 + first, '1:2')).toBeNull();
  });

  test.each([
    ['from the middle of a line', 101, '1:2'],
    ['from before the first line', 99, '1:2'],
    ['from behind the last line', 100 + first + second, '1:2'],
    ['of another file', 100, '1:3'],
  ])('is not given %s', (_, from, inode) => {
    const fresh = new FreshRecords('1:2');
    fresh.add(lines, 100, [first, second]);
    expect(fresh.take(from, inode)).toBeNull();
  });
});
