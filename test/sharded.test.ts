import { mkdtemp, readFile, rm } from 'node:fs/promises';
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

/** Resolves when the run has more than so many answers. */
async function answered(run: string, count: number): Promise<void> {
  for (;;) {
    const done = (await linesOf(run).catch(() => null))?.transcripts.length ?? 0;
    if (done > count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The process that has a role of the run, as soon as one has it. */
async function ownerOf(run: string, role: string): Promise<number> {
  for (;;) {
    const owner = await readFile(join(run, 'locks', `${role}.json`), 'utf8').catch(() => '');
    if (owner !== '') return (JSON.parse(owner) as { pid: number }).pid;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
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

describe('a run in four parts at once', { timeout: 240_000 }, () => {
  it('has the findings of the undivided run, also where one part is killed hard', async () => {
    const run = runAt('parts');
    await server.plant({ rates, delayMs: 60 });
    const parts = [1, 2, 3, 4].map((k) => stemma('run', study, '--out', run, '--shard', `${k}/4`));
    await answered(run, 20);
    parts[1]!.child.kill('SIGKILL');
    // The parts must still be at work when the undivided run comes.
    await server.plant({ rates, delayMs: 4000 });
    const undivided = await stemma('run', study, '--out', run).ended;
    expect(undivided.code).toBe(2);
    expect(undivided.stderr).toContain('is asking the stages of this run already');
    await server.plant({ rates, delayMs: 0 });
    const ends = await Promise.all(parts.map(({ ended }) => ended));
    expect(ends.map(({ code, stderr }) => (code === 0 ? 0 : (code ?? stderr.slice(-300))))).toEqual([
      0,
      expect.anything(),
      0,
      0,
    ]);
    const other = await stemma('run', study, '--out', run, '--shard', '1/3').ended;
    expect(other.stderr).toContain('was begun in 4 parts, and is not gone on with in 3');
    const last = await stemma('run', study, '--out', run).ended;
    expect(last.code, last.stderr).toBe(0);
    await expectOnce(run);
    expect(await findingsOf(run)).toBe(await findingsOf(runAt('whole')));
  });
});

describeSlurm('stemma run --on slurm', () => {
  it('does four parts by a job array, one of them killed hard, and has the findings of the undivided run', async () => {
    const run = runAt('cluster');
    await server.plant({ rates, delayMs: 400 });
    const { ended } = stemma('run', study, '--out', run, '--on', 'slurm', '--workers', '4');
    // Slurm may begin a part long after the others.
    const begun = answered(run, 20).then(() => ownerOf(run, 'elicit~2-of-4'));
    const owner = await Promise.race([begun, ended]);
    if (typeof owner !== 'number') expect.unreachable(`it ended before part 2 began: ${owner.stderr}`);
    process.kill(owner, 'SIGKILL');
    await server.plant({ rates, delayMs: 0 });
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/Slurm job \d+: 4 parts/);
    expect(stderr).toContain('part 2 ended with trials undone');
    expect(stderr).toMatch(/Slurm job \d+: 1 part\b/);
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
