import { existsSync, statSync } from 'node:fs';
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

it('Ctrl-C stops an import: what is missing is told, and the same command brings the rest, each once', async () => {
  const rows = STAGES.flatMap((stage) =>
    Array.from({ length: SAMPLES }, (_, n) => `${stage},s${n},${n % 2},Answer ${n} of ${stage}\n`),
  );
  const table = join(folder, 'rows.csv');
  await writeFile(table, `stage,sample,value,response\n${rows.join('')}`);
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
