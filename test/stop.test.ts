import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PlantedServer, startPlantedServer } from './planted-server.ts';
import { linesOf, ratedOnce, writeStudy } from './refusals-study.ts';
import { stemma } from './stemma-process.ts';

const rates = { sft: { benign: 0.2, harmful: 0.95 } };
const CONCURRENCY = 8;

let server: PlantedServer;
let folder: string;
let study: string;
let run: string;

beforeAll(async () => {
  server = await startPlantedServer({ rates, delayMs: 0 });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-stop-'));
  run = join(folder, 'run');
  study = await writeStudy({
    folder,
    baseUrl: server.baseUrl,
    stages: ['sft'],
    concurrency: CONCURRENCY,
    limit: 60,
  });
  return () => rm(folder, { recursive: true, force: true });
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until so many more requests have come in. */
async function requests(more: number, from: { trials: number }): Promise<void> {
  for (let tries = 0; (await server.count()).trials < from.trials + more; tries++) {
    if (tries > 3000) throw new Error('the requests did not come in within 30 seconds');
    await sleep(10);
  }
}

describe('Ctrl-C', () => {
  it('once: trials under way are finished and recorded, and the same command goes on', async () => {
    await server.plant({ rates, delayMs: 400 });
    const before = await server.count();
    const { child, ended } = stemma('run', study, '--out', run);
    await requests(CONCURRENCY, before);
    child.kill('SIGINT');
    const { code, stderr, stdout } = await ended;
    expect(stderr).toMatch(/Stopping: trials under way are finished and recorded/);
    expect(stderr).toMatch(/Stopped as asked; \d+ trials left\./);
    expect([code, stdout.trim()]).toEqual([130, run]);
    const { transcripts, ratings } = await linesOf(run);
    const asked = (await server.count()).trials - before.trials;
    expect(asked).toBeLessThan(60);
    expect(transcripts).toHaveLength(asked);
    for (const rater of ['judge', 'string-match']) expect(ratedOnce(ratings, rater)).toHaveLength(asked);

    await server.plant({ rates, delayMs: 0 });
    expect(await stemma('run', study, '--out', run).ended).toMatchObject({ code: 0 });
    expect((await linesOf(run)).transcripts).toHaveLength(60);
    expect((await server.count()).trials - before.trials).toBe(60);
  });

  it('twice: it ends at once, nothing of the trials under way is recorded, and the same command goes on', async () => {
    await server.plant({ rates, delayMs: 60_000 });
    const before = await server.count();
    const { child, ended } = stemma('run', study, '--out', run);
    await requests(CONCURRENCY, before);
    child.kill('SIGINT');
    await sleep(300);
    child.kill('SIGINT');
    const start = performance.now();
    const { code, stderr } = await ended;
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(code).toBe(130);
    expect(stderr).toMatch(/60 trials left, \d+ of them dropped under way\./);
    await server.plant({ rates, delayMs: 0 });
    expect(await stemma('run', study, '--out', run).ended).toMatchObject({ code: 0 });
    expect((await linesOf(run)).transcripts).toHaveLength(60);
  });
});

describe('two runs on one folder', () => {
  it('the second says so and ends; the first is not disturbed', async () => {
    await server.plant({ rates, delayMs: 300 });
    const before = await server.count();
    const first = stemma('run', study, '--out', run);
    await requests(1, before);
    const manifest = await readFile(join(run, 'manifest.json'), 'utf8');
    const second = await stemma('run', study, '--out', run).ended;
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/error: .*run/);
    expect(second.stderr).not.toMatch(/ at .*\.ts:\d+/);
    expect(await readFile(join(run, 'manifest.json'), 'utf8')).toBe(manifest);
    await server.plant({ rates, delayMs: 0 });
    expect(await first.ended).toMatchObject({ code: 0 });
    expect((await linesOf(run)).transcripts).toHaveLength(60);
  });
});

describe('a folder that may not be written', () => {
  it('is refused with one clear message', async () => {
    // Root may write anywhere but into the kernel's own tree.
    const forbidden = process.getuid?.() === 0 ? '/sys/stemma-run' : run;
    if (forbidden === run) await mkdir(run, { mode: 0o555 });
    const { code, stderr } = await stemma('run', study, '--out', forbidden).ended;
    if (forbidden === run) await chmod(run, 0o755);
    expect(code).toBe(2);
    expect(stderr.match(/error:/g)).toHaveLength(1);
    expect(stderr).toMatch(/permi|written/i);
  });
});
