import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeSlurm } from '../src/checkpoints/testing/slurm.ts';
import { makeFindings } from '../src/findings/index.ts';
import { openRun } from '../src/records/index.ts';
import { parseShard } from '../src/run/shard.ts';
import { type PlantedServer, startPlantedServer } from './planted-server.ts';
import { linesOf, ratedOnce, writeStudy } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

const rates = { base: { benign: 0.1, harmful: 0.2 }, sft: { benign: 0.2, harmful: 0.95 } };
const PROMPTS = 60;

let server: PlantedServer;
let folder: string;
let study: string;
const runAt = (name: string) => join(folder, name, 'run');

beforeAll(async () => {
  server = await startPlantedServer({ rates, delayMs: 0 });
  folder = await mkdtemp(join(tmpdir(), 'stemma-sharded-'));
  study = await writeStudy({
    folder,
    baseUrl: server.baseUrl,
    stages: Object.keys(rates),
    concurrency: 4,
    limit: PROMPTS,
  });
  const { code, stderr } = await stemma('run', study, '--out', runAt('whole')).ended;
  expect(code, stderr).toBe(0);
}, 120_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The findings of a run as they are written, without when it was begun and ended. */
async function findingsOf(run: string): Promise<string> {
  await using records = await openRun(run);
  const { provenance, ...findings } = await makeFindings(records);
  return JSON.stringify({ ...findings, provenance: { ...provenance, begunAt: null, endedAt: null } });
}

/** Each trial with one transcript, and one rating by each rater. */
async function expectOnce(run: string): Promise<void> {
  const { transcripts, ratings } = await linesOf(run);
  const keys = transcripts.map(({ key }) => key).toSorted();
  expect(new Set(keys).size).toBe(2 * PROMPTS);
  expect(keys).toHaveLength(2 * PROMPTS);
  for (const rater of ['judge', 'string-match']) {
    expect(ratedOnce(ratings, rater), rater).toEqual(keys);
  }
}

describe('a run in four parts at once', { timeout: 180_000 }, () => {
  it('has the findings of the undivided run, also where one part is killed hard', async () => {
    const run = runAt('parts');
    await server.plant({ rates, delayMs: 60 });
    const parts = [1, 2, 3, 4].map((k) => stemma('run', study, '--out', run, '--shard', `${k}/4`));
    for (;;) {
      const done = (await linesOf(run).catch(() => null))?.transcripts.length ?? 0;
      if (done > 20) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    parts[1]!.child.kill('SIGKILL');
    const undivided = await stemma('run', study, '--out', run).ended;
    expect(undivided.code).toBe(2);
    expect(undivided.stderr).toContain('is asking the stages of this run already');
    const ends = await Promise.all(parts.map(({ ended }) => ended));
    expect(ends.map(({ code, stderr }) => (code === 0 ? 0 : (code ?? stderr.slice(-300))))).toEqual([
      0,
      expect.anything(),
      0,
      0,
    ]);
    await server.plant({ rates, delayMs: 0 });
    const other = await stemma('run', study, '--out', run, '--shard', '1/3').ended;
    expect(other.stderr).toContain('was begun in 4 parts, and is not gone on with in 3');
    const last = await stemma('run', study, '--out', run).ended;
    expect(last.code, last.stderr).toBe(0);
    await expectOnce(run);
    expect(await findingsOf(run)).toBe(await findingsOf(runAt('whole')));
  });
});

describeSlurm('stemma run --on slurm', () => {
  it('does the parts by a job array, and has the findings of the undivided run', async () => {
    const run = runAt('cluster');
    const { code, stderr } = await stemma('run', study, '--out', run, '--on', 'slurm', '--workers', '2')
      .ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/Slurm job \d+: 2 parts/);
    await expectOnce(run);
    expect(await findingsOf(run)).toBe(await findingsOf(runAt('whole')));
  });
});

describe('--shard', () => {
  it.each([
    ['2/16', {}, { k: 2, of: 16 }],
    [
      'auto',
      { SLURM_ARRAY_TASK_ID: '0', SLURM_ARRAY_TASK_MIN: '0', SLURM_ARRAY_TASK_COUNT: '8' },
      { k: 1, of: 8 },
    ],
    [
      'auto',
      { SLURM_ARRAY_TASK_ID: '8', SLURM_ARRAY_TASK_MIN: '1', SLURM_ARRAY_TASK_COUNT: '8' },
      { k: 8, of: 8 },
    ],
    ['auto/4', { JOB_COMPLETION_INDEX: '3' }, { k: 4, of: 4 }],
  ])('%s is read', (text, env, expected) => {
    expect(parseShard(text, env)).toEqual(expected);
  });

  it.each(['0/4', '5/4', '1', 'auto', 'auto/4', 'x/2', '1/0'])('%s is refused', (text) => {
    expect(() => parseShard(text, {})).toThrow(/--shard/);
  });
});
