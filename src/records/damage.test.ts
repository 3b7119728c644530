import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import type { Rating, Transcript } from '../core/index.ts';
import { writeManifest } from './manifest.ts';
import type { RunReader } from './run.ts';
import { openRun } from './run-reader.ts';
import { createRun, openRunWriter } from './run-writer.ts';
import {
  all,
  exampleManifest,
  exampleRating,
  exampleTranscript,
  newFolder,
  ratingsText,
  transcriptText,
} from './testing/example-run.ts';

const key = (sample: number | string) => `sft/refusals/${sample}#1`;
const MEASURES = ['m/a', 'm/b', 'm/c'];

/** A run of three segments, with batches of ratings, umlauts and a later attempt. */
async function exampleRun(folder: string): Promise<void> {
  await using writer = await createRun(folder, exampleManifest);
  for (let sample = 0; sample < 12; sample++) {
    const response = sample % 3 === 0 ? 'Größe, "crc32":"00000000"}' : 'yes';
    await writer.appendTranscript(exampleTranscript(key(sample), { response }));
    await writer.appendRatings(
      MEASURES.map((measure) => exampleRating(key(sample), { measure, explanation: `“${sample}”` })),
    );
    await writer.appendRatings([exampleRating(key(sample), { rater: 'judge', raw: '{"crc32":"1"}' })]);
  }
  await writer.appendTranscript(exampleTranscript(key(11), { attempt: 2 }));
}

const SEGMENTS = ['transcripts/elicit.jsonl', 'ratings/rate-rule.jsonl', 'ratings/rate-judge.jsonl'];

/** All that is read, a text for each record. */
async function everything(run: RunReader): Promise<string[]> {
  return [...(await all<Transcript | Rating>(run.transcripts())), ...(await all(run.ratings()))].map(
    (record) => JSON.stringify(record),
  );
}

/** The record of a line as a reader gives it. */
function recordOf(line: string): string {
  const { crc32: _, more: __, derived: ___, ...record } = JSON.parse(line);
  return JSON.stringify(record);
}

describe('random single bits flipped', () => {
  test.each<[number, string]>([
    [500, 'before there is an index'],
    [100, 'behind the back of the index'],
    [100, 'while a reader is open'],
  ])(
    '(%i) %s: nothing is read that was not written, what is missing is named, all else is read',
    { timeout: 180_000 },
    async (flips, when) => {
      using folder = newFolder();
      await exampleRun(folder.path);
      const sound = join(folder.parent, 'sound');
      mkdirSync(sound);
      const names = SEGMENTS.map((name) => name.replaceAll('/', '-'));
      SEGMENTS.forEach((name, i) => void copyFileSync(join(folder.path, name), join(sound, names[i]!)));
      const before = await (async () => {
        using run = await openRun(folder.path);
        return new Set(await everything(run));
      })();
      const written = new Set(
        names.flatMap((name) => readFileSync(join(sound, name), 'utf8').trimEnd().split('\n').map(recordOf)),
      );
      const random = xoroshiro128plus(when.length);
      const below = (bound: number) => (random.next() >>> 0) % bound;
      for (let flip = 0; flip < flips; flip++) {
        const which = below(SEGMENTS.length);
        const bytes = readFileSync(join(sound, names[which]!));
        const at = below(bytes.length);
        const line = bytes.subarray(0, at).toString('latin1').split('\n').length;
        const own = bytes.toString('utf8').split('\n')[line - 1]!;
        const isFeed = bytes[at] === 0x0a;
        bytes[at]! ^= 1 << below(8);
        if (when === 'before there is an index') rmSync(join(folder.path, 'index.sqlite'), { force: true });
        using early = when === 'while a reader is open' ? await openRun(folder.path) : null;
        writeFileSync(join(folder.path, SEGMENTS[which]!), bytes);
        using run = early ?? (await openRun(folder.path));
        const read = await everything(run);
        // What it read was right. What it did not read (line feeds, replaced records) it finds when it looks again.
        early?.refresh();
        for (const record of read) expect(written).toContain(record);
        const missing = [...before].filter((record) => !read.includes(record));
        const damaged = run.damaged.map(({ file, line, what }) => ({ file, line, what }));
        // Only the record of this line is missing, and the ratings of a transcript that is; a line feed takes nothing with it.
        const lost = isFeed ? [] : [recordOf(own)];
        const { key: trial, response } = JSON.parse(own);
        const follow = (record: string) => response !== undefined && JSON.parse(record).key === trial;
        expect(missing.filter((record) => !lost.includes(record) && (isFeed || !follow(record)))).toEqual([]);
        expect(damaged.length).toBeGreaterThan(0);
        expect(damaged[0]).toEqual({
          file: join(folder.path, SEGMENTS[which]!),
          line,
          what: isFeed ? 'line feed' : 'record',
        });
        copyFileSync(join(sound, names[which]!), join(folder.path, SEGMENTS[which]!));
      }
      using run = await openRun(folder.path);
      expect(new Set(await everything(run))).toEqual(before);
      expect(run.damaged).toEqual([]);
    },
  );
});

