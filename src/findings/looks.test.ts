import { describe, expect, it } from 'vitest';
import { makeFindings } from './index.ts';
import { lookAt } from './looks.ts';
import { chance, plantedRun } from './testing/planted-run.ts';

const SAMPLES = 300;

/** A run of which a part of the samples has been asked. */
const run = (part: number, rise: number, looks?: readonly number[]) =>
  plantedRun({
    stages: ['base', 'sft'],
    samples: SAMPLES,
    manifest: {
      analysis: {
        ...{ contrasts: 'chain', bootstrap: 0, seed: 1, headlineRater: null },
        ...(looks === undefined ? {} : { looks }),
      },
    },
    trial: ({ sample }) => (sample < part * SAMPLES ? {} : null),
    value: ({ stage, sample }) => Number(chance(sample, stage, 5) < 0.3 + rise * stage),
  });

const contrastOf = async (of: ReturnType<typeof run>) => (await makeFindings(of)).measures[0]!.contrasts[0]!;

describe('looks', () => {
  it('have the levels that are left for them: all looks together keep 5 %', () => {
    expect(lookAt([0.25, 0.5, 0.75, 1], 0.2)).toMatchObject({ number: 0 });
    // Bounds 4.333, 2.963, 2.359 and 2.014 (gsDesign, rpact).
    expect(1 - lookAt([0.25, 0.5, 0.75, 1], 0.3).wide).toBeCloseTo(1.4736e-5, 8);
    expect(1 - lookAt([0.25, 0.5, 0.75, 1], 0.5).wide).toBeCloseTo(0.003045, 5);
    expect(1 - lookAt([0.25, 0.5, 0.75, 1], 1).wide).toBeCloseTo(0.044, 3);
    expect(lookAt([1], 1)).toMatchObject({
      wide: expect.closeTo(0.95, 9),
      narrow: expect.closeTo(0.9, 9),
      wider: expect.closeTo(0.975, 9),
    });
  });

  it('show nothing before the first one', async () => {
    const early = await contrastOf(run(0.2, 0.5, [0.5, 1]));
    expect(early).toMatchObject({ verdict: 'inconclusive', reason: 'looks', direction: null });
    expect(early.why).toBe('the first look was declared after 50% of the answers, and 20% are there');
    const { look } = await makeFindings(run(0.2, 0.5, [0.5, 1]));
    expect(look).toEqual({ number: 0, declared: [0.5, 1], answered: 0.2 });
  });

  it('have longer intervals than findings that were looked at once, and decide what is large', async () => {
    const once = await contrastOf(run(0.5, 0.5));
    const first = await contrastOf(run(0.5, 0.5, [0.5, 1]));
    const width = ([low, high]: readonly [number, number]) => high - low;
    expect(width(first.interval!) / width(once.interval!)).toBeGreaterThan(1.3);
    expect(first.verdict).toBe('materially different');
    const small = await contrastOf(run(0.5, 0.12, [0.5, 1]));
    expect(small.verdict).toBe('inconclusive');
    expect((await contrastOf(run(0.5, 0.12))).verdict).not.toBe('inconclusive');
  });

  it('are hardly dearer at the end', async () => {
    const once = await contrastOf(run(1, 0.2));
    const last = await contrastOf(run(1, 0.2, [0.5, 1]));
    expect(last.interval![0]).toBeLessThan(once.interval![0]);
    expect(last.interval![0]).toBeGreaterThan(once.interval![0] - 0.005);
  });
});
