import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RecordsError } from '../core/index.ts';
import { openRun } from './run-reader.ts';
import { createRun, openRunWriter } from './run-writer.ts';
import { exampleManifest, exampleRating, exampleTranscript, newFolder } from './testing/example-run.ts';

const key = (sample: number) => `sft/refusals/${sample}#1`;

describe('a new run', () => {
  test('is there with its manifest before the first record, and can be gone on with', async () => {
    using folder = newFolder();
    await (await createRun(folder.path, exampleManifest)).close();
    expect(JSON.parse(readFileSync(join(folder.path, 'manifest.json'), 'utf8'))).toEqual(exampleManifest);
    await using writer = await openRunWriter(folder.path);
    expect(writer.manifest).toEqual(exampleManifest);
    expect([...writer.reader.trials()]).toEqual([]);
  });

  test('is not made over another run, nor among strange files', async () => {
    using folder = newFolder();
    await (await createRun(folder.path, exampleManifest)).close();
    await expect(createRun(folder.path, exampleManifest)).rejects.toThrow('holds a run already');
    const strange = join(folder.parent, 'strange');
    mkdirSync(strange);
    writeFileSync(join(strange, 'thesis.tex'), '');
    await expect(createRun(strange, exampleManifest)).rejects.toThrow('thesis.tex');
    expect(readdirSync(strange)).toEqual(['thesis.tex']);
  });

  test('is made where an earlier try was cut short before its manifest', async () => {
    using folder = newFolder();
    mkdirSync(join(folder.path, 'transcripts'), { recursive: true });
    writeFileSync(join(folder.path, 'manifest.json.123.draft'), '{');
    await (await createRun(folder.path, exampleManifest)).close();
  });
});

describe('a folder of records whose manifest is gone', () => {
  async function withoutManifest(folder: string, leave: (folder: string) => void): Promise<void> {
    await using writer = await createRun(folder, exampleManifest, ['elicit', 'rate:judge']);
    await writer.appendTranscript(exampleTranscript('sft/refusals/a#1'));
    await writer.appendRatings([exampleRating('sft/refusals/a#1', { rater: 'judge' })]);
    await writer.close();
    rmSync(join(folder, 'manifest.json'));
    rmSync(join(folder, 'index.sqlite'), { force: true });
    leave(folder);
  }

  test.each<[string, string, (folder: string) => void]>([
    ['as it is', 'transcripts/elicit.jsonl', () => {}],
    [
      'of which the index is there',
      'transcripts/elicit.jsonl',
      (folder) => writeFileSync(join(folder, 'index.sqlite'), 'x'),
    ],
    [
      'of which only ratings are left',
      'ratings/rate-judge.jsonl',
      (folder) => rmSync(join(folder, 'transcripts'), { recursive: true }),
    ],
    [
      'that is compacted',
      'transcripts/elicit.jsonl.zst',
      (folder) =>
        renameSync(
          join(folder, 'transcripts', 'elicit.jsonl'),
          join(folder, 'transcripts', 'elicit.jsonl.zst'),
        ),
    ],
  ])('%s is not the beginning of another run, and stays as it is', async (_, file, leave) => {
    using folder = newFolder();
    await withoutManifest(folder.path, leave);
    const before = readFileSync(join(folder.path, file));
    const made = createRun(folder.path, exampleManifest);
    await expect(made).rejects.toThrow('this is a record of a run whose manifest.json is gone');
    await expect(made).rejects.toMatchObject({
      place: { file: join(folder.path, file) },
      remedy: expect.stringContaining('Restore manifest.json from a copy'),
    });
    expect(readFileSync(join(folder.path, file))).toEqual(before);
    expect(readdirSync(folder.path)).not.toContain('manifest.json');
  });

  test('without a record in it is what an earlier try was cut short at', async () => {
    using folder = newFolder();
    for (const kind of ['transcripts', 'ratings']) mkdirSync(join(folder.path, kind), { recursive: true });
    writeFileSync(join(folder.path, 'transcripts', 'elicit.jsonl'), '');
    await (await createRun(folder.path, exampleManifest)).close();
  });
});

