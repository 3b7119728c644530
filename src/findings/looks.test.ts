import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { looksTaken, type TakenLook } from '../records/index.ts';
import { makeFindings, noteShown } from './index.ts';
import { levelsAt, lookAt } from './looks.ts';
import { chance, type PlantedRun, plantedRun } from './testing/planted-run.ts';

const SAMPLES = 300;

interface Asked {
  /** The part of the samples that has been asked. */
  readonly part: number;
  readonly rise: number;
  readonly looks?: readonly number[];
  /** Samples that are planned; the run may have grown. */
  readonly samples?: number;
  readonly folder?: string;
}

function run({ part, rise, looks, samples = SAMPLES, folder = 'memory' }: Asked) {
  const planned: PlantedRun = {
    stages: ['base', 'sft'],
    samples,
    manifest: {
      analysis: {
        ...{ contrasts: 'chain', bootstrap: 0, seed: 1, headlineRater: null },
        ...(looks === undefined ? {} : { looks }),
      },
    },
    trial: ({ sample }) => (sample < Math.round(part * samples) ? {} : null),
    value: ({ stage, sample }) => Number(chance(sample, stage, 5) < 0.3 + rise * stage),
  };
  return Object.assign(plantedRun(planned), { folder });
}

const contrastOf = async (of: ReturnType<typeof run>) => (await makeFindings(of)).measures[0]!.contrasts[0]!;

