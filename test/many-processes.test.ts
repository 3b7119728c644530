import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PlantedServer, startPlantedServer } from './planted-server.ts';
import { linesOf, ratedOnce, writeStudy } from './refusals-study.ts';
import { stemma, stemmaWith } from './stemma-process.ts';

const rates = { base: { benign: 0.1, harmful: 0.2 }, sft: { benign: 0.2, harmful: 0.95 } };
const PROMPTS = 60;
const TIMEOUT = { timeout: 180_000 };

/** A process that sees neither the others nor their ids, as in another container on the same machine. */
const UNSHARE = ['unshare', '-p', '-f', '--mount-proc', '--kill-child'];
const mayUnshare = spawnSync(UNSHARE[0]!, [...UNSHARE.slice(1), 'true']).status === 0;

let server: PlantedServer;
let folder: string;
let study: string;
let run: string;

beforeAll(async () => {
  server = await startPlantedServer({ rates, delayMs: 0 });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stemma-processes-'));
  run = join(folder, 'run');
  const stages = Object.keys(rates);
  study = await writeStudy({ folder, baseUrl: server.baseUrl, stages, concurrency: 4, limit: PROMPTS });
  return () => rm(folder, { recursive: true, force: true });
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the run holds so many transcripts. */
async function transcripts(count: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (((await linesOf(run).catch(() => null))?.transcripts.length ?? 0) < count) {
    if (Date.now() > deadline) throw new Error(`there were no ${count} transcripts within a minute`);
    await sleep(20);
  }
}

/** Each trial with one transcript, and one rating by each of these raters. */
async function expectOnce(raters: readonly string[]): Promise<void> {
  const { transcripts, ratings } = await linesOf(run);
  const keys = transcripts.map(({ key }) => key).toSorted();
  expect(keys).toHaveLength(2 * PROMPTS);
  expect(new Set(keys).size).toBe(2 * PROMPTS);
  for (const rater of raters) {
    expect(ratedOnce(ratings, rater), rater).toEqual(keys);
  }
}

describe('processes at once on one folder', () => {
  it('run, rate and label: every record once', TIMEOUT, async () => {
    await server.plant({ rates, delayMs: 250 });
    const running = stemma('run', study, '--out', run);
    await transcripts(10);
    // Only trials that the judge has rated can be picked for labelling.
    while (!(await linesOf(run)).ratings.some(({ rater }) => rater === 'judge')) await sleep(20);
    const { ratings: first } = await linesOf(run);
    const table = join(folder, 'labels.csv');
    const { measure } = first.find(({ rater }) => rater === 'judge')!;
    const labelled = first
      .filter((rating) => rating.rater === 'judge' && rating.measure === measure)
      .map(({ key }) => key);
    expect(labelled.length).toBeGreaterThan(0);
    await writeFile(table, `key,label\n${labelled.map((key) => `${key},full_refusal\n`).join('')}`);
    const sheet = join(folder, 'sheet.csv');
    const picking = await stemma('label', run, '--measure', measure, '--export', sheet).ended;
    expect(picking.code, picking.stderr).toBe(0);
    const rating = stemma('rate', run, '--rater', `second=autorater:${server.baseUrl}#judge`);
    const labelling = stemma('label', run, '--import', table, '--labeller', 'ann', '--measure', measure);
    const ends = await Promise.all([running.ended, rating.ended, labelling.ended]);
    expect(ends.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0, 0]);
    await server.plant({ rates, delayMs: 0 });
    // What came after `rate` had looked is left for the same command.
    expect(
      await stemma('rate', run, '--rater', `second=autorater:${server.baseUrl}#judge`).ended,
    ).toMatchObject({
      code: 0,
    });
    await expectOnce(['judge', 'string-match', 'second']);
    const { ratings } = await linesOf(run);
    expect(ratedOnce(ratings, 'human-ann')).toEqual(labelled.toSorted());
  });

  it('rate that is at work keeps its rater; run does the rest', TIMEOUT, async () => {
    await server.plant({ rates, delayMs: 30 });
    const first = stemma('run', study, '--out', run);
    await transcripts(60);
    first.child.kill('SIGKILL');
    await first.ended;
    const rating = stemma('rate', run, '--study', study, '--rater', 'judge');
    const before = await server.count();
    while ((await server.count()).judgements === before.judgements) await sleep(10);
    const second = await stemma('run', study, '--out', run).ended;
    expect(second.code, second.stderr).toBe(0);
    expect((await rating.ended).code).toBe(0);
    await expectOnce(['judge', 'string-match']);
  });

  const seconds = [
    { where: 'in the same container', through: [] },
    ...(mayUnshare ? [{ where: 'in another PID namespace', through: UNSHARE }] : []),
  ];
  it.each(seconds)('a second run $where is refused by name', TIMEOUT, async ({ through }) => {
    await server.plant({ rates, delayMs: 200 });
    const first = stemma('run', study, '--out', run);
    await transcripts(1);
    const second = await stemmaWith({ through }, 'run', study, '--out', run).ended;
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/asking the stages of this run/);
    expect(second.stderr).not.toMatch(/ at .*\.ts:\d+/);
    await server.plant({ rates, delayMs: 0 });
    expect(await first.ended).toMatchObject({ code: 0 });
    await expectOnce(['judge', 'string-match']);
  });
  if (!mayUnshare) it.skip('a second run in another PID namespace (unshare is not permitted here)', () => {});
});
