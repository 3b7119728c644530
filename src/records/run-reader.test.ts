import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Rating, RecordsError, type Transcript } from '../core/index.ts';
import { withChecksum } from './checksum.ts';
import { writeManifest } from './manifest.ts';
import type { RunReader } from './run.ts';
import { openRun } from './run-reader.ts';
import {
  all,
  exampleManifest,
  exampleRating,
  exampleTranscript,
  newFolder,
  ratingsText,
  transcriptText,
} from './testing/example-run.ts';

const key = (sample: number | string, stage = 'sft') => `${stage}/refusals/${sample}#1`;

async function newRun(folder: string): Promise<void> {
  mkdirSync(join(folder, 'transcripts'), { recursive: true });
  mkdirSync(join(folder, 'ratings'));
  await writeManifest(folder, exampleManifest);
}

function append(folder: string, records: { transcripts?: Transcript[]; ratings?: Rating[] }, writer = 'one') {
  for (const transcript of records.transcripts ?? []) {
    appendFileSync(join(folder, 'transcripts', `${writer}.jsonl`), transcriptText(transcript));
  }
  if (records.ratings) {
    appendFileSync(join(folder, 'ratings', `${writer}.jsonl`), ratingsText(records.ratings));
  }
}

describe('what counts', () => {
  test('the latest attempt of a trial, and the ratings of it alone', async () => {
    using folder = newFolder();
    await newRun(folder.path);
    const failed = exampleTranscript(key(1), { status: 'error', response: null });
    const retried = exampleTranscript(key(1), { attempt: 2, response: 'again' });
    append(folder.path, { transcripts: [failed], ratings: [exampleRating(key(1), { value: 0 })] });
    append(folder.path, { transcripts: [retried, exampleTranscript(key(2))] });
    using before = await openRun(folder.path);
    expect([...before.trials()].map(({ key, attempt, status }) => [key, attempt, status])).toEqual([
      [key(1), 2, 'completed'],
      [key(2), 1, 'completed'],
    ]);
    expect((await before.transcript(key(1)))?.response).toBe('again');
    expect((await all(before.transcripts())).map(({ attempt }) => attempt)).toEqual([2, 1]);
    expect(await all(before.ratings())).toEqual([]);
    expect(before.ratedKeys('rule')).toEqual(new Set());

    const rating = exampleRating(key(1), { attempt: 2, value: 1 });
    append(folder.path, { ratings: [rating] });
    before.refresh();
    expect(await all(before.ratings())).toEqual([rating]);
    expect(await before.ratingsOf(key(1))).toEqual([rating]);
    expect(before.ratedKeys('rule')).toEqual(new Set([key(1)]));
  });

  test('the last rating of a measure by a rater, also when the rater was changed; other raters are beside it', async () => {
    using folder = newFolder();
    await newRun(folder.path);
    append(folder.path, {
      transcripts: [exampleTranscript(key(1))],
      ratings: [exampleRating(key(1), { value: 0, raterDigest: 'old' })],
    });
    append(folder.path, { ratings: [exampleRating(key(1), { rater: 'judge', value: 0 })] });
    append(folder.path, { ratings: [exampleRating(key(1), { value: 1, raterDigest: 'new' })] });
    using run = await openRun(folder.path);
    const found = await all(run.ratings());
    expect(found.map(({ rater, raterDigest, value }) => [rater, raterDigest, value])).toEqual([
      ['judge', 'd'.repeat(32), 0],
      ['rule', 'new', 1],
    ]);
    expect((await all(run.ratings({ rater: 'rule' }))).map(({ value }) => value)).toEqual([1]);
    expect(await all(run.ratings({ measure: 'none' }))).toEqual([]);
    expect(run.ratedKeys('rule', ({ raterDigest }) => raterDigest === 'new').size).toBe(1);
    expect(run.ratedKeys('rule', ({ raterDigest }) => raterDigest === 'old').size).toBe(0);
  });

  test('a trial of which one rating is not accepted is not rated', async () => {
    using folder = newFolder();
    await newRun(folder.path);
    const failed = exampleRating(key(1), { measure: 'm/b', status: 'error', value: null });
    append(folder.path, {
      transcripts: [exampleTranscript(key(1))],
      ratings: [exampleRating(key(1)), failed],
    });
    using run = await openRun(folder.path);
    expect(run.ratedKeys('rule').size).toBe(1);
    expect(run.ratedKeys('rule', ({ status }) => status !== 'error').size).toBe(0);
    expect(await all(run.ratings())).toEqual([exampleRating(key(1)), failed]);
  });

  test('filters by stage and eval', async () => {
    using folder = newFolder();
    await newRun(folder.path);
    append(folder.path, {
      transcripts: [
        exampleTranscript(key(1)),
        exampleTranscript(key(1, 'rl')),
        exampleTranscript('rl/odcv/x/y#2'),
      ],
    });
    using run = await openRun(folder.path);
    const keys = async (filter: object) => (await all(run.transcripts(filter))).map(({ key }) => key);
    expect(await keys({ stage: 'rl' })).toEqual([key(1, 'rl'), 'rl/odcv/x/y#2']);
    expect(await keys({ eval: 'odcv' })).toEqual(['rl/odcv/x/y#2']);
    expect(await keys({ stage: 'sft', eval: 'odcv' })).toEqual([]);
    expect(run.trial('rl/odcv/x/y#2')).toMatchObject({ stage: 'rl', eval: 'odcv', sample: 'x/y', epoch: 2 });
    expect(run.trial('rl/odcv/x#2')).toBeUndefined();
    expect(await run.transcript('rl/odcv/x#2')).toBeUndefined();
  });
});

