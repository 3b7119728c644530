import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive } from './testing/is-alive.ts';

const WATCHDOG = new URL('./watchdog.ts', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('./testing/fake-program.mjs', import.meta.url));

/** Starts a server as stemma does, in a process that can be killed. */
const OWNER = `
const { openSync } = await import('node:fs');
const { startWatched } = await import(${JSON.stringify(WATCHDOG)});
const [program, port, log] = process.argv.slice(1);
startWatched([process.execPath, program, '--port', port, '--name', 'm'], {
  env: process.env, log: openSync(log, 'w'), graceMs: 500,
});
setInterval(() => {}, 1000);
`;

test.each(['', 'deaf'])(
  'a server ends when stemma is killed with SIGKILL (%s)',
  { timeout: 30_000 },
  async (mode) => {
    const folder = await mkdtemp(join(tmpdir(), 'stemma-watchdog-'));
    const calls = join(folder, 'calls');
    const owner = spawn(
      process.execPath,
      ['--input-type=module', '-e', OWNER, '--', PROGRAM, '0', join(folder, 'log')],
      { env: { ...process.env, FAKE_LOG: calls, FAKE_MODE: mode }, stdio: 'ignore' },
    );
    const pids = async () =>
      (await readFile(calls, 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line).pid as number);
    const wanted = mode === 'deaf' ? 2 : 1;
    await until(async () => (await pids()).length === wanted);
    const started = await pids();
    expect(started.every(isAlive)).toBe(true);
    owner.kill('SIGKILL');
    await until(async () => !started.some(isAlive));
    await rm(folder, { recursive: true, force: true });
  },
);

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it did not happen in 10 s');
}