describe('roles', () => {
  test('a second owner of a role is refused by name of the first, and the first goes on', async () => {
    using folder = newFolder();
    await using writer = await createRun(folder.path, exampleManifest, ['elicit']);
    await expect(openRunWriter(folder.path, ['elicit'])).rejects.toThrow(
      `process ${process.pid} on ${hostname()} (this very process) is asking the stages of this run already`,
    );
    await writer.appendTranscript(exampleTranscript(key(1)));
    await writer.close();
    await (await openRunWriter(folder.path, ['elicit'])).close();
  });

  test('different roles write at once, each to a segment of its own; each sees what the others wrote', async () => {
    using folder = newFolder();
    await using run = await createRun(folder.path, exampleManifest, ['elicit']);
    await run.appendTranscript(exampleTranscript(key(1)));
    await using judge = await openRunWriter(folder.path, ['rate:judge']);
    await using person = await openRunWriter(folder.path);
    await person.changeManifest((manifest) => ({
      ...manifest,
      raters: [...manifest.raters, { id: 'human', kind: 'human', digests: {} }],
    }));
    await judge.appendRatings([exampleRating(key(1), { rater: 'judge' })]);
    await run.appendRatings([exampleRating(key(1))]);
    await person.appendRatings([exampleRating(key(1), { rater: 'human' })]);
    expect(readdirSync(join(folder.path, 'ratings')).sort()).toEqual([
      'label-human.jsonl',
      'rate-judge.jsonl',
      'rate-rule.jsonl',
    ]);
    judge.reader.refresh();
    expect([...judge.reader.ratingRows()].map(({ rater }) => rater)).toEqual(['human', 'judge', 'rule']);
    expect(run.tryClaim('rate:judge')).toBe(false);
    await expect(run.appendRatings([exampleRating(key(1), { rater: 'judge' })])).rejects.toThrow(
      'rating this run as "judge" already',
    );
    await judge.release('rate:judge');
    expect(run.tryClaim('rate:judge')).toBe(true);
    expect(judge.holds('rate:judge')).toBe(false);
  });

  test('the manifest is changed by several at once, and no change is lost', async () => {
    using folder = newFolder();
    await (await createRun(folder.path, exampleManifest)).close();
    const ids = Array.from({ length: 8 }, (_, index) => `judge-${index}`);
    await Promise.all(
      ids.map(async (id) => {
        await using writer = await openRunWriter(folder.path);
        await writer.changeManifest((manifest) => ({
          ...manifest,
          raters: [...manifest.raters, { id, kind: 'autorater', digests: {} }],
        }));
      }),
    );
    const { manifest } = await openRun(folder.path);
    expect(manifest.raters.map(({ id }) => id).sort()).toEqual([...ids, 'rule']);
  });

  test('a folder that stemma 0.1 may be writing to is refused until its lock is deleted', async () => {
    using folder = newFolder();
    await (await createRun(folder.path, exampleManifest)).close();
    const lock = join(folder.path, 'writer.lock');
    writeFileSync(lock, '{}');
    await expect(openRunWriter(folder.path)).rejects.toMatchObject({
      place: { file: lock },
      remedy: expect.stringContaining('delete'),
    });
    (await openRun(folder.path)).close();
  });
});