/** All that a reader says, in a form to compare. */
async function answers(run: RunReader) {
  return {
    trials: [...run.trials()],
    transcripts: (await all(run.transcripts()))
      .map(({ key, attempt, response }) => [key, attempt, response])
      .sort(),
    ratings: (await all(run.ratings())).map(identity).sort(),
    rows: [...run.ratingRows()],
    rated: [...run.ratedKeys('r1')],
    of: (await run.ratingsOf(key(0))).map(identity).sort(),
  };
}

const identity = (rating: Rating) => JSON.stringify(rating);

/** The same from nothing but the definition of what counts, read from the files line by line. */
function expected(folder: string) {
  const lines = <T>(kind: string) =>
    readdirSync(join(folder, kind))
      .sort()
      .flatMap((name) =>
        readFileSync(join(folder, kind, name), 'utf8')
          .split('\n')
          .slice(0, -1),
      )
      .map((line) => {
        const { crc32: _, ...record } = JSON.parse(line);
        return record as T;
      });
  const latest = new Map<string, Transcript>();
  for (const transcript of lines<Transcript>('transcripts')) {
    if (transcript.attempt >= (latest.get(transcript.key)?.attempt ?? 0))
      latest.set(transcript.key, transcript);
  }
  const last = new Map<string, Rating>();
  for (const { more: _, ...rating } of lines<Rating & { more?: number }>('ratings')) {
    if (rating.attempt !== latest.get(rating.key)?.attempt) continue;
    last.set(JSON.stringify([rating.key, rating.measure, rating.rater]), rating);
  }
  const rated = [...last.values()].filter(({ rater }) => rater === 'r1').map(({ key }) => key);
  return {
    attempts: [...latest.values()].map(({ key, attempt }) => [key, attempt]).sort(),
    transcripts: [...latest.values()].map(({ key, attempt, response }) => [key, attempt, response]).sort(),
    ratings: [...last.values()].map(identity).sort(),
    rated: [...new Set(rated)].sort(),
  };
}

