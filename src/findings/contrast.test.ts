import { describe, expect, it } from 'vitest';
import { mcnemarMidP, pairedDifference, tangoOnEffectiveN, tangoTost, tost } from '../stats/index.ts';
import type { Contrast } from './findings.ts';
import { makeFindings } from './index.ts';
import { chance, type PlantedRun, plantedRun, score } from './testing/planted-run.ts';

async function contrast(planted: Partial<PlantedRun>, margin?: number): Promise<Contrast> {
  const { measures } = await makeFindings(
    plantedRun({
      stages: ['a', 'b'],
      samples: 200,
      clusters: 40,
      value: ({ sample }) => sample % 2,
      ...planted,
    }),
    margin === undefined ? {} : { margin },
  );
  return measures[0]!.contrasts[0]!;
}

describe('contrasts', () => {
  it('are paired, clustered, and tested both by CR2-t and by Tango', async () => {
    const value = (stage: number, sample: number) =>
      Number(chance(sample) * 0.7 + chance(sample, stage) * 0.3 < 0.3);
    const found = await contrast({ value: ({ stage, sample }) => value(stage, sample) });
    const d = Array.from({ length: 200 }, (_, sample) => value(1, sample) - value(0, sample));
    const clusters = d.map((_, sample) => sample % 40);
    const { mean, standardError, df, interval, p } = pairedDifference(d, clusters);
    const tests = [
      tost({ mean, standardError: standardError!, df: df! }, 0.05).p,
      tangoTost(d, clusters, 0.05)!.p,
    ];
    expect(found).toMatchObject({
      n: 200,
      clusters: 40,
      difference: mean,
      interval,
      interval90: pairedDifference(d, clusters, 0.9).interval,
      tango: { interval: tangoOnEffectiveN(d, clusters), interval90: tangoOnEffectiveN(d, clusters, 0.9) },
      pDifference: p,
      pEquivalence: Math.max(...tests),
      changed: { up: d.filter((one) => one > 0).length, down: d.filter((one) => one < 0).length },
      mcnemarMidP: mcnemarMidP(d.filter((one) => one > 0).length, d.filter((one) => one < 0).length),
      marginSource: 'declared',
      worstCase: [mean, mean],
      robustToMissing: true,
    });
    expect(found.smallestMargin).toBe(
      Math.max(...[...found.interval90!, ...found.tango!.interval90].map(Math.abs)),
    );
  });

  it.each([
    ['materially different', (stage: number, sample: number) => Number(chance(sample) < 0.1 + 0.4 * stage)],
    ['equivalent', (stage: number, sample: number) => Number(sample % 100 === stage)],
    ['inconclusive', (stage: number, sample: number) => Number(chance(sample, stage) < 0.5)],
    ['different', (stage: number, sample: number) => Number(chance(sample) < 0.4 + 0.07 * stage)],
  ] as const)('%s', async (verdict, value) => {
    const found = await contrast({ value: ({ stage, sample }) => value(stage, sample) });
    expect(found.verdict).toBe(verdict);
    expect(found.pEquivalence! <= 0.05).toBe(verdict === 'equivalent');
  });

  it('different but within a margin wide enough', async () => {
    const found = await contrast(
      { value: ({ stage, sample }) => Number(chance(sample) < 0.4 + 0.07 * stage) },
      0.2,
    );
    expect(found).toMatchObject({
      verdict: 'different but within the margin',
      margin: 0.2,
      marginSource: 'post hoc',
    });
    expect(found.pEquivalence).toBeLessThan(0.05);
  });

  it('a margin asked for that is the declared one is not post hoc', async () => {
    expect(await contrast({}, 0.05)).toMatchObject({ marginSource: 'declared' });
  });

  it('no difference at all is not shown to be none by a handful of clusters', async () => {
    const found = await contrast({ samples: 30, clusters: 15 });
    expect(found).toMatchObject({
      difference: 0,
      verdict: 'inconclusive',
      signFlip: { p: 1 },
      pDifference: 1,
    });
    expect(found.smallestMargin).toBeGreaterThan(0.1);
  });

  it('nor does a score that never changed', async () => {
    const found = await contrast({ samples: 30, clusters: 15, measures: [score], value: () => 0 });
    expect(found).toMatchObject({ difference: 0, verdict: 'inconclusive', pDifference: 1 });
    expect(found).not.toHaveProperty('tango');
    expect(found.smallestMargin).toBeGreaterThan(0.5);
  });

  it('fewer than ten clusters: counts and a permutation test, never "equivalent"', async () => {
    for (const difference of [0, 1]) {
      const found = await contrast({ clusters: 9, value: ({ stage }) => stage * difference });
      expect(found).toMatchObject({
        verdict: 'inconclusive',
        difference,
        interval: null,
        interval90: null,
        pEquivalence: null,
        smallestMargin: null,
        pDifference: difference === 0 ? 1 : 2 / 2 ** 9,
        changed: { up: 200 * difference, down: 0 },
        why: 'the samples stand in 9 clusters, fewer than the 10 that an interval needs',
      });
      expect(found).not.toHaveProperty('tango');
    }
    expect((await contrast({ clusters: 10 })).interval).not.toBeNull();
  });

  it('use shared samples only, and count the others', async () => {
    const found = await contrast({
      value: ({ stage, sample }) => ((stage === 0 ? sample < 20 : sample >= 190) ? 'unparsed' : sample % 2),
    });
    expect(found).toMatchObject({ n: 170, unpaired: { from: 10, to: 20 }, difference: 0 });
    // What is missing on one side could have differed by 1 either way: 30 of 200 samples.
    expect(found.worstCase![0]).toBeCloseTo(-15 / 200, 12);
    expect(found.worstCase![1]).toBeCloseTo(15 / 200, 12);
  });

  it('say when missing trials could turn the verdict', async () => {
    const same = ({ stage, sample }: { stage: number; sample: number }) => Number(sample % 100 === stage);
    const few = await contrast({
      samples: 400,
      value: (at) => (at.sample === 5 && at.stage === 1 ? 'refused' : same(at)),
    });
    const many = await contrast({
      samples: 400,
      value: (at) => (at.sample % 8 === 5 && at.stage === 1 ? 'refused' : same(at)),
    });
    expect(few).toMatchObject({ verdict: 'equivalent', robustToMissing: true });
    expect(many).toMatchObject({ verdict: 'equivalent', robustToMissing: false });
  });

  it('without a shared sample there is nothing to compare', async () => {
    const found = await contrast({
      value: ({ stage, sample }) => ((stage === 0) === sample < 100 ? 1 : undefined),
    });
    expect(found).toMatchObject({
      verdict: 'not compared',
      n: 0,
      unpaired: { from: 100, to: 100 },
      difference: null,
      why: 'no sample has a value in both',
    });
  });

  it('of repeated epochs compare means, and leave McNemar aside', async () => {
    const found = await contrast({
      epochs: 3,
      value: ({ stage, sample, epoch }) => Number(chance(sample, stage, epoch) < 0.3),
    });
    expect(found.n).toBe(200);
    expect(found).not.toHaveProperty('mcnemarMidP');
  });
});
