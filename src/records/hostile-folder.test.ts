import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { RecordsError } from '../core/index.ts';
import { openRun } from './run-reader.ts';
import { createRun, openRunWriter } from './run-writer.ts';
import { all, exampleManifest, exampleRating, exampleTranscript, newFolder } from './testing/example-run.ts';

const KEY = 'sft/refusals/1#1';
const ROLES = ['elicit', 'rate:rule'] as const;

async function exampleRun(folder: string): Promise<void> {
  await using writer = await createRun(folder, exampleManifest);
  await writer.appendTranscript(exampleTranscript(KEY));
  await writer.appendRatings([exampleRating(KEY)]);
}

/** Uses a run in all ways that read it and write to it. */
async function use(folder: string): Promise<void> {
  {
    using run = await openRun(folder);
    await all(run.transcripts());
    await all(run.ratings());
    run.labelFrames();
    await using samples = await run.samples('refusals');
    samples.size;
  }
  await using writer = await openRunWriter(folder, ROLES);
  await writer.appendTranscript(exampleTranscript('sft/refusals/2#1'));
  await writer.appendRatings([exampleRating('sft/refusals/2#1')]);
  await writer.changeManifest((manifest) => ({ ...manifest, name: 'changed' }));
  const samples = await writer.samples('refusals');
  await samples.put({ id: 'a', cluster: 'c', input: [], metadata: {} });
}

/** The content of all files of a folder, and what is not a file by its kind. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const found = lstatSync(join(folder, name));
        return [name, found.isFile() ? readFileSync(join(folder, name), 'latin1') : String(found.mode)];
      }),
  );
}

const FILES = [
  'manifest.json',
  'transcripts/elicit.jsonl',
  'ratings/rate-rule.jsonl',
  'locks/elicit.lock',
  'locks/manifest.lock',
  'labels/frame.jsonl',
  'samples/refusals.jsonl',
];
const FOLDERS = ['transcripts', 'ratings', 'locks', 'labels', 'samples'];

describe('a link is never followed', () => {
  test.each(FILES)('%s: to a file outside', async (name) => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const outside = join(folder.parent, 'outside');
    mkdirSync(outside);
    const path = join(folder.path, name);
    mkdirSync(join(path, '..'), { recursive: true });
    if (existsSync(path)) renameSync(path, join(outside, 'file'));
    else writeFileSync(join(outside, 'file'), '');
    symlinkSync(join(outside, 'file'), path);
    const before = contents(outside);
    const refusal = await use(folder.path).then(
      () => expect.unreachable('the link was followed'),
      (error) => error,
    );
    expect(refusal).toBeInstanceOf(RecordsError);
    expect(refusal.place.file).toBe(path);
    expect(refusal.message).toMatch(/this is a link|not a lock of stemma/);
    expect(refusal.remedy).toBeTruthy();
    expect(contents(outside)).toEqual(before);
  });

  test.each(FOLDERS)('%s/: to a folder outside', async (name) => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const outside = join(folder.parent, 'outside');
    if (existsSync(join(folder.path, name))) renameSync(join(folder.path, name), outside);
    else mkdirSync(outside);
    symlinkSync(outside, join(folder.path, name));
    const before = contents(outside);
    await expect(use(folder.path)).rejects.toThrow('this is a link');
    expect(contents(outside)).toEqual(before);
  });

  test('a link that leads nowhere is not made into a file elsewhere', async () => {
    for (const name of [
      'transcripts/elicit.jsonl',
      'samples/refusals.jsonl',
      'index.sqlite',
      'locks/elicit.lock',
    ]) {
      using folder = newFolder();
      await exampleRun(folder.path);
      mkdirSync(join(folder.path, name, '..'), { recursive: true });
      rmSync(join(folder.path, name), { force: true });
      symlinkSync(join(folder.parent, 'planted'), join(folder.path, name));
      await use(folder.path).catch((error) => expect(error).toBeInstanceOf(RecordsError));
      expect(existsSync(join(folder.parent, 'planted'))).toBe(false);
    }
  });

  test.each(['transcripts/elicit.jsonl', 'ratings/rate-rule.jsonl'])(
    '%s: a second name of a file elsewhere is read, and not written to',
    async (name) => {
      using folder = newFolder();
      await exampleRun(folder.path);
      linkSync(join(folder.path, name), join(folder.parent, 'other'));
      const before = readFileSync(join(folder.parent, 'other'));
      using run = await openRun(folder.path);
      expect(await all(run.transcripts())).toHaveLength(1);
      await expect(use(folder.path)).rejects.toThrow('second name');
      expect(readFileSync(join(folder.parent, 'other'))).toEqual(before);
    },
  );

  test('the run folder itself may be reached by a link', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    symlinkSync(folder.path, join(folder.parent, 'link'));
    await use(join(folder.parent, 'link'));
    using run = await openRun(folder.path);
    expect([...run.trials()]).toHaveLength(2);
  });
});

describe('what is not a file in the place of one is an input error', () => {
  test.each(FILES.flatMap((name) => [[name, 'FIFO'] as const, [name, 'folder'] as const]))(
    '%s is a %s',
    { timeout: 10_000 },
    async (name, kind) => {
      using folder = newFolder();
      await exampleRun(folder.path);
      const path = join(folder.path, name);
      rmSync(path, { force: true });
      mkdirSync(join(path, '..'), { recursive: true });
      if (kind === 'folder') mkdirSync(path);
      else spawnSync('mkfifo', [path]);
      const refusal = await use(folder.path).then(
        () => expect.unreachable('it was used'),
        (error) => error,
      );
      expect(refusal).toBeInstanceOf(RecordsError);
      expect(refusal.exitCode).toBe(2);
      expect(refusal.place.file).toBe(path);
    },
  );

  test('a device is not read for ever', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const segment = join(folder.path, 'transcripts', 'zero.jsonl');
    if (spawnSync('mknod', [segment, 'c', '1', '5']).status !== 0) return;
    await expect(openRun(folder.path)).rejects.toThrow('this is a device');
  });
});

describe('index.sqlite that is not a plain database of stemma’s own', () => {
  /** A database of somebody else's, with a table that stemma's has too. */
  function otherDatabase(path: string): void {
    const database = new DatabaseSync(path);
    database.exec(`CREATE TABLE trials (x); INSERT INTO trials VALUES ('thesis'); PRAGMA user_version = 3`);
    database.close();
  }

  const index = (folder: string) => join(folder, 'index.sqlite');

  test.each<[string, (index: string, outside: string) => void]>([
    ['a database of somebody else', (path) => otherDatabase(path)],
    [
      'a link to a database of somebody else',
      (path, outside) => {
        otherDatabase(join(outside, 'other.sqlite'));
        symlinkSync(join(outside, 'other.sqlite'), path);
      },
    ],
    [
      'a second name of a database',
      (path, outside) => {
        otherDatabase(join(outside, 'other.sqlite'));
        linkSync(join(outside, 'other.sqlite'), path);
      },
    ],
    ['a text', (path) => writeFileSync(path, 'a'.repeat(5000))],
    ['a folder', (path) => mkdirSync(path)],
    ['a FIFO', (path) => void spawnSync('mkfifo', [path])],
  ])('(%s) is not touched, and the run is read and written', { timeout: 20_000 }, async (_, put) => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const outside = join(folder.parent, 'outside');
    mkdirSync(outside);
    rmSync(index(folder.path));
    put(index(folder.path), outside);
    const before = [contents(outside), contents(folder.path)['index.sqlite']];
    await use(folder.path);
    using run = await openRun(folder.path);
    expect([...run.trials()]).toHaveLength(2);
    expect([contents(outside), contents(folder.path)['index.sqlite']]).toEqual(before);
  });

  test.each(['-journal', '-wal', '-shm'])('is not opened where index.sqlite%s is a link', async (suffix) => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const target = join(folder.parent, 'target');
    writeFileSync(target, 'precious');
    symlinkSync(target, index(folder.path) + suffix);
    const before = readFileSync(index(folder.path));
    await use(folder.path);
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect(readFileSync(index(folder.path))).toEqual(before);
  });

  test('is not opened with a journal that has SQLite delete another file', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const victim = join(folder.parent, 'victim');
    writeFileSync(victim, `${join(folder.parent, 'gone')}\0`);
    const name = Buffer.from(victim);
    const header = Buffer.alloc(512);
    Buffer.from('d9d505f920a163d7', 'hex').copy(header);
    header.writeUInt32BE(512, 20);
    header.writeUInt32BE(4096, 24);
    const end = Buffer.alloc(16);
    end.writeUInt32BE(name.length, 0);
    end.writeUInt32BE(
      name.reduce((sum, byte) => sum + byte, 0),
      4,
    );
    Buffer.from('d9d505f920a163d7', 'hex').copy(end, 8);
    const page = Buffer.alloc(4);
    page.writeUInt32BE(Math.floor(0x40000000 / 4096) + 1);
    writeFileSync(`${index(folder.path)}-journal`, Buffer.concat([header, page, name, end]));
    await use(folder.path);
    expect(existsSync(victim)).toBe(true);
  });
});