describe('the index', () => {
  const sample = fc.nat({ max: 3 });
  const attempt = fc.integer({ min: 1, max: 3 });
  const writer = fc.constantFrom('one', 'a', 'z');
  const step = fc.oneof(
    fc.record({ do: fc.constant('transcript' as const), sample, attempt, writer }),
    fc.record({
      do: fc.constant('ratings' as const),
      sample,
      attempt,
      writer,
      rater: fc.constantFrom('r1', 'r2'),
      digest: fc.constantFrom('d1', 'd2'),
      measures: fc.uniqueArray(fc.constantFrom('m/a', 'm/b'), { minLength: 1 }),
    }),
    fc.record({ do: fc.constantFrom('refresh' as const, 'reopen' as const, 'delete index' as const) }),
  );

  test('law: however it was come by, it says what the segments say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        using folder = newFolder();
        await newRun(folder.path);
        let run = await openRun(folder.path);
        for (const [number, step] of steps.entries()) {
          if (step.do === 'transcript') {
            const { attempt, sample, writer } = step;
            const transcript = exampleTranscript(key(sample), { attempt, response: `ü${number}` });
            append(folder.path, { transcripts: [transcript] }, writer);
          } else if (step.do === 'ratings') {
            const { measures, attempt, rater, digest, sample, writer } = step;
            const ratings = measures.map((measure) =>
              exampleRating(key(sample), { measure, attempt, rater, raterDigest: digest, value: number }),
            );
            append(folder.path, { ratings }, writer);
          } else if (step.do === 'refresh') {
            run.refresh();
          } else {
            run.close();
            if (step.do === 'delete index') rmSync(join(folder.path, 'index.sqlite'));
            run = await openRun(folder.path);
          }
        }
        run.refresh();
        const found = await answers(run);
        run.close();
        const should = expected(folder.path);
        expect(found.trials.map(({ key, attempt }) => [key, attempt])).toEqual(should.attempts);
        expect(found.transcripts).toEqual(should.transcripts);
        expect(found.ratings).toEqual(should.ratings);
        expect(found.rated).toEqual(should.rated);
        expect(found.rows).toHaveLength(should.ratings.length);
        rmSync(join(folder.path, 'index.sqlite'));
        using anew = await openRun(folder.path);
        expect(await answers(anew)).toEqual(found);
      }),
      { numRuns: 40 },
    );
  });

  async function exampleRun(folder: string): Promise<void> {
    await newRun(folder);
    const transcripts = [0, 1, 2, 3].map((sample) => exampleTranscript(key(sample)));
    append(folder, { transcripts, ratings: [exampleRating(key(0))] });
    (await openRun(folder)).close();
  }

  const segment = (folder: string) => join(folder, 'transcripts', 'one.jsonl');
  const index = (folder: string) => join(folder, 'index.sqlite');
  const keys = async (folder: string) => {
    using run = await openRun(folder);
    return [...run.trials()].map(({ key }) => key);
  };

  test.each<[string, (file: string) => void]>([
    ['deleted', (file) => rmSync(file)],
    ['emptied', (file) => writeFileSync(file, '')],
    ['cut short', (file) => writeFileSync(file, readFileSync(file).subarray(0, 5000))],
    ['overwritten inside', (file) => writeFileSync(file, Buffer.from(readFileSync(file)).fill(0xff, 3000))],
    ['of another version', (file) => alter(file, 'PRAGMA user_version = 99')],
    ['of other tables', (file) => alter(file, 'DROP TABLE trials; CREATE TABLE trials (x)')],
  ])('is built anew when it was %s', async (_, damage) => {
    using folder = newFolder();
    await exampleRun(folder.path);
    damage(index(folder.path));
    expect(await keys(folder.path)).toEqual([0, 1, 2, 3].map((sample) => key(sample)));
    using run = await openRun(folder.path);
    expect(run.ratedKeys('rule')).toEqual(new Set([key(0)]));
  });

  function alter(file: string, statements: string): void {
    const database = new DatabaseSync(file);
    database.exec(statements);
    database.close();
  }

  const ofSample = (line: string, sample: number) =>
    line.replaceAll(/\/\d#1/g, `/${sample}#1`).replace(/"sample":"\d"/, `"sample":"${sample}"`);

  test.each<[string, (lines: string[]) => string[], number[]]>([
    ['lost its last line', (lines) => lines.slice(0, 3), [0, 1, 2]],
    ['lost a line within', (lines) => lines.filter((_, line) => line !== 1), [0, 2, 3]],
    ['was put in another order', (lines) => lines.reverse(), [0, 1, 2, 3]],
    ['has another line in place of one', (lines) => lines.with(1, ofSample(lines[1]!, 9)), [0, 2, 3, 9]],
    [
      'is another, longer one',
      (lines) => [...lines, ...lines].map((line, n) => ofSample(line, n + 1)),
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
  ])('is built anew when a segment %s', async (_, edit, left) => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const lines = readFileSync(segment(folder.path), 'utf8').split('\n').slice(0, -1);
    writeFileSync(
      segment(folder.path),
      edit(lines)
        .map((line) => withChecksum(line.replace(/,"crc32":"[0-9a-f]{8}"/, '')))
        .join(''),
    );
    // As an editor leaves it: some time later.
    utimesSync(segment(folder.path), new Date(), new Date(Date.now() + 5000));
    expect(await keys(folder.path)).toEqual(left.map((sample) => key(sample)));
    using run = await openRun(folder.path);
    for (const sample of left) expect((await run.transcript(key(sample)))?.key).toBe(key(sample));
  });

  test('is built anew when a segment is gone', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    rmSync(segment(folder.path));
    expect(await keys(folder.path)).toEqual([]);
  });

  test('follows an edit that it did not notice, when a record is not where it should be', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    using run = await openRun(folder.path);
    const lines = readFileSync(segment(folder.path), 'utf8').split('\n').slice(0, -1);
    writeFileSync(
      segment(folder.path),
      lines
        .reverse()
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect((await run.transcript(key(0)))?.key).toBe(key(0));
  });

  test('serves a reader of its own while another process keeps it locked', { timeout: 60_000 }, async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    append(folder.path, { transcripts: [exampleTranscript(key(4))] });
    const other = new DatabaseSync(index(folder.path));
    other.exec('BEGIN EXCLUSIVE');
    expect(await keys(folder.path)).toHaveLength(5);
    other.close();
  });
});

describe('a folder that is not a run', () => {
  test.each<[string, string | null, string]>([
    ['without a manifest', null, 'is not a run folder'],
    ['with half a manifest', '{"format":', "can't be read"],
    ['with another manifest', '{"name":"web app"}', 'not the manifest of a run'],
    ['of a later format', '{"format":"stemma-run","formatVersion":3}', 'format 3'],
    [
      'without stages',
      JSON.stringify({ ...exampleManifest, stages: undefined }),
      'not the manifest of a run',
    ],
  ])('%s is refused', async (_, manifest, words) => {
    using folder = newFolder();
    mkdirSync(folder.path);
    if (manifest !== null) writeFileSync(join(folder.path, 'manifest.json'), manifest);
    const error: RecordsError = await openRun(folder.path).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(error).toBeInstanceOf(RecordsError);
    expect(error.message).toContain(words);
    expect(error.remedy).toBeTruthy();
    expect(readdirSync(folder.path)).toEqual(manifest === null ? [] : ['manifest.json']);
  });
});