describe('a damaged line', () => {
  const segment = (folder: string) => join(folder, 'transcripts', 'elicit.jsonl');
  const lineOf = transcriptText(exampleTranscript(key(3))).trimEnd();
  const broken = lineOf.replace('"seed":7', '"seed" 7');

  async function withLine(folder: string, line: string | Buffer): Promise<void> {
    mkdirSync(join(folder, 'transcripts'), { recursive: true });
    await writeManifest(folder, exampleManifest);
    appendFileSync(segment(folder), transcriptText(exampleTranscript(key(1))));
    appendFileSync(segment(folder), line);
    appendFileSync(segment(folder), `\n${transcriptText(exampleTranscript(key(2)))}`);
  }

  test.each<[string, string | Buffer]>([
    ['a torn line that was written after', lineOf.slice(0, 40)],
    ['zero bytes', '\0'.repeat(300)],
    ['an empty line', ''],
    ['no UTF-8', Buffer.from([0xff, 0xfe])],
    ['a whole head with nonsense behind', broken],
    ['a torn line with another one behind', `${lineOf.slice(0, -40)}${lineOf}`],
    ['zero bytes behind a whole head', `${lineOf.slice(0, -40)}${'\0'.repeat(39)}}`],
    ['a record without a checksum', lineOf.replace(/,"crc32":"\w{8}"/, '')],
    ['a checksum in capitals', lineOf.replace(/"\w{8}"\}$/, (digits) => digits.toUpperCase())],
    ['a key as long as no key is', `{"key":"${'x'.repeat(12_000_000)}"}`],
    ['a key that does not end', `{"key":"${'x'.repeat(12_000_000)}`],
    ['a key of escapes', `{"key":"${'\\"'.repeat(12_000_000)}"}`],
    ['a cluster as long as none is', lineOf.replace(/"cluster":"/, `$&${'x'.repeat(12_000_000)}`)],
    ['servers without number', lineOf.replace(/"usage":/, `"served":[${'{},'.repeat(6_000_000)}],$&`)],
  ])('(%s) is counted and named, the rest is read, and nothing is changed', async (_, line) => {
    using folder = newFolder();
    await withLine(folder.path, line);
    const before = readFileSync(segment(folder.path));
    using run = await openRun(folder.path);
    expect([...run.trials()].map(({ sample }) => sample)).toEqual(['1', '2']);
    expect((await all(run.transcripts())).map(({ trial }) => trial.sample)).toEqual(['1', '2']);
    expect(run.damaged).toEqual([
      {
        kind: 'transcripts',
        file: segment(folder.path),
        line: 2,
        what: 'record',
        key: expect.toBeOneOf([null, key(3)]),
      },
    ]);
    expect(readFileSync(segment(folder.path))).toEqual(before);
    // Another reader finds it in the index.
    using again = await openRun(folder.path);
    expect(again.damaged).toEqual(run.damaged);
  });

  test('is found when it is read, where it was whole when it was indexed', async () => {
    using folder = newFolder();
    await withLine(folder.path, lineOf);
    using run = await openRun(folder.path);
    writeFileSync(segment(folder.path), readFileSync(segment(folder.path), 'utf8').replace(lineOf, broken));
    expect(run.damaged).toEqual([]);
    expect(await run.transcript(key(3))).toBeUndefined();
    expect(run.damaged).toMatchObject([{ line: 2, key: key(3) }]);
    expect((await run.transcript(key(1)))?.key).toBe(key(1));
  });

  test('of format 1, which has no checksums, is found where it is not a record', async () => {
    using folder = newFolder();
    await withLine(folder.path, '');
    const main = join(folder.path, 'transcripts', 'main.jsonl');
    const old = (sample: number) =>
      transcriptText(exampleTranscript(key(sample))).replace(/,"crc32":"\w{8}"/, '');
    writeFileSync(main, `${old(4)}${old(5).replace('"seed":7', '"seed" 7')}${old(6)}`);
    rmSync(segment(folder.path));
    using run = await openRun(folder.path);
    expect((await all(run.transcripts())).map(({ trial }) => trial.sample)).toEqual(['4', '6']);
    expect(run.damaged).toMatchObject([{ file: main, line: 2, key: key(5) }]);
  });

  test('counts of tokens that no server can mean are not said, and the run opens', async () => {
    using folder = newFolder();
    for (const inputTokens of [12.5, 1e300, -1]) {
      const line = transcriptText(
        exampleTranscript(key(3), { usage: { inputTokens, outputTokens: 5 } }),
      ).trimEnd();
      await withLine(folder.path, line);
      using run = await openRun(folder.path);
      expect(run.trial(key(3))).toMatchObject({ inputTokens: null, outputTokens: 5 });
      rmSync(folder.path, { recursive: true });
    }
  });

  test('in quick succession takes time in proportion', async () => {
    using folder = newFolder();
    const seconds = async (lines: number) => {
      await withLine(folder.path, `${'{"a":1,"crc32":"00000000"}\n'.repeat(lines)}{`);
      const before = process.cpuUsage();
      (await openRun(folder.path)).close();
      const { user, system } = process.cpuUsage(before);
      rmSync(folder.path, { recursive: true });
      return (user + system) / 1e6;
    };
    await seconds(1000);
    const [one, four] = [await seconds(10_000), await seconds(40_000)];
    expect(four / one).toBeLessThan(8);
  });
});

describe('what damage took is asked again', () => {
  const ratings = (folder: string) => join(folder, 'ratings', 'rate-rule.jsonl');

  /** Replaces a word in one line of a file. */
  function damage(file: string, line: number, from: string, to: string): void {
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines[line - 1]).toContain(from);
    writeFileSync(file, lines.with(line - 1, lines[line - 1]!.replace(from, to)).join('\n'));
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
  }

  test('a trial whose ratings outlived its transcript gets an attempt above theirs', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    damage(join(folder.path, 'transcripts', 'elicit.jsonl'), 3, '"yes"', '"yet"');
    using run = await openRun(folder.path);
    expect(run.trial(key(2))).toBeUndefined();
    expect(run.losses().ratedAttempts).toEqual(new Map([[key(2), 1]]));
    await using writer = await openRunWriter(folder.path);
    await writer.appendTranscript(exampleTranscript(key(2), { attempt: 2 }));
    expect((await all(writer.reader.ratings())).some((rating) => rating.key === key(2))).toBe(false);
    expect(writer.reader.losses().ratedAttempts).toEqual(new Map());
  });

  test('a later attempt that was lost makes its trial a loss, until it is there again', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    damage(join(folder.path, 'transcripts', 'elicit.jsonl'), 13, '"seed":7', '"seed":8');
    await using writer = await openRunWriter(folder.path);
    expect(writer.reader.trial(key(11))).toMatchObject({ attempt: 1 });
    expect(writer.reader.losses().transcripts).toEqual(new Set([key(11)]));
    await writer.appendTranscript(exampleTranscript(key(11), { attempt: 3 }));
    expect(writer.reader.losses().transcripts).toEqual(new Set());
  });

  test.each([
    ['first', 4, 'm/a', 'x/a'],
    ['first, in its key', 4, '/1#1', '/9#1'],
    ['first, in its counter', 4, '"more":2', '"nore":2'],
    ['second', 5, 'm/b', 'x/b'],
    ['last', 6, '"value":1', '"value":0'],
    ['last, in its key', 6, '/1#1', '/9#1'],
  ])(
    'the %s rating of a batch makes the batch a loss, until the rater has rated again',
    async (_, line, from, to) => {
      using folder = newFolder();
      await exampleRun(folder.path);
      damage(ratings(folder.path), line, from, to);
      await using writer = await openRunWriter(folder.path);
      expect((await writer.reader.ratingsOf(key(1))).filter(({ rater }) => rater === 'rule')).toHaveLength(2);
      expect(writer.reader.losses().ratings.get('rule')).toContain(key(1));
      expect([...writer.reader.losses().ratings.get('rule')!].filter((lost) => lost !== key(9))).toEqual([
        key(1),
      ]);
      await writer.appendRatings(MEASURES.map((measure) => exampleRating(key(1), { measure })));
      expect(writer.reader.losses().ratings.get('rule') ?? new Set()).not.toContain(key(1));
      expect((await writer.reader.ratingsOf(key(1))).filter(({ rater }) => rater === 'rule')).toHaveLength(3);
    },
  );

  test('a batch that the segment ends within does not count, also behind damage', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const batch = ratingsText(MEASURES.map((measure) => exampleRating(key('new'), { measure })));
    appendFileSync(ratings(folder.path), batch.split('\n').slice(0, 2).join('\n').concat('\n'));
    damage(ratings(folder.path), 36, '"value":1', '"value":0');
    using run = await openRun(folder.path);
    expect(run.ratedKeys('rule')).not.toContain(key('new'));
    expect(run.damaged).toHaveLength(1);
    expect(readdirSync(join(folder.path, 'ratings'))).toHaveLength(2);
  });
});
