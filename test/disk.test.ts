import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlantedServer, startPlantedServer } from './planted-server.ts';
import { linesOf, ratedOnce, writeStudy } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

const rates = { sft: { benign: 0.2, harmful: 0.95 }, rl: { benign: 0.2, harmful: 0.95 } };

let server: PlantedServer;
let folder: string;
let study: string;

/** A small file system in memory. @returns whether this machine lets us have one */
function mount(at: string, options: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at]).status === 0;
}

function remount(at: string, options: string): void {
  const { status, stderr } = spawnSync('mount', ['-o', `remount,${options}`, at]);
  if (status !== 0) throw new Error(String(stderr));
}

const canMount = await (async () => {
  const at = await mkdtemp(join(tmpdir(), 'stemma-mount-'));
  const can = mount(at, 'size=64k');
  if (can) spawnSync('umount', [at]);
  await rm(at, { recursive: true, force: true });
  return can;
})();
const why = canMount ? '' : ' (skipped: no file system can be mounted here)';

beforeAll(async () => {
  if (!canMount) return;
  server = await startPlantedServer({ rates, delayMs: 0 });
  folder = await mkdtemp(join(tmpdir(), 'stemma-disk-'));
  mount(folder, 'size=512k');
  study = await writeStudy({ folder, baseUrl: server.baseUrl, stages: ['sft', 'rl'], concurrency: 16 });
});
afterAll(async () => {
  if (!canMount) return;
  await server[Symbol.asyncDispose]();
  spawnSync('umount', [folder]);
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!canMount)(`a disk${why}`, () => {
  it('that is full ends the run with one clear message, and the run goes on once there is room', async () => {
    const run = join(folder, 'run');
    const full = await stemma('run', study, '--out', run).ended;
    expect(full.code).toBe(2);
    expect(full.stderr.match(/error:/g)).toHaveLength(1);
    expect(full.stderr).toMatch(/full|no space|room/i);
    expect(full.stderr).not.toMatch(/ at .*\.ts:\d+/);
    remount(folder, 'size=64m');
    const { transcripts } = await linesOf(run);
    expect(transcripts.length).toBeGreaterThan(10);

    expect(await stemma('run', study, '--out', run).ended).toMatchObject({ code: 0 });
    const all = await linesOf(run);
    expect(new Set(all.transcripts.map(({ key }) => key)).size).toBe(all.transcripts.length);
    expect(all.transcripts.length).toBeGreaterThan(transcripts.length);
    for (const rater of new Set(all.ratings.map((rating) => rating.rater)))
      expect(ratedOnce(all.ratings, rater), rater).toHaveLength(all.transcripts.length);
  });

  it('that can only be read refuses the run, and still shows what is there', async () => {
    const run = join(folder, 'run');
    remount(folder, 'ro');
    try {
      const refused = await stemma('run', study, '--out', run).ended;
      expect(refused.code).toBe(2);
      expect(refused.stderr.match(/error:/g)).toHaveLength(1);
      expect(refused.stderr).toMatch(/read-only|written/i);
      const fresh = await stemma('run', study, '--out', join(folder, 'another')).ended;
      expect(fresh.code).toBe(2);
      expect(fresh.stderr).toMatch(/read-only|written/i);
      const status = await stemma('status', run).ended;
      expect(status).toMatchObject({ code: 0 });
      expect(status.stdout).toMatch(/complete/);
    } finally {
      remount(folder, 'rw');
    }
  });
});
