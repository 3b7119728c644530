import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RecordsError } from '../core/index.ts';
import { lockedBy, tryLock, withLock } from './lock.ts';
import { newFolder } from './testing/example-run.ts';

const NAME = 'elicit';
const here = (file: string) => JSON.stringify(import.meta.resolve(file));

/** Tries to take the lock of a folder, says whether it did, and holds it. */
const SCRIPT = `import { tryLock } from ${here('./lock.ts')};
  globalThis.lock = tryLock(process.argv[1], 'elicit');
  console.log(globalThis.lock === null ? 'refused' : 'taken');
  if (process.argv[2] === 'hold' && globalThis.lock) setInterval(() => {}, 1000);`;
const argsOf = (folder: string, ...more: string[]) => ['--input-type=module', '-e', SCRIPT, folder, ...more];

function inAnotherProcess(folder: string): string {
  return spawnSync(process.execPath, argsOf(folder), { encoding: 'utf8' }).stdout.trim();
}

/** A run folder as far as locks need one. */
function emptyFolder() {
  const folder = newFolder();
  mkdirSync(folder.path);
  return folder;
}

function errorOf(act: () => unknown): RecordsError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(RecordsError);
    return error as RecordsError;
  }
  return expect.unreachable('the lock was given');
}

describe('a lock of a run folder', () => {
  test('is given to one at a time within a process, and again after it was released', () => {
    using folder = emptyFolder();
    const lock = tryLock(folder.path, NAME)!;
    expect(tryLock(folder.path, NAME)).toBeNull();
    expect(tryLock(folder.path, 'rate-judge')).not.toBeNull();
    lock.release();
    const second = tryLock(folder.path, NAME)!;
    // Releasing twice does not release another one's.
    lock.release();
    expect(tryLock(folder.path, NAME)).toBeNull();
    expect(inAnotherProcess(folder.path)).toBe('refused');
    second.release();
    expect(inAnotherProcess(folder.path)).toBe('taken');
  });

  test('is known by its file, not by the path that leads there', () => {
    using folder = emptyFolder();
    const other = join(folder.parent, 'other');
    symlinkSync(folder.path, other);
    tryLock(folder.path, NAME);
    expect(tryLock(other, NAME)).toBeNull();
  });

  test('stays an empty file without others beside it, whatever is tried', () => {
    using folder = emptyFolder();
    const lock = tryLock(folder.path, NAME)!;
    tryLock(folder.path, NAME);
    inAnotherProcess(folder.path);
    expect(readdirSync(join(folder.path, 'locks')).sort()).toEqual(['elicit.json', 'elicit.lock']);
    lock.release();
    expect(readdirSync(join(folder.path, 'locks'))).toEqual(['elicit.lock']);
    expect(readFileSync(join(folder.path, 'locks/elicit.lock'))).toHaveLength(0);
  });

  test('of a process that was killed with -9 is free at once', async () => {
    using folder = emptyFolder();
    const child = spawn(process.execPath, argsOf(folder.path, 'hold'), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(tryLock(folder.path, NAME)).toBeNull();
    const refusal = lockedBy(folder.path, NAME, 'asking the stages of this run');
    expect(refusal.message).toContain(`process ${child.pid} on ${hostname()} is asking the stages`);
    expect(refusal.remedy).toContain('stop it');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(tryLock(folder.path, NAME)).not.toBeNull();
  });

  const UNSHARE = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc'];
  const canUnshare = spawnSync('unshare', [...UNSHARE, 'true']).status === 0;
  test.skipIf(!canUnshare)('holds in another PID namespace (skipped: needs unshare)', () => {
    using folder = emptyFolder();
    const inContainer = () =>
      spawnSync('unshare', [...UNSHARE, process.execPath, ...argsOf(folder.path)], {
        encoding: 'utf8',
      }).stdout.trim();
    const lock = tryLock(folder.path, NAME)!;
    expect(inContainer()).toBe('refused');
    lock.release();
    expect(inContainer()).toBe('taken');
  });

  test('is waited for by those who hold it for moments, one after the other', async () => {
    using folder = emptyFolder();
    let inside = 0;
    const order = await Promise.all(
      Array.from({ length: 5 }, (_, turn) =>
        withLock(folder.path, 'manifest', async () => {
          expect(++inside).toBe(1);
          await new Promise((resolve) => setTimeout(resolve, 5));
          inside--;
          return turn;
        }),
      ),
    );
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  test('names nobody where the file that says who holds it is a forgery', () => {
    using folder = emptyFolder();
    tryLock(folder.path, NAME);
    for (const forged of ['', '{"pid":1}', '{"pid":1,"host":"\\u001b[2J","since":"2026"}', '[]', 'null']) {
      writeFileSync(join(folder.path, 'locks/elicit.json'), forged);
      expect(lockedBy(folder.path, NAME, 'at work').message).toMatch(/^another process is at work already;/);
    }
  });

  test.each<[string, (locks: string) => void]>([
    ['a link', (locks) => symlinkSync('../target', join(locks, 'elicit.lock'))],
    ['a folder', (locks) => mkdirSync(join(locks, 'elicit.lock'))],
    ['a FIFO', (locks) => void spawnSync('mkfifo', [join(locks, 'elicit.lock')])],
    ['a file with content', (locks) => writeFileSync(join(locks, 'elicit.lock'), 'SQLite format 3\0')],
    ['a file with a journal beside it', (locks) => writeFileSync(join(locks, 'elicit.lock-journal'), 'x')],
    ['a file with a log beside it', (locks) => writeFileSync(join(locks, 'elicit.lock-wal'), '')],
  ])('that is %s is refused, and nothing is touched', (_, put) => {
    using folder = emptyFolder();
    mkdirSync(join(folder.path, 'locks'));
    writeFileSync(join(folder.path, 'target'), '');
    put(join(folder.path, 'locks'));
    const before = readdirSync(join(folder.path, 'locks'));
    expect(errorOf(() => tryLock(folder.path, NAME)).message).toContain('not a lock of stemma');
    expect(readdirSync(join(folder.path, 'locks'))).toEqual(before);
    expect(readFileSync(join(folder.path, 'target'))).toHaveLength(0);
  });

  test('in a folder of locks that is a link is refused', () => {
    using folder = emptyFolder();
    mkdirSync(join(folder.parent, 'elsewhere'));
    symlinkSync('../elsewhere', join(folder.path, 'locks'));
    expect(errorOf(() => tryLock(folder.path, NAME)).message).toContain('this is a link');
    expect(readdirSync(join(folder.parent, 'elsewhere'))).toEqual([]);
  });
});