function runFolder() {
  const path = mkdtempSync(join(tmpdir(), 'stemma-looks-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

const seenAt = (part: number, standardError: number | null, values = 100 * part): TakenLook => ({
  ...{ part, recorded: 100 * part, planned: 100, at: '2026-11-01T10:00:00.000Z' },
  contrasts: [{ ...ABOUT, values, standardError }],
});
const ABOUT = { eval: 'e', measure: 'm', rater: 'r', from: 'a', to: 'b' };
const now = (part: number, declared: readonly number[], taken: readonly TakenLook[]) =>
  levelsAt(
    lookAt(declared, { recorded: 100 * part, planned: 100 }, taken),
    { values: 100 * part, standardError: 1 / Math.sqrt(part) },
    ABOUT,
  );

describe('looks', () => {
  const quarters = [0.25, 0.5, 0.75, 1];
  const all = quarters.map((part) => seenAt(part, 1 / Math.sqrt(part)));

  it('have the levels that are left for them: all looks together keep 5 %', () => {
    expect(lookAt(quarters, { recorded: 20, planned: 100 })).toMatchObject({ number: 0, part: 0 });
    // Bounds 4.333, 2.963, 2.359 and 2.014 (gsDesign, rpact).
    expect(1 - now(0.3, quarters, []).wide).toBeCloseTo(1.4736e-5, 8);
    expect(1 - now(0.5, quarters, all.slice(0, 1)).wide).toBeCloseTo(0.003045, 5);
    expect(1 - now(1, quarters, all.slice(0, 3)).wide).toBeCloseTo(0.044, 3);
    expect(now(1, [1], [])).toMatchObject({
      wide: expect.closeTo(0.95, 9),
      narrow: expect.closeTo(0.9, 9),
      wider: expect.closeTo(0.975, 9),
    });
  });

  it('spend nothing where nobody looked, or a look had nothing to show', () => {
    expect(now(1, quarters, []).wide).toBeCloseTo(0.95, 9);
    expect(now(1, quarters, [seenAt(0.5, null)]).wide).toBeCloseTo(0.95, 9);
    expect(now(1, quarters, [seenAt(0.75, 1)]).wide).toBeGreaterThan(0.95);
  });

  it('know the information of each comparison, and else take the answers for it', () => {
    const late = now(1, quarters, [seenAt(0.75, 9)]).wide;
    const even = now(1, quarters, [seenAt(0.75, Math.sqrt(1 / 0.75))]).wide;
    expect(late).toBeGreaterThan(even + 0.0005);
    const unnoted = { ...seenAt(0.75, 9), contrasts: [] };
    expect(now(1, quarters, [unnoted]).wide).toBeCloseTo(even, 9);
  });

  it('are of the last part that was looked at, also where the run has grown or declares other looks', () => {
    const taken = [seenAt(0.5, 1)];
    expect(lookAt(quarters, { recorded: 50, planned: 200 }, taken)).toMatchObject({ number: 2, part: 0.5 });
    expect(lookAt([0.8, 1], { recorded: 60, planned: 100 }, taken)).toMatchObject({ number: 1, part: 0.5 });
    expect(lookAt(quarters, { recorded: 80, planned: 100 }, taken)).toMatchObject({
      part: 0.75,
      earlier: taken,
    });
  });

  it('show nothing before the first one', async () => {
    using folder = runFolder();
    const asked = run({ part: 0.2, rise: 0.5, looks: [0.5, 1], folder: folder.path });
    const found = await makeFindings(asked);
    const early = found.measures[0]!.contrasts[0]!;
    expect(early).toMatchObject({ verdict: 'inconclusive', reason: 'looks', direction: null });
    expect(early.why).toBe('the first look was declared after 50% of the answers, and 20% are there');
    expect(found.look).toEqual({
      ...{ number: 0, declared: [0.5, 1], answered: 0.2, part: 0 },
      ...{ recorded: 120, planned: 600, taken: [] },
    });
    noteShown(asked, found);
    expect(looksTaken(folder.path).looks).toEqual([]);
  });

  it('have longer intervals than findings that were looked at once, and decide what is large', async () => {
    const once = await contrastOf(run({ part: 0.5, rise: 0.5 }));
    const first = await contrastOf(run({ part: 0.5, rise: 0.5, looks: [0.5, 1] }));
    const width = ([low, high]: readonly [number, number]) => high - low;
    expect(width(first.interval!) / width(once.interval!)).toBeGreaterThan(1.3);
    expect(first.level).toBeCloseTo(0.99695, 5);
    expect(once.level).toBeUndefined();
    expect(first.verdict).toBe('materially different');
    const small = await contrastOf(run({ part: 0.5, rise: 0.12, looks: [0.5, 1] }));
    expect(small.verdict).toBe('inconclusive');
    expect((await contrastOf(run({ part: 0.5, rise: 0.12 }))).verdict).not.toBe('inconclusive');
  });

  it('are noted with what each comparison rested on, and leave the last one less', async () => {
    using folder = runFolder();
    const at = (part: number, rise = 0.2) => run({ part, rise, looks: [0.5, 1], folder: folder.path });
    const once = await contrastOf(run({ part: 1, rise: 0.2 }));
    expect((await contrastOf(at(1))).interval![0]).toBeCloseTo(once.interval![0], 9);
    const first = await makeFindings(at(0.5));
    noteShown(at(0.5), first, new Date('2026-11-01T10:00:00Z'));
    const [contrast] = first.measures[0]!.contrasts;
    expect(looksTaken(folder.path).looks).toEqual([
      {
        ...{ part: 0.5, recorded: 300, planned: 600, at: '2026-11-01T10:00:00.000Z' },
        contrasts: [
          {
            ...{ eval: 'eval', measure: 'refusals/over-refusal', rater: 'judge', from: 'base', to: 'sft' },
            ...{ values: 300, standardError: contrast!.standardError },
          },
        ],
      },
    ]);
    // The same look again says the same.
    expect(await makeFindings(at(0.5))).toMatchObject({ measures: first.measures });
    const last = await makeFindings(at(1));
    const { interval, level } = last.measures[0]!.contrasts[0]!;
    expect(level).toBeGreaterThan(0.95);
    expect(interval![0]).toBeLessThan(once.interval![0]);
    expect(interval![0]).toBeGreaterThan(once.interval![0] - 0.005);
    expect(last.look).toMatchObject({
      ...{ number: 2, part: 1 },
      taken: [{ part: 0.5, answered: 0.5, at: '2026-11-01T10:00:00.000Z' }],
    });
    // Findings that are made again later have the same boundaries.
    noteShown(at(1), last);
    expect(await makeFindings(at(1))).toEqual(last);
  });

  it('warn where findings are made between two of them, and keep the look where the run grew', async () => {
    using folder = runFolder();
    const at = (part: number, samples = SAMPLES) =>
      makeFindings(run({ ...{ part, samples, rise: 0.2, folder: folder.path }, looks: [0.5, 1] }));
    noteShown(run({ part: 0.5, rise: 0, folder: folder.path }), await at(0.5));
    const between = (found: Awaited<ReturnType<typeof at>>) =>
      found.warnings.filter((warning) => /one more look/.test(warning));
    expect(between(await at(0.52))).toEqual([]);
    expect(between(await at(0.8))).toEqual([
      expect.stringContaining(
        'declared after 50% of the answers was taken when 50% were there, and these findings are of 80%; the next was declared after 100%',
      ),
    ]);
    const grown = await at(0.25, 2 * SAMPLES);
    expect(grown.look).toMatchObject({ number: 1, part: 0.5, answered: 0.25 });
    expect(grown.measures[0]!.contrasts[0]!.reason).not.toBe('looks');
  });

  it('were taken also where the study does not declare them any more', async () => {
    using folder = runFolder();
    const first = run({ part: 0.5, rise: 0.2, looks: [0.5, 1], folder: folder.path });
    noteShown(first, await makeFindings(first));
    const { level } = await contrastOf(run({ part: 1, rise: 0.2, folder: folder.path }));
    expect(level).toBe(
      (await contrastOf(run({ part: 1, rise: 0.2, looks: [0.5, 1], folder: folder.path }))).level,
    );
  });
});
