import { describe, expect, it } from 'vitest';
import { cohenKappa, gwetAC1, krippendorffAlpha } from '../stats/index.ts';
import { makeFindings } from './index.ts';
import { chance, misaligned, plantedRun, rate, score } from './testing/planted-run.ts';

const said = (rater: string, stage: number, sample: number) =>
  Number(chance(sample, stage) < (rater === 'x' ? 0.5 : rater === 'y' ? 0.45 : 0.6));

describe('agreement', () => {
  it('is that of all raters on the trials, and of each other rater with this one by stage', async () => {
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 80,
        raters: [{ id: 'x' }, { id: 'y' }, { id: 'z' }],
        value: ({ rater, stage, sample }) =>
          rater === 'z' && sample < 10 ? 'unparsed' : said(rater, stage, sample),
      }),
    );
    const units = [0, 1].flatMap((stage) =>
      Array.from({ length: 80 }, (_, sample) => [
        said('x', stage, sample),
        said('y', stage, sample),
        sample < 10 ? null : said('z', stage, sample),
      ]),
    );
    const alpha = krippendorffAlpha(units, 'nominal');
    expect(measures.map(({ agreement }) => agreement?.raters)).toEqual(measures.map(() => ['x', 'y', 'z']));
    const { agreement } = measures[0]!;
    expect(agreement).toMatchObject({
      units: 160,
      level: 'nominal',
      alpha,
      alphaByLevel: { nominal: alpha },
    });
    expect(agreement!.ac1).toBeCloseTo(gwetAC1(units, 2)!, 12);
    expect(agreement!.pairs.map(({ rater, stage, n }) => [rater, stage, n])).toEqual([
      ['y', 'a', 80],
      ['y', 'b', 80],
      ['z', 'a', 70],
      ['z', 'b', 70],
    ]);
    const table = [
      [0, 0],
      [0, 0],
    ];
    for (let sample = 0; sample < 80; sample++) table[said('x', 0, sample)]![said('y', 0, sample)]!++;
    expect(agreement!.pairs[0]).toMatchObject({
      agreement: (table[0]![0]! + table[1]![1]!) / 80,
      kappa: cohenKappa(table),
    });
    expect(agreement).not.toHaveProperty('selfExclusion');
  });

  it('does not count labels that were settled from those of the others once more', async () => {
    const run = (adjudicates?: readonly string[]) =>
      makeFindings(
        plantedRun({
          stages: ['a', 'b'],
          samples: 80,
          raters: [
            { id: 'x', kind: 'human' },
            { id: 'y', kind: 'human' },
            { id: 'final', kind: 'human', ...(adjudicates ? { adjudicates } : {}) },
          ],
          value: ({ rater, stage, sample }) => said(rater === 'final' ? 'x' : rater, stage, sample),
        }),
      );
    const settled = (await run(['x', 'y'])).measures;
    const units = [0, 1].flatMap((stage) =>
      Array.from({ length: 80 }, (_, sample) => [said('x', stage, sample), said('y', stage, sample)]),
    );
    for (const { agreement } of settled)
      expect(agreement).toMatchObject({ raters: ['x', 'y'], alpha: krippendorffAlpha(units, 'nominal') });
    // Each annotator is still compared with it.
    expect(new Set(settled[0]!.agreement!.pairs.map(({ rater }) => rater))).toEqual(new Set(['y', 'final']));
    expect((await run()).measures[0]!.agreement!.raters).toEqual(['x', 'y', 'final']);
  });

  it('of one rater alone is nothing', async () => {
    const { measures } = await makeFindings(
      plantedRun({ stages: ['a', 'b'], samples: 20, value: ({ sample }) => sample % 2 }),
    );
    expect(measures[0]).not.toHaveProperty('agreement');
  });

  it('without any variation has no alpha, but an AC1 of 1: they could have said otherwise', async () => {
    const { measures } = await makeFindings(
      plantedRun({ stages: ['a', 'b'], samples: 20, raters: [{ id: 'x' }, { id: 'y' }], value: () => 0 }),
    );
    expect(measures[0]!.agreement).toMatchObject({ alpha: null, ac1: 1 });
    expect(measures[0]!.agreement!.pairs[0]).toMatchObject({ agreement: 1, kappa: null });
  });

  it('of scores with many values counts no categories', async () => {
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 60,
        measures: [{ ...score, level: 'interval' }],
        raters: [{ id: 'x' }, { id: 'y' }],
        value: ({ sample, rater }) => 5 * chance(sample, rater === 'x' ? 0 : sample % 3),
      }),
    );
    const { agreement } = measures[0]!;
    expect(agreement).toMatchObject({ ac1: null, level: 'interval' });
    expect(agreement!.alpha).toBe(agreement!.alphaByLevel!.interval);
    expect(Object.keys(agreement!.alphaByLevel!)).toEqual(['nominal', 'ordinal', 'interval']);
    expect(agreement!.pairs[0]!.kappa).toBeNull();
  });
});

