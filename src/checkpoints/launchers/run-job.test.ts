import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RUN_JOB } from './local.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-run-job-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A trainer that loads for a second before it listens, and says what it got. */
const SLOW_TO_START = `
  setTimeout(() => {
    process.on('SIGUSR1', () => { console.log('asked'); process.exit(75); });
    console.log('ready');
    setInterval(() => {}, 1000);
  }, 1000);`;

function runJob(...command: string[]): ChildProcess {
  return spawn('bash', [RUN_JOB, folder, ...command], {
    stdio: 'ignore',
    env: { ...process.env, STEMMA_ATTEMPT: 'first' },
  });
}

const progress = () => readFileSync(join(folder, 'progress.jsonl'), 'utf8').trim().split('\n');
const exit = () => JSON.parse(readFileSync(join(folder, 'exit.json'), 'utf8')) as unknown;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a trainer that is asked to stop while it loads hears of it once it listens', async () => {
  const job = runJob(process.execPath, '-e', SLOW_TO_START);
  await until(() => existsSync(join(folder, 'log.txt')));
  job.kill('SIGUSR1');
  await once(job, 'exit');
  expect(progress()).toEqual(['ready', 'asked']);
  expect(exit()).toEqual({ attempt: 'first', code: 75 });
});

test('a job that is asked to stop before its trainer is there has the trainer stop', async () => {
  const holder = spawn('flock', [join(folder, 'lock'), 'sleep', '1'], { stdio: 'ignore' });
  await until(() => existsSync(join(folder, 'lock')));
  const job = runJob(process.execPath, '-e', SLOW_TO_START);
  await new Promise((resolve) => setTimeout(resolve, 400));
  job.kill('SIGUSR1');
  await Promise.all([once(job, 'exit'), once(holder, 'exit')]);
  expect(progress()).toEqual(['ready', 'asked']);
  expect(exit()).toEqual({ attempt: 'first', code: 75 });
});

test('a trainer that the signal ends before its first word was stopped, and has not failed', async () => {
  const job = runJob('bash', '-c', 'sleep 1; kill -USR1 $$');
  await until(() => existsSync(join(folder, 'log.txt')));
  job.kill('SIGUSR1');
  await once(job, 'exit');
  expect(exit()).toEqual({ attempt: 'first', code: 75 });
});

test('a trainer that the signal ends and nobody had asked has failed', async () => {
  const job = runJob('bash', '-c', 'kill -USR1 $$');
  await once(job, 'exit');
  expect(exit()).toEqual({ attempt: 'first', code: 138 });
});
