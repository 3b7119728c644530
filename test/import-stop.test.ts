import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRun } from '../src/records/index.ts';
import { runStatus } from '../src/run/status.ts';
import { linesOf } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

const STAGES = ['base', 'sft'];
const SAMPLES = 5_000;
const TRIALS = STAGES.length * SAMPLES;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-import-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Waits until a file holds more than so many bytes. */
async function written(file: string, bytes: number): Promise<void> {
  for (let tries = 0; !existsSync(file) || statSync(file).size <= bytes; tries++) {
    if (tries > 30_000) throw new Error(`${file} did not grow within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function tableOf(samples: number): string {
  const rows = STAGES.flatMap((stage) =>
    Array.from({ length: samples }, (_, n) => `${stage},s${n},${n % 2},Answer ${n} of ${stage}\n`),
  );
  return `stage,sample,value,response\n${rows.join('')}`;
}

/** Whether a process that keeps the index of the run is there. */
function isKept(run: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return command.includes('index-keeper') && command.includes(run);
    } catch {
      return false;
    }
  });
}

it('Ctrl-C stops an import: what is missing is told, and the same command brings the rest, each once', async () => {
  const table = join(folder, 'rows.csv');
  await writeFile(table, tableOf(SAMPLES));
  const run = join(folder, 'run');
  const command = ['import', 'csv', table, '--into', run];
  const first = stemma(...command);
  await written(join(run, 'ratings', 'rate-published.jsonl'), 0);
  first.child.kill('SIGINT');
  expect(await first.ended).toMatchObject({ signal: 'SIGINT', stdout: '' });

  const { complete, total } = await runStatus(run);
  expect([complete, total.planned]).toEqual([false, TRIALS]);
  expect(total.done).toBeGreaterThan(0);
  expect(total.done).toBeLessThan(TRIALS);

  const second = await stemma(...command).ended;
  expect([second.code, second.stdout]).toEqual([0, `${run}\n`]);
  expect(second.stderr).toContain(`${TRIALS - total.done} trials`);
  const { transcripts, ratings } = await linesOf(run);
  expect([transcripts.length, new Set(transcripts.map(({ key }) => key)).size]).toEqual([TRIALS, TRIALS]);
  expect(new Set(ratings.map(({ key }) => key)).size).toBe(TRIALS);
  using reader = await openRun(run);
  expect([reader.countTrials(), [...reader.ratingRows()].length]).toEqual([TRIALS, TRIALS]);
});

it.runIf(existsSync('/proc/self/cmdline'))(
  'a long import has its index kept beside it; killed, it leaves no process, and the same command brings the rest',
  async () => {
    const samples = 30_000;
    const trials = STAGES.length * samples;
    const table = join(folder, 'rows.csv');
    await writeFile(table, tableOf(samples));
    const run = join(folder, 'run');
    const command = ['import', 'csv', table, '--into', run];
    const first = stemma(...command);
    await expect.poll(() => isKept(run), { timeout: 60_000, interval: 5 }).toBe(true);
    first.child.kill('SIGKILL');
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
    await expect.poll(() => isKept(run), { timeout: 10_000 }).toBe(false);

    const second = await stemma(...command).ended;
    expect([second.code, second.stdout]).toEqual([0, `${run}\n`]);
    expect(isKept(run)).toBe(false);
    using reader = await openRun(run);
    expect([reader.countTrials(), [...reader.ratingRows()].length]).toEqual([trials, trials]);
  },
  120_000,
);