describe('appending', () => {
  test('what was appended concurrently is all there, once', async () => {
    using folder = newFolder();
    await using writer = await createRun(folder.path, exampleManifest);
    const samples = Array.from({ length: 500 }, (_, index) => index);
    await Promise.all(
      samples.map(async (sample) => {
        await writer.appendTranscript(exampleTranscript(key(sample)));
        await writer.appendRatings([
          exampleRating(key(sample)),
          exampleRating(key(sample), { measure: 'm/b' }),
        ]);
      }),
    );
    expect([...writer.reader.trials()].map(({ sample }) => Number(sample)).sort((a, b) => a - b)).toEqual(
      samples,
    );
    expect([...writer.reader.ratingRows()]).toHaveLength(1000);
    await writer.close();
    const lines = readFileSync(join(folder.path, 'transcripts', 'elicit.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(new Set(lines.map((line) => JSON.parse(line).key)).size).toBe(500);
    expect(lines).toHaveLength(500);
  });

  test('records that contradict themselves are our own mistakes and are not written', async () => {
    using folder = newFolder();
    await using writer = await createRun(folder.path, exampleManifest);
    const wrong = { ...exampleTranscript(key(1)), key: key(2) };
    await expect(writer.appendTranscript(wrong)).rejects.toThrow(RangeError);
    await expect(writer.appendRatings([exampleRating(key(1), { value: null })])).rejects.toThrow(RangeError);
    await expect(writer.appendRatings([exampleRating(key(1), { value: Number.NaN })])).rejects.toThrow(
      RangeError,
    );
    await writer.appendRatings([exampleRating(key(1), { status: 'unparsed', value: null })]);
    expect(readFileSync(join(folder.path, 'ratings', 'rate-rule.jsonl'), 'utf8').split('\n')).toHaveLength(2);
  });

  test('a closed run takes no more', async () => {
    using folder = newFolder();
    const writer = await createRun(folder.path, exampleManifest);
    await writer.close();
    await writer.close();
    await expect(writer.appendTranscript(exampleTranscript(key(1)))).rejects.toThrow('was closed');
  });

  test('the manifest can be replaced while the run is open', async () => {
    using folder = newFolder();
    await using writer = await createRun(folder.path, exampleManifest);
    const raters = [...exampleManifest.raters, { id: 'judge', kind: 'autorater' as const, digests: {} }];
    await writer.changeManifest((manifest) => ({ ...manifest, raters }));
    expect(writer.reader.manifest.raters).toEqual(raters);
    expect((await openRun(folder.path)).manifest.raters).toEqual(raters);
    expect(readdirSync(folder.path).filter((name) => name.includes('draft'))).toEqual([]);
  });
});

/** Whether this process may mount; tells so by trying. */
function canMount(): boolean {
  using folder = newFolder();
  mkdirSync(folder.path);
  try {
    mount(folder.path, 'size=1m');
    execFileSync('umount', [folder.path]);
    return true;
  } catch {
    return false;
  }
}

function mount(folder: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
}

describe.skipIf(!canMount())('on a volume of its own (skipped: mounting one needs root)', () => {
  test('a full disk stops the run; what was recorded is whole, and the run goes on when there is space', async () => {
    using folder = newFolder();
    mkdirSync(folder.path);
    mount(folder.path, 'size=512k');
    try {
      const writer = await createRun(folder.path, exampleManifest);
      const durable: string[] = [];
      let failure: unknown = null;
      for (let sample = 0; failure === null; sample++) {
        const transcript = exampleTranscript(key(sample), { response: 'x'.repeat(5000) });
        await writer.appendTranscript(transcript).then(
          () => durable.push(transcript.key),
          (error) => {
            failure = error;
          },
        );
      }
      expect(failure).toBeInstanceOf(RecordsError);
      expect((failure as RecordsError).toString()).toContain('the disk is full');
      expect(durable.length).toBeGreaterThan(20);
      await writer.close();
      const segment = readFileSync(join(folder.path, 'transcripts', 'elicit.jsonl'), 'utf8');
      expect(segment.endsWith('\n')).toBe(true);
      expect(
        segment
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).key),
      ).toEqual(durable);
      {
        using reader = await openRun(folder.path);
        expect([...reader.trials()]).toHaveLength(durable.length);
      }
      execFileSync('mount', ['-o', 'remount,size=2m', folder.path]);
      await using again = await openRunWriter(folder.path);
      await again.appendTranscript(exampleTranscript(key(100_000)));
      expect([...again.reader.trials()]).toHaveLength(durable.length + 1);
    } finally {
      execFileSync('umount', [folder.path]);
    }
  });

  test.each([['with its index'], ['without an index']])(
    'a read-only run is read %s, and not written to',
    async (which) => {
      using folder = newFolder();
      mkdirSync(folder.path);
      mount(folder.path, 'size=2m');
      try {
        const writer = await createRun(folder.path, exampleManifest);
        await writer.appendTranscript(exampleTranscript(key(1)));
        await writer.appendRatings([exampleRating(key(1))]);
        await writer.close();
        if (which === 'without an index') execFileSync('rm', [join(folder.path, 'index.sqlite')]);
        const before = readdirSync(folder.path);
        execFileSync('mount', ['-o', 'remount,ro', folder.path]);
        using reader = await openRun(folder.path);
        expect([...reader.trials()].map((trial) => trial.key)).toEqual([key(1)]);
        expect(reader.ratedKeys('rule')).toEqual(new Set([key(1)]));
        expect(await reader.transcript(key(1))).toEqual(exampleTranscript(key(1)));
        const refused: RecordsError = await openRunWriter(folder.path).then(
          () => expect.unreachable(),
          (error) => error,
        );
        expect(refused).toBeInstanceOf(RecordsError);
        expect(refused.toString()).toContain('read-only');
        expect(refused.remedy).toContain('Copy the run folder');
        for (const inside of [join(folder.path, 'new'), join(folder.path, 'a', 'b')]) {
          await expect(createRun(inside, exampleManifest)).rejects.toThrow('read-only');
        }
        expect(readdirSync(folder.path)).toEqual(before);
      } finally {
        execFileSync('umount', [folder.path]);
      }
    },
  );
});