describe("a panel's agreement", () => {
  const run = (excludeOwnFamily: boolean) =>
    plantedRun({
      stages: [{ id: 'a', family: 'gpt' }, { id: 'b' }],
      samples: 10,
      measures: [misaligned, score],
      raters: [
        {
          id: 'panel',
          kind: 'panel',
          panel: { members: ['x', 'y', 'z'], combine: 'median', excludeOwnFamily },
        },
        { id: 'x', family: 'GPT' },
        { id: 'y' },
        { id: 'z' },
        { id: 'outsider' },
      ],
      // Of its own family, x says 0 to the first sample; the others say 3 and 4, the median is 3 either way but once.
      value: ({ rater, stage, sample }) => {
        if (rater === 'panel') return undefined;
        if (rater === 'x') return stage === 0 && sample < 2 ? 0 : 3;
        return rater === 'y' ? 3 : sample === 0 ? 2 : 4;
      },
    });

  it('is that of its members, and says what excluding own families changes', async () => {
    const { measures } = await makeFindings(run(true));
    const of = (id: string) =>
      measures.find((measure) => measure.id === id && measure.rater === 'panel')!.agreement!;
    expect(of('odcv/severity').raters).toEqual(['x', 'y', 'z']);
    expect(of('odcv/severity').pairs.map(({ rater }) => rater)).not.toContain('outsider');
    // Sample 0: 0, 3, 2 → median 2, without x 2.5. Sample 1: 0, 3, 4 → 3, without x 3.5. Others: 3, 3, 4 → 3 and 3.5.
    expect(of('odcv/severity').selfExclusion).toMatchObject({
      applied: true,
      trials: 10,
      changed: 10,
      ratings: 60,
      ratingsWithout: 50,
    });
    // Only by the threshold of 3 they are the same: 2 and 2.5 are below.
    expect(of('odcv/misalignment').selfExclusion).toMatchObject({ trials: 10, changed: 0, ratings: 60 });
    const { alphaByLevel, alphaByLevelWithout } = of('odcv/severity').selfExclusion!;
    const unit = (stage: number, sample: number, own: boolean) => [
      own && stage === 0 ? null : stage === 0 && sample < 2 ? 0 : 3,
      3,
      sample === 0 ? 2 : 4,
    ];
    const units = (own: boolean) =>
      [0, 1].flatMap((stage) => Array.from({ length: 10 }, (_, i) => unit(stage, i, own)));
    expect(alphaByLevel.interval).toBeCloseTo(krippendorffAlpha(units(false), 'interval')!, 12);
    expect(alphaByLevelWithout.interval).toBeCloseTo(krippendorffAlpha(units(true), 'interval')!, 12);
  });

  it('says the same of a panel that does not exclude, but for whether it does', async () => {
    const [applied, not] = await Promise.all(
      [true, false].map(
        async (exclude) =>
          (await makeFindings(run(exclude))).measures.find(({ rater }) => rater === 'panel')!.agreement!
            .selfExclusion,
      ),
    );
    expect(applied).toMatchObject({ applied: true, trials: 10 });
    expect(not).toEqual({ ...applied, applied: false });
  });

  it('has nothing to say of own families where there are none', async () => {
    const { measures } = await makeFindings(
      plantedRun({
        stages: ['a', 'b'],
        samples: 20,
        measures: [rate],
        raters: [
          {
            id: 'panel',
            kind: 'panel',
            panel: { members: ['x', 'y'], combine: 'median', excludeOwnFamily: true },
          },
          { id: 'x', family: 'gpt' },
          { id: 'y' },
        ],
        value: ({ rater, sample }) => (rater === 'panel' ? undefined : sample % 2),
      }),
    );
    expect(measures[0]!.agreement).not.toHaveProperty('selfExclusion');
  });
});
