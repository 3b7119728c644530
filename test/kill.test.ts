import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findingsOf, killAtRandom, recorded, runToEnd, wrongRecords } from './killed-run.ts';
import { type PlantedServer, startPlantedServer } from './planted-server.ts';
import { writeStudy } from './refusals-study.ts';

const KILLS = 10;
const STAGES = ['base', 'sft', 'rl'];
const rates = {
  base: { benign: 0.02, harmful: 0.1 },
  sft: { benign: 0.2, harmful: 0.95 },
  rl: { benign: 0.3, harmful: 0.97 },
};

let server: PlantedServer;
let folder: string;

beforeAll(async () => {
  server = await startPlantedServer({ rates, delayMs: 25 });
  folder = await mkdtemp(join(tmpdir(), 'stemma-kill-'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('a run that is killed', () => {
  it('ten times at random moments ends with every trial once, and the findings of a run that was not killed', {
    timeout: 180_000,
  }, async () => {
    const study = await writeStudy({
      folder,
      baseUrl: server.baseUrl,
      stages: STAGES,
      concurrency: 8,
      epochs: 2,
    });
    const run = join(folder, 'run');
    await killAtRandom(study, run, { kills: KILLS, seed: 20_26 });
    // The kills must have hit the run on its way.
    const left = await recorded(run);
    expect(left).toBeGreaterThan(20);
    await server.plant({ rates, delayMs: 0 });
    const planned = await runToEnd(study, run);
    expect(left).toBeLessThan(planned);
    expect(await wrongRecords(run, planned, ['judge', 'string-match'])).toEqual([]);
    const count = await server.count();
    const whole = join(folder, 'whole');
    await runToEnd(study, whole);
    expect(await findingsOf(run)).toBe(await findingsOf(whole));
    // Each kill costs no more than what was under way: eight requests, and the answers on their way to the disk.
    expect(count.trials).toBeGreaterThanOrEqual(planned);
    expect(count.trials - planned).toBeLessThan(KILLS * 32);
  });
});
