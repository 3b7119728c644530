import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { compactRun } from './compact.ts';
import type { RunReader } from './run.ts';
import { openRun } from './run-reader.ts';
import { createRun, openRunWriter } from './run-writer.ts';
import { all, exampleManifest, exampleRating, exampleTranscript, newFolder } from './testing/example-run.ts';

const SAMPLES = 240;
const key = (sample: number | string) => `sft/refusals/${sample}#1`;
const MEASURES = ['m/a', 'm/b'];

/** Some blocks of transcripts: words that do not repeat, or they would all fit into one. */
async function largeRun(folder: string, samples = SAMPLES): Promise<void> {
  await using writer = await createRun(folder, exampleManifest);
  const random = xoroshiro128plus(5);
  for (let sample = 0; sample < samples; sample++) {
    const words = Array.from({ length: 300 }, () => (random.next() >>> 0).toString(36)).join(' ');
    await writer.appendTranscript(exampleTranscript(key(sample), { response: `Größe ${words}` }));
    await writer.appendRatings(
      MEASURES.map((measure) => exampleRating(key(sample), { measure, explanation: `“${sample}”` })),
    );
  }
  await writer.appendTranscript(exampleTranscript(key(samples - 1), { attempt: 2 }));
}

const PLAIN = ['transcripts/elicit.jsonl', 'ratings/rate-rule.jsonl'];
const COMPACTED = PLAIN.map((name) => `${name}.zst`);

async function everything(run: RunReader): Promise<string[]> {
  return [...(await all<object>(run.transcripts())), ...(await all<object>(run.ratings()))].map((record) =>
    JSON.stringify(record),
  );
}

async function readAnew(folder: string): Promise<string[]> {
  using run = await openRun(folder);
  expect(run.damaged).toEqual([]);
  return everything(run);
}

describe('a compacted run', { timeout: 120_000 }, () => {
  test('is smaller, and read as before: in order, by trial, and by a reader that was open', async () => {
    using folder = newFolder();
    await largeRun(folder.path);
    using early = await openRun(folder.path);
    const before = await everything(early);
    const rows = [...early.trials()];
    const done: { plain: number; compacted: number }[] = [];
    await compactRun(folder.path, (segment) => void done.push(segment));
    expect(done).toHaveLength(2);
    for (const { plain, compacted } of done) expect(compacted).toBeLessThan(0.8 * plain);
    expect(PLAIN.map((name) => existsSync(join(folder.path, name)))).toEqual([false, false]);
    expect((await early.transcript(key(7)))?.key).toBe(key(7));
    expect(await readAnew(folder.path)).toEqual(before);
    using run = await openRun(folder.path);
    expect([...run.trials()]).toEqual(rows);
    for (const sample of [200, 3, 199, 120]) {
      expect((await run.transcript(key(sample)))?.trial.sample).toBe(String(sample));
      expect((await run.ratingsOf(key(sample))).map(({ measure }) => measure)).toEqual(MEASURES);
    }
    // The index knows all of it, and is not built again.
    rmSync(join(folder.path, 'index.sqlite'));
    expect(await readAnew(folder.path)).toEqual(before);
  });

  test('grows in plain segments, and is compacted again', async () => {
    using folder = newFolder();
    await largeRun(folder.path);
    await compactRun(folder.path);
    for (const sample of ['new', 'newer']) {
      await using writer = await openRunWriter(folder.path);
      await writer.appendTranscript(exampleTranscript(key(sample)));
      await writer.appendRatings([exampleRating(key(sample), { measure: 'm/a' })]);
      // A later rating of what is compacted counts in its place.
      await writer.appendRatings([exampleRating(key(0), { measure: 'm/a', explanation: sample })]);
      const ratings = await writer.reader.ratingsOf(key(0));
      expect(ratings.map(({ measure, explanation }) => [measure, explanation])).toEqual([
        ['m/b', '“0”'],
        ['m/a', sample],
      ]);
      const before = await everything(writer.reader);
      await writer.close();
      await compactRun(folder.path);
      expect((await readAnew(folder.path)).toSorted()).toEqual(before.toSorted());
    }
    const nothing: unknown[] = [];
    await compactRun(folder.path, (segment) => void nothing.push(segment));
    expect(nothing).toEqual([]);
  });

  test('is refused while somebody writes, and where a link is in the way', async () => {
    using folder = newFolder();
    await largeRun(folder.path, 3);
    {
      await using writer = await openRunWriter(folder.path);
      writer.claim('rate:rule');
      await expect(compactRun(folder.path)).rejects.toThrow(/is writing to this run already/);
      expect(existsSync(join(folder.path, PLAIN[0]!))).toBe(true);
    }
    symlinkSync('/etc/passwd', join(folder.path, COMPACTED[0]!));
    await expect(compactRun(folder.path)).rejects.toThrow(/link/);
    await expect(openRun(folder.path)).rejects.toThrow(/link/);
  });

  test('of format 1 is left as it is: its lines have no checksums', async () => {
    using folder = newFolder();
    await largeRun(folder.path, 3);
    const main = join(folder.path, 'transcripts', 'main.jsonl');
    copyFileSync(join(folder.path, PLAIN[0]!), main);
    await compactRun(folder.path);
    expect(existsSync(main)).toBe(true);
  });
});