describe('the index belongs to its segments', () => {
  test('an index that came with a copy of a run is built anew, whatever it says', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const database = new DatabaseSync(join(folder.path, 'index.sqlite'));
    database.exec(`UPDATE trials SET status = 2`);
    database.close();
    const copy = join(folder.parent, 'copy');
    spawnSync('cp', ['-a', folder.path, copy]);
    using run = await openRun(copy);
    expect([...run.trials()].map(({ status }) => status)).toEqual(['completed']);
  });

  test('a segment that is replaced by a file of the same size and times is noticed', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    const segment = join(folder.path, 'transcripts', 'elicit.jsonl');
    const other = newFolder();
    await (async () => {
      await using writer = await createRun(other.path, exampleManifest);
      await writer.appendTranscript(exampleTranscript('sft/refusals/9#1'));
    })();
    const times = statSync(segment);
    copyFileSync(join(other.path, 'transcripts', 'elicit.jsonl'), `${segment}.new`);
    renameSync(`${segment}.new`, segment);
    spawnSync('touch', ['-d', `@${times.mtimeMs / 1000}`, segment]);
    other[Symbol.dispose]();
    using run = await openRun(folder.path);
    expect([...run.trials()].map(({ sample }) => sample)).toEqual(['9']);
  });

  test('a reading command changes nothing but the index', async () => {
    using folder = newFolder();
    await exampleRun(folder.path);
    rmSync(join(folder.path, 'index.sqlite'));
    const before = contents(folder.path);
    using run = await openRun(folder.path);
    await all(run.transcripts());
    await all(run.ratings());
    run.losses();
    const { 'index.sqlite': _, ...after } = contents(folder.path);
    expect(after).toEqual(before);
  });
});
