import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlantedServer, startPlantedServer } from './planted-server.ts';
import { linesOf, writeStudy } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

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

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How many transcripts the run holds. */
async function recorded(run: string): Promise<number> {
  return (await linesOf(run).catch(() => null))?.transcripts.length ?? 0;
}

/** Waits until the run holds more transcripts than so many. */
async function transcriptsBeyond(run: string, count: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while ((await recorded(run)) <= count) {
    if (Date.now() > deadline) throw new Error('no transcript was recorded within a minute');
    await sleep(5);
  }
}

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
    const random = xoroshiro128plus(20_26);
    for (let kill = 0; kill < KILLS; kill++) {
      const before = await recorded(run);
      const { child, ended } = stemma('run', study, '--out', run);
      // One in five dies while it is starting up or reopening its records; the others while trials are under way.
      if (kill % 5 !== 4) await transcriptsBeyond(run, before);
      await sleep(uniformInt(random, 0, 300));
      child.kill('SIGKILL');
      expect(await ended, `before kill ${kill + 1}`).toMatchObject({ signal: 'SIGKILL' });
    }
    // The kills must have hit the run on its way.
    const left = await recorded(run);
    expect(left).toBeGreaterThan(20);
    await server.plant({ rates, delayMs: 0 });
    const last = await stemma('run', study, '--out', run).ended;
    expect(last.stderr).not.toMatch(/error/i);
    expect(last.code).toBe(0);

    const { transcripts, ratings } = await linesOf(run);
    const planned = Number(/of ([\d,]+) trials, 100%/.exec(last.stderr)![1]!.replaceAll(',', ''));
    expect(left).toBeLessThan(planned);
    expect(transcripts).toHaveLength(planned);
    const keys = new Set(transcripts.map(({ key }) => key));
    expect(keys.size).toBe(planned);
    expect(transcripts.every(({ status, attempt }) => status === 'completed' && attempt === 1)).toBe(true);
    for (const rater of ['judge', 'string-match']) {
      const rated = ratings.filter((rating) => rating.rater === rater);
      expect(rated).toHaveLength(planned);
      expect(new Set(rated.map(({ key }) => key))).toEqual(keys);
    }
    const count = await server.count();
    const whole = join(folder, 'whole');
    expect((await stemma('run', study, '--out', whole).ended).code).toBe(0);
    // Only the dates differ.
    const findings = async (of: string) => {
      const found = JSON.parse((await stemma('findings', of, '--json').ended).stdout);
      expect(Date.parse(found.provenance.begunAt)).toBeLessThanOrEqual(Date.parse(found.provenance.endedAt));
      return JSON.stringify({ ...found, provenance: { ...found.provenance, begunAt: '', endedAt: '' } });
    };
    expect(await findings(run)).toBe(await findings(whole));
    // Each kill costs no more than what was under way: eight requests, and the answers on their way to the disk.
    expect(count.trials).toBeGreaterThanOrEqual(planned);
    expect(count.trials - planned).toBeLessThan(KILLS * 32);
  });
});
