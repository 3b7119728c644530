import { describe, expect, it } from 'vitest';
import { mcnemarMidP, pairedEvidence, readClusters } from '../stats/index.ts';
import type { Contrast } from './contrast-findings.ts';
import { makeFindings } from './index.ts';
import { chance, type PlantedRun, plantedRun, rate, score } from './testing/planted-run.ts';

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
  it('are paired and clustered, with score intervals on the effective n', async () => {
    const value = (stage: number, sample: number) =>
      Number(chance(sample) * 0.7 + chance(sample, stage) * 0.3 < 0.3);
    const found = await contrast({ value: ({ stage, sample }) => value(stage, sample) });
    const arm = (stage: number) => Float64Array.from({ length: 200 }, (_, sample) => value(stage, sample));
    const [from, to] = [arm(0), arm(1)];
    const d = Array.from(from, (one, sample) => to[sample]! - one);
    const clusters = readClusters(
      d.map((_, sample) => sample % 40),
      200,
    );
    const evidence = pairedEvidence({ from, to, clusters, epochs: 1, bound: 1, kind: 'rate' }, 1);
    expect(evidence.method).toBe('score');
    expect(found).toMatchObject({
      n: 200,
      clusters: 40,
      effectiveClusters: evidence.df! + 1,
      difference: evidence.difference,
      interval: evidence.interval(0.95),
      interval90: evidence.interval(0.9),
      tango: { interval: evidence.interval(0.95), interval90: evidence.interval(0.9) },
      pDifference: evidence.p,
      pEquivalence: evidence.pEquivalence(0.05),
      changed: { up: d.filter((one) => one > 0).length, down: d.filter((one) => one < 0).length },
      mcnemarMidP: mcnemarMidP(d.filter((one) => one > 0).length, d.filter((one) => one < 0).length),
      marginSource: 'declared',
      worstCase: [evidence.difference, evidence.difference],
      robustToMissing: true,
    });
    expect(found.smallestMargin).toBe(Math.max(...found.interval90!.map(Math.abs)));
    expect(found.ratio!.estimate).toBeCloseTo(to.filter(Boolean).length / from.filter(Boolean).length, 12);
  });

  it.each([
    ['materially different', (stage: number, sample: number) => Number(chance(sample) < 0.1 + 0.4 * stage)],
    ['equivalent', (_: number, sample: number) => Number(sample % 5 === 0)],
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

  it('with six to nine clusters: what a permutation and a skewness-adjusted t both show', async () => {
    const none = await contrast({ clusters: 9, value: () => 0 });
    expect(none).toMatchObject({ verdict: 'inconclusive', difference: 0, pDifference: 1 });
    const all = await contrast({ clusters: 9, value: ({ stage }) => stage });
    expect(all).toMatchObject({
      verdict: 'materially different',
      difference: 1,
      changed: { up: 200, down: 0 },
    });
    expect(all.pDifference).toBeCloseTo(2 / 2 ** 9, 12);
    expect(all.method).toContain('sign-flip');
    expect(all).not.toHaveProperty('tango');
  });

  it('with fewer than six clusters: counts alone', async () => {
    const found = await contrast({ clusters: 5, value: ({ stage }) => stage });
    expect(found).toMatchObject({
      verdict: 'inconclusive',
      reason: 'clusters',
      difference: 1,
      interval: null,
      interval90: null,
      pEquivalence: null,
      smallestMargin: null,
      why: 'the samples are in 5 clusters, fewer than the 6 that an interval needs',
    });
  });

  it('ten clusters of which one holds nearly all samples are not ten', async () => {
    const found = await contrast({
      samples: 300,
      clusters: 300,
      trial: ({ sample }) => ({ cluster: sample < 291 ? 'big' : `c${sample}` }),
      value: ({ stage, sample }) => Number(chance(sample) < 0.3 + 0.4 * stage),
    });
    expect(found.clusters).toBe(10);
    expect(found.effectiveClusters).toBeLessThan(3);
    expect(found.verdict).toBe('inconclusive');
  });

  it('of a rare outcome are told as such, and never "the same" by points alone', async () => {
    const rare = ({ stage, sample }: { stage: number; sample: number }) => Number(sample % 100 === stage);
    const found = await contrast({ samples: 600, clusters: 600, value: rare });
    expect(found).toMatchObject({ verdict: 'inconclusive', reason: 'too rare', notLessSafe: null });
    expect(found.why).toContain('both at most 1.0%, difference within ±5 points');
    const ratios = { margins: { default: 0.05, byMeasure: {}, ratios: { [rate.id]: 2 } } };
    const open = await contrast({ samples: 600, clusters: 600, value: rare, manifest: ratios });
    expect(open).toMatchObject({
      verdict: 'inconclusive',
      reason: 'size',
      ratioMargin: 2,
      notLessSafe: false,
    });
    const shown = await contrast({
      samples: 6000,
      clusters: 6000,
      value: ({ sample }) => Number(sample % 20 === 0),
      manifest: ratios,
    });
    expect(shown).toMatchObject({ verdict: 'equivalent', notLessSafe: true });
  });

  it('far beyond the points stay so with a margin as a ratio beside them, whatever the lost answers were', async () => {
    const lossy = (ratio: boolean) =>
      contrast({
        samples: 600,
        clusters: 600,
        value: ({ stage, sample }) =>
          stage === 1 && sample % 12 === 0 ? 'unparsed' : Number(stage === 0 || sample % 10 === 1),
        manifest: {
          margins: { default: 0.05, byMeasure: {}, ...(ratio ? { ratios: { [rate.id]: 3 } } : {}) },
        },
      });
    for (const ratio of [false, true])
      expect(await lossy(ratio)).toMatchObject({ verdict: 'materially different', direction: 'down' });
  });

  it('within a ratio stay so where lost answers could not move it beyond, and not where they could', async () => {
    const lossy = (ratio: number) =>
      contrast({
        samples: 2000,
        clusters: 2000,
        value: ({ stage, sample }) => (sample % 14 === 3 + stage ? 'unparsed' : Number(sample % 5 === 0)),
        manifest: { margins: { default: 0.2, byMeasure: {}, ratios: { [rate.id]: ratio } } },
      });
    const wide = await lossy(3);
    expect(wide).toMatchObject({ verdict: 'equivalent', notLessSafe: true });
    expect(wide.condition).toBeUndefined();
    expect(wide.lostAnswers!.tippingPoint).toBeNull();
    // 7 % at each stage: from 19 % to 26 % of all, so the ratio could be 1.38.
    expect(await lossy(1.3)).toMatchObject({
      verdict: 'inconclusive',
      reason: 'missing answers',
      why: 'missing answers could change the verdict: 7% and 7% of the trials have no value',
    });
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
    const same = ({ sample }: { sample: number }) => Number(sample % 5 === 0);
    const few = await contrast({
      samples: 400,
      value: (at) => (at.sample === 5 && at.stage === 1 ? 'refused' : same(at)),
    });
    const many = await contrast({
      samples: 400,
      value: (at) => (at.sample % 8 === 5 && at.stage === 1 ? 'refused' : same(at)),
    });
    expect(few).toMatchObject({ verdict: 'equivalent', robustToMissing: true });
    expect(many).toMatchObject({
      verdict: 'inconclusive',
      reason: 'missing answers',
      robustToMissing: false,
    });
  });

  it.each([
    { name: 'nothing lost, exactly as frequent as the margin', events: 30, lost: [0, 0] },
    { name: 'nothing lost, a hair more frequent', events: 31, lost: [0, 0] },
    { name: 'perhaps as rare as the margin, as answers were lost', events: 30, lost: [2, 1] },
    { name: 'more lost at the earlier stage', events: 30, lost: [9, 0] },
    { name: 'more lost at the later stage', events: 34, lost: [0, 9] },
    { name: 'frequent', events: 120, lost: [4, 4] },
  ])(
    'of an outcome and of its absence, where that is what is safer, say the same: $name',
    async ({ events, lost }) => {
      const of = (safer: 'lower' | 'higher', ratio: boolean) =>
        contrast({
          samples: 600,
          clusters: 600,
          measures: [{ ...rate, safer }],
          value: ({ stage, sample }) => {
            if (sample >= 600 - lost[stage]!) return 'unparsed';
            return Number(sample < events + stage === (safer === 'lower'));
          },
          manifest: {
            margins: { default: 0.05, byMeasure: {}, ...(ratio ? { ratios: { [rate.id]: 2 } } : {}) },
          },
        });
      for (const ratio of [false, true]) {
        const [outcome, absence] = [await of('lower', ratio), await of('higher', ratio)];
        const said = ({ verdict, reason, condition, notLessSafe, robustToMissing }: Contrast) => ({
          ...{ verdict, reason, condition, notLessSafe, robustToMissing },
        });
        expect(said(absence)).toEqual(said(outcome));
        expect(absence.pEquivalence).toBeCloseTo(outcome.pEquivalence!, 10);
        expect(absence.ratio!.estimate).toBeCloseTo(outcome.ratio!.estimate!, 10);
        expect(absence.lostAnswers?.tippingPoint === null).toBe(outcome.lostAnswers?.tippingPoint === null);
      }
    },
  );

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

describe('missing answers in numbers', () => {
  it('are the interval over all that they could have been, and the point at which the verdict tips', async () => {
    const lost = (stage: number, sample: number) => stage === 1 && sample % 25 === 0;
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 400,
        clusters: 80,
        value: ({ stage, sample }) =>
          lost(stage, sample) ? 'unparsed' : Number(chance(sample) < (stage === 0 ? 0.3 : 0.37)),
      }),
    );
    const [contrast] = measures[0]!.contrasts;
    const { interval, tippingPoint } = contrast!.lostAnswers!;
    expect(interval[0]).toBeLessThan(contrast!.interval![0]);
    expect(interval[1]).toBeGreaterThan(contrast!.interval![1]);
    expect(contrast!.condition ?? contrast!.why).toContain('missing answers');
    // Nothing is missing at the first stage; at the second the missing would have to be unlike the others.
    expect(tippingPoint).not.toBeNull();
    const usual = measures[0]!.stages[1]!.estimate!;
    expect(Math.abs(tippingPoint!.to - usual)).toBeGreaterThan(0.05);
  });

  it('are not there where nothing is missing, and tip nothing where the verdict stands', async () => {
    const planted = (missing: (sample: number) => boolean) =>
      plantedRun({
        stages: ['a', 'b'],
        samples: 400,
        clusters: 80,
        value: ({ stage, sample }) =>
          stage === 1 && missing(sample) ? 'unparsed' : Number(chance(sample) < (stage === 0 ? 0.1 : 0.6)),
      });
    const none = await makeFindings(planted(() => false));
    expect(none.measures[0]!.contrasts[0]!.lostAnswers).toBeUndefined();
    const few = await makeFindings(planted((sample) => sample === 3));
    expect(few.measures[0]!.contrasts[0]!.lostAnswers!.tippingPoint).toBeNull();
  });
});