describe('killed at any moment', { timeout: 240_000 }, () => {
  test('leaves one complete copy, and the next compaction does the rest', async () => {
    using folder = newFolder();
    await largeRun(folder.path);
    const before = await readAnew(folder.path);
    const script = `import { compactRun } from ${JSON.stringify(fileURLToPath(new URL('./compact.ts', import.meta.url)))};
      process.send('begun'); await compactRun(process.argv[1]); process.send('done');`;
    let killed = 0;
    for (let kill = 0; kill < 5; kill++) {
      const copy = join(folder.parent, `copy-${kill}`);
      cpSync(folder.path, copy, { recursive: true });
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, copy], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      await new Promise((resolve) => child.once('message', resolve));
      let isDone = false;
      child.once('message', () => {
        isDone = true;
      });
      await delay(8 * kill);
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
      if (!isDone) killed++;
      expect(await readAnew(copy)).toEqual(before);
      await compactRun(copy);
      expect(await readAnew(copy)).toEqual(before);
      expect(COMPACTED.map((name) => existsSync(join(copy, name)))).toEqual([true, true]);
    }
    expect(killed).toBeGreaterThan(0);
  });

  test('between the renaming and the removal: the plain copy is passed over, and its next owner removes it', async () => {
    using folder = newFolder();
    await largeRun(folder.path, 12);
    const plain = PLAIN.map((name) => readFileSync(join(folder.path, name)));
    const before = await readAnew(folder.path);
    await compactRun(folder.path);
    PLAIN.forEach((name, i) => void writeFileSync(join(folder.path, name), plain[i]!));
    {
      using run = await openRun(folder.path);
      expect(await everything(run)).toEqual(before);
      expect(await all(run.ratings())).toHaveLength(2 * 12 - 2);
    }
    await using writer = await openRunWriter(folder.path);
    await writer.appendTranscript(exampleTranscript(key('new')));
    expect(readFileSync(join(folder.path, PLAIN[0]!), 'utf8').split('\n')).toHaveLength(2);
  });
});

describe('bits flipped in compacted segments', { timeout: 240_000 }, () => {
  test('nothing is read that was not written, the lines of one block are named, all others are read', async () => {
    using folder = newFolder();
    await largeRun(folder.path);
    await compactRun(folder.path);
    const before = new Set(await readAnew(folder.path));
    const sound = join(folder.parent, 'sound');
    mkdirSync(sound);
    COMPACTED.forEach((name, i) => void copyFileSync(join(folder.path, name), join(sound, String(i))));
    const random = xoroshiro128plus(11);
    const below = (bound: number) => (random.next() >>> 0) % bound;
    let hit = 0;
    for (let flip = 0; flip < 60; flip++) {
      const which = below(COMPACTED.length);
      const bytes = readFileSync(join(sound, String(which)));
      // Every third one in the table, or before the first block.
      const at =
        flip % 3 > 0 ? below(bytes.length) : flip % 2 === 0 ? bytes.length - 1 - below(200) : below(60);
      bytes[at]! ^= 1 << below(8);
      if (flip % 2 === 0) rmSync(join(folder.path, 'index.sqlite'), { force: true });
      writeFileSync(join(folder.path, COMPACTED[which]!), bytes);
      using run = await openRun(folder.path);
      const read = await everything(run);
      for (const record of read) expect(before).toContain(record);
      const missing = before.size - read.length;
      const { damaged } = run;
      expect(damaged.length > 0).toBe(missing > 0);
      expect(new Set(damaged.map(({ file }) => file)).size).toBeLessThanOrEqual(1);
      if (missing > 0) hit++;
      // A block of transcripts takes the ratings of its trials with it.
      expect(missing).toBeLessThan(before.size);
      copyFileSync(join(sound, String(which)), join(folder.path, COMPACTED[which]!));
    }
    expect(hit).toBeGreaterThan(20);
    expect(new Set(await readAnew(folder.path))).toEqual(before);
  });

  test('a damaged block makes its trials be asked again, and the run is whole again', async () => {
    using folder = newFolder();
    await largeRun(folder.path);
    await compactRun(folder.path);
    const file = join(folder.path, COMPACTED[0]!);
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 4;
    writeFileSync(file, bytes);
    const lost = await (async () => {
      using run = await openRun(folder.path);
      const there = new Set([...run.trials()].map(({ key: trial }) => trial));
      const numbers = Array.from({ length: SAMPLES }, (_, sample) => sample).filter(
        (sample) => !there.has(key(sample)),
      );
      expect(run.damaged.map(({ line }) => line)).toEqual(numbers.map((sample) => sample + 1));
      return numbers;
    })();
    expect(lost.length).toBeGreaterThan(10);
    await using writer = await openRunWriter(folder.path);
    const { ratedAttempts } = writer.reader.losses();
    const attempts = lost.map((sample) => (ratedAttempts.get(key(sample)) ?? 0) + 1);
    expect(new Set(attempts)).toEqual(new Set([2]));
    await Promise.all(
      lost.map((sample, i) =>
        writer.appendTranscript(exampleTranscript(key(sample), { attempt: attempts[i]! })),
      ),
    );
    expect([...writer.reader.trials()]).toHaveLength(SAMPLES);
    await writer.close();
    await compactRun(folder.path);
    using run = await openRun(folder.path);
    expect([...run.trials()]).toHaveLength(SAMPLES);
    expect(run.damaged).toHaveLength(lost.length);
  });
});
