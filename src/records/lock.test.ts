import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RecordsError } from '../core/index.ts';
import { lockRun } from './lock.ts';
import { newFolder } from './testing/example-run.ts';

const holder = {
  pid: process.pid,
  host: hostname(),
  started: null,
  since: '2026-01-01T00:00:00Z',
  token: 'x',
};

function locked(folder: string, changes: object): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'writer.lock'), JSON.stringify({ ...holder, ...changes }));
}

function refusal(folder: string): RecordsError {
  try {
    lockRun(folder)();
  } catch (error) {
    expect(error).toBeInstanceOf(RecordsError);
    return error as RecordsError;
  }
  return expect.unreachable('the lock was given');
}

describe('the lock of a run folder', () => {
  test('is given to one at a time, and again after it was given back', () => {
    using folder = newFolder();
    mkdirSync(folder.path);
    const unlock = lockRun(folder.path);
    expect(refusal(folder.path).toString()).toContain(`process ${process.pid} on ${hostname()}`);
    unlock();
    lockRun(folder.path)();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('giving it back twice does not give back another one', () => {
    using folder = newFolder();
    mkdirSync(folder.path);
    const unlock = lockRun(folder.path);
    unlock();
    const second = lockRun(folder.path);
    unlock();
    expect(existsSync(join(folder.path, 'writer.lock'))).toBe(true);
    second();
  });

  test('of a process that was killed is taken over', async () => {
    using folder = newFolder();
    mkdirSync(folder.path);
    const script = `import { lockRun } from ${JSON.stringify(import.meta.resolve('./lock.ts'))};
      lockRun(${JSON.stringify(folder.path)}); console.log('locked'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const refused = refusal(folder.path);
    expect(refused.message).toContain(`process ${child.pid} on ${hostname()} is writing`);
    expect(refused.remedy).toContain('stop it');
    child.kill('SIGKILL');
    await once(child, 'exit');
    lockRun(folder.path)();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('of a process whose id another one has now is taken over', () => {
    using folder = newFolder();
    locked(folder.path, { started: 'before the last boot' });
    lockRun(folder.path)();
  });

  test('that is a ruin is taken over, but not while it may be being written', () => {
    using folder = newFolder();
    mkdirSync(folder.path);
    const lock = join(folder.path, 'writer.lock');
    writeFileSync(lock, '{"pid":');
    expect(refusal(folder.path).message).toContain('keep taking the lock');
    utimesSync(lock, new Date(), new Date(Date.now() - 60_000));
    lockRun(folder.path)();
  });

  test('works on a file system without hard links', () => {
    using folder = newFolder();
    mkdirSync(folder.path);
    const link = () => {
      throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
    };
    const unlock = lockRun(folder.path, link);
    expect(() => lockRun(folder.path, link)).toThrow(`process ${process.pid} on`);
    unlock();
    lockRun(folder.path, link)();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('of a process on another host stands, and the remedy says what to delete', () => {
    using folder = newFolder();
    locked(folder.path, { host: 'elsewhere', pid: 1 });
    expect(refusal(folder.path).remedy).toContain(`delete ${join(folder.path, 'writer.lock')}`);
    expect(JSON.parse(readFileSync(join(folder.path, 'writer.lock'), 'utf8')).host).toBe('elsewhere');
  });
});
