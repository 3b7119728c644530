import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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
import { mendTornEnd } from './torn-tail.ts';

const first = exampleTranscript('sft/refusals/1#1');
const last = exampleTranscript('sft/refusals/zwei 😀#1', { response: 'naïve — 😀 "…"' });

describe('a segment cut at every byte of its last line', () => {
  test('is read without that line, is cut back, and goes on', async () => {
    using folder = newFolder();
    await using writer = await createRun(folder.path, exampleManifest);
    await writer.appendTranscript(first);
    await writer.close();
    const whole = transcriptText(first);
    const segment = join(folder.path, 'transcripts', 'elicit.jsonl');
    const bytes = Buffer.from(transcriptText(last));
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(segment, Buffer.concat([Buffer.from(whole), bytes.subarray(0, length)]));
      if (length % 8 === 0) {
        using reader = await openRun(folder.path);
        expect([...reader.trials()].map(({ key }) => key)).toEqual([first.key]);
        expect(reader.damaged).toEqual([]);
      }
      expect(mendTornEnd(segment, 'transcripts')).toBe(whole.length);
      expect(readFileSync(segment, 'utf8')).toBe(whole);
    }
    await using again = await openRunWriter(folder.path);
    await again.appendTranscript(last);
    expect(await again.reader.transcript(last.key)).toEqual(last);
    expect(readFileSync(segment, 'utf8')).toBe(whole + bytes.toString());
  });

  test('the writer that opens it cuts it (every 16th byte)', async () => {
    using folder = newFolder();
    await (await createRun(folder.path, exampleManifest)).close();
    const segment = join(folder.path, 'transcripts', 'elicit.jsonl');
    const bytes = Buffer.from(transcriptText(last));
    for (let length = 1; length < bytes.length; length += 16) {
      writeFileSync(segment, Buffer.concat([Buffer.from(transcriptText(first)), bytes.subarray(0, length)]));
      await using writer = await openRunWriter(folder.path, ['elicit']);
      expect(readFileSync(segment, 'utf8')).toBe(transcriptText(first));
      await writer.appendTranscript(last);
      expect([...writer.reader.trials()]).toHaveLength(2);
    }
  });
});

describe('a batch of ratings cut at every byte', () => {
  const before = ratingsText([exampleRating(first.key, { rater: 'other' })]);
  const batch = ratingsText(
    ['m/ä', 'm/b', 'm/c'].map((measure) => exampleRating(first.key, { measure, explanation: '😀' })),
  );

  test('counts as a whole or not at all', async () => {
    using folder = newFolder();
    await using writer = await createRun(folder.path, exampleManifest);
    await writer.appendTranscript(first);
    const segment = join(folder.path, 'ratings', 'rate-rule.jsonl');
    const bytes = Buffer.from(before + batch);
    for (let length = before.length; length < bytes.length; length++) {
      writeFileSync(segment, bytes.subarray(0, length));
      if (length % 16 === 0) {
        using reader = await openRun(folder.path);
        expect([...reader.ratingRows()].map(({ rater }) => rater)).toEqual(['other']);
        expect(reader.ratedKeys('rule').size).toBe(0);
        expect((await all(reader.ratings())).map(({ rater }) => rater)).toEqual(['other']);
      }
      expect(mendTornEnd(segment, 'ratings')).toBe(before.length);
      expect(readFileSync(segment, 'utf8')).toBe(before);
    }
  });
});

describe('mending', () => {
  test('gives a last record that is whole its line feed back, when that is all that is damaged', () => {
    using folder = newFolder();
    const path = join(folder.parent, 'segment.jsonl');
    const whole = transcriptText(first) + transcriptText(last);
    for (let bit = 0; bit < 8; bit++) {
      const bytes = Buffer.from(whole);
      bytes[bytes.length - 1]! ^= 1 << bit;
      writeFileSync(path, bytes);
      expect(mendTornEnd(path, 'transcripts')).toBe(bytes.length);
      expect(readFileSync(path, 'utf8')).toBe(whole);
    }
  });

  test('leaves whole segments, empty ones and single batches alone', () => {
    using folder = newFolder();
    const path = join(folder.parent, 'segment.jsonl');
    for (const content of ['', transcriptText(first)]) {
      writeFileSync(path, content);
      expect(mendTornEnd(path, 'transcripts')).toBe(Buffer.byteLength(content));
    }
    const batch = ratingsText([exampleRating(first.key), exampleRating(first.key, { measure: 'm/b' })]);
    writeFileSync(path, batch);
    expect(mendTornEnd(path, 'ratings')).toBe(batch.length);
    expect(readFileSync(path, 'utf8')).toBe(batch);
  });

  test('a tail of zero bytes, as some file systems leave after a power cut, goes', () => {
    using folder = newFolder();
    const path = join(folder.parent, 'segment.jsonl');
    writeFileSync(path, transcriptText(first));
    truncateSync(path, 200_000);
    copyFileSync(path, `${path}.copy`);
    expect(mendTornEnd(path, 'transcripts')).toBe(transcriptText(first).length);
  });
});
