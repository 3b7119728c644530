import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { clusteredMean } from '../rate/clustered-mean.ts';
import { type PpiOptions, ppiMean, ppiPaired } from './ppi.ts';

interface Vectors {
  readonly Y: number[];
  readonly F: number[];
  readonly FU: number[];
  readonly lambda_: number;
  readonly theta: number;
  readonly libCI95: [number, number];
  readonly seDdof0: number;
  readonly seDdof1: number;
  readonly lam1: { theta: number; ci: [number, number] };
}

const labels = fc.record({ human: fc.nat(1), judge: fc.nat(1), cluster: fc.nat(9) });
const someData = fc
  .tuple(
    fc.array(labels, { minLength: 2, maxLength: 30 }),
    fc.array(fc.record({ judge: fc.nat(1), cluster: fc.nat(9) }), { maxLength: 60 }),
  )
  .map(([labelled, unlabelled]) => ({
    labelled: { human: labelled.map(({ human }) => human), judge: labelled.map(({ judge }) => judge) },
    unlabelled: { judge: unlabelled.map(({ judge }) => judge) },
    clusters: {
      labelled: labelled.map(({ cluster }) => cluster),
      unlabelled: unlabelled.map(({ cluster }) => cluster),
    },
  }));

describe('ppiMean', () => {
  itMatches<Vectors>("gives the reference library's values", 'ppi', (vectors) => {
    const data = {
      labelled: { human: vectors.Y, judge: vectors.F },
      unlabelled: { judge: vectors.FU },
    };
    const asLibrary: PpiOptions = { quantile: 'normal', ddof: 0 };
    const tuned = ppiMean(data, asLibrary);
    expect(tuned.lambda).toBeCloseTo(vectors.lambda_, 11);
    expect(tuned.estimate).toBeCloseTo(vectors.theta, 11);
    expect(tuned.interval![0]).toBeCloseTo(vectors.libCI95[0], 11);
    expect(tuned.interval![1]).toBeCloseTo(vectors.libCI95[1], 11);
    expect(tuned.standardError).toBeCloseTo(vectors.seDdof0, 11);
    expect(ppiMean(data).standardError).toBeCloseTo(vectors.seDdof1, 11);
    const plain = ppiMean(data, { ...asLibrary, lambda: 1 });
    expect(plain.estimate).toBeCloseTo(vectors.lam1.theta, 11);
    expect(plain.interval![0]).toBeCloseTo(vectors.lam1.ci[0], 11);
    expect(plain.interval![1]).toBeCloseTo(vectors.lam1.ci[1], 11);
  });

  it('shows its arithmetic with λ = 1: the judge on the rest, plus what it gets wrong', () => {
    const data = {
      labelled: { human: [1, 0, 1, 1], judge: [1, 1, 1, 0] },
      unlabelled: { judge: [0, 0, 1, 0, 1] },
    };
    const { estimate, standardError, df } = ppiMean(data, { lambda: 1 });
    expect(estimate).toBeCloseTo(0.4 + 0, 14);
    // Var(judge on the rest)/5 = 0.3/5, Var(human − judge)/4 = (2/3)/4
    expect(standardError).toBeCloseTo(Math.sqrt(0.06 + 1 / 6), 14);
    expect(df).toBeCloseTo((0.06 + 1 / 6) ** 2 / (0.06 ** 2 / 4 + (1 / 6) ** 2 / 3), 10);
  });

  it('with every sample labelled, is the mean of the human values', () => {
    fc.assert(
      fc.property(someData, (data) => {
        const all = {
          ...data,
          unlabelled: { judge: [] },
          clusters: { labelled: data.clusters.labelled, unlabelled: [] },
        };
        const human = clusteredMean(data.labelled.human, data.clusters.labelled);
        const { estimate, standardError, lambda, df } = ppiMean(all, { pseudoError: 1 });
        expect(lambda).toBe(0);
        expect(estimate).toBeCloseTo(human.mean, 14);
        if (human.cr2 === null) expect(standardError).toBeNull();
        else {
          expect(standardError).toBeCloseTo(human.cr2, 13);
          expect(df).toBeCloseTo(human.df!, 8);
        }
      }),
    );
  });

  it('does not care whether samples that are alone are said to', () => {
    fc.assert(
      fc.property(someData, (data) => {
        const alone = ppiMean({ labelled: data.labelled, unlabelled: data.unlabelled });
        const said = ppiMean({
          ...data,
          clusters: {
            labelled: data.labelled.human.map((_, i) => `l${i}`),
            unlabelled: data.unlabelled.judge.map((_, i) => `u${i}`),
          },
        });
        expect(said).toEqual(alone);
      }),
    );
  });

  it('λ stays within [0, 1] and the interval holds the estimate; smoothing only widens it', () => {
    fc.assert(
      fc.property(someData, (data) => {
        const sharp = ppiMean(data);
        const smooth = ppiMean(data, { pseudoError: 1 });
        expect(sharp.lambda).toBeGreaterThanOrEqual(0);
        expect(sharp.lambda).toBeLessThanOrEqual(1);
        expect(smooth.estimate).toBe(sharp.estimate);
        if (sharp.interval === null) {
          expect(smooth.interval).toBeNull();
          return;
        }
        expect(sharp.interval[0]).toBeLessThanOrEqual(sharp.estimate);
        expect(sharp.interval[1]).toBeGreaterThanOrEqual(sharp.estimate);
        expect(smooth.standardError).toBeGreaterThanOrEqual(sharp.standardError!);
      }),
    );
  });

  it('trusts a judge fully that is always right, not at all one that says nothing', () => {
    const human = [1, 0, 1, 0, 1, 0, 0, 0];
    const others = Array.from({ length: 800 }, (_, i) => Number(i % 4 === 0));
    expect(
      ppiMean({ labelled: { human, judge: human }, unlabelled: { judge: others } }).lambda,
    ).toBeGreaterThan(0.95);
    const mute = ppiMean({
      labelled: { human, judge: human.map(() => 1) },
      unlabelled: { judge: others.map(() => 1) },
    });
    expect(mute.lambda).toBe(0);
    expect(mute.estimate).toBe(3 / 8);
  });

  it('a judge without a mistake among the labels leaves no certainty once smoothed', () => {
    const human = Array.from({ length: 60 }, (_, i) => Number(i % 2 === 0));
    const data = {
      labelled: { human, judge: human },
      unlabelled: { judge: new Array(100_000).fill(0).map((_, i) => i % 2) },
    };
    const sharp = ppiMean(data, { lambda: 1 });
    const smooth = ppiMean(data, { lambda: 1, pseudoError: 1 });
    expect(sharp.standardError).toBeLessThan(0.002);
    // √2/60: about what one mistake in either direction would have done.
    expect(smooth.standardError).toBeCloseTo(Math.SQRT2 / 60, 3);
  });

  it('counts clusters, also those with samples of both kinds', () => {
    const human = [1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0];
    const data = { labelled: { human, judge: human }, unlabelled: { judge: human } };
    const clusters = Array.from(human, (_, i) => Math.floor(i / 3));
    const alone = ppiMean(data, { lambda: 0 });
    const clustered = ppiMean(
      { ...data, clusters: { labelled: clusters, unlabelled: clusters } },
      { lambda: 0 },
    );
    expect(clustered.standardError! ** 2 / alone.standardError! ** 2).toBeCloseTo((3 * 11) / (12 - 3), 10);
    expect(clustered.df).toBeCloseTo(3, 10);
  });

  it('in one cluster knows no uncertainty', () => {
    const data = { labelled: { human: [1, 0], judge: [1, 0] }, unlabelled: { judge: [1, 1] } };
    const clusters = { labelled: ['a', 'a'], unlabelled: ['b', 'c'] };
    expect(ppiMean({ ...data, clusters })).toMatchObject({ standardError: null, df: null, interval: null });
    expect(ppiMean({ labelled: { human: [1], judge: [1] }, unlabelled: { judge: [] } })).toMatchObject({
      estimate: 1,
      interval: null,
    });
  });

  it('refuses no labels, arrays that do not match, and options out of range', () => {
    const data = { labelled: { human: [1, 0], judge: [1, 0] }, unlabelled: { judge: [1] } };
    expect(() => ppiMean({ ...data, labelled: { human: [], judge: [] } })).toThrow(RangeError);
    expect(() => ppiMean({ ...data, labelled: { human: [1], judge: [1, 0] } })).toThrow(RangeError);
    expect(() => ppiMean({ ...data, unlabelled: { judge: [Number.NaN] } })).toThrow(RangeError);
    expect(() => ppiMean({ ...data, clusters: { labelled: [1, 2], unlabelled: [] } })).toThrow(RangeError);
    for (const wrong of [{ level: 1 }, { lambda: Number.NaN }, { pseudoError: -1 }]) {
      expect(() => ppiMean(data, wrong)).toThrow(RangeError);
    }
  });

  it('covers a planted rate behind a biased judge, at about its level', () => {
    // Truth 0.3; the judge misses a quarter of the yeses and calls a tenth of the noes yes. 200 labels, 20 a cluster.
    const random = xoroshiro128plus(7);
    const uniform = () => (random.next() >>> 0) / 2 ** 32;
    let covered = 0;
    const rounds = 400;
    for (let round = 0; round < rounds; round++) {
      const truth = Array.from({ length: 1000 }, () => Number(uniform() < 0.3));
      const judge = truth.map((yes) => Number(uniform() < (yes ? 0.75 : 0.1)));
      const data = {
        labelled: { human: truth.slice(0, 200), judge: judge.slice(0, 200) },
        unlabelled: { judge: judge.slice(200) },
      };
      const [low, high] = ppiMean(data).interval!;
      if (low <= 0.3 && 0.3 <= high) covered++;
    }
    expect(covered / rounds).toBeGreaterThan(0.92);
    expect(covered / rounds).toBeLessThan(0.98);
  });
});

describe('ppiPaired', () => {
  it('is the PPI mean of the differences, so errors common to both arms cancel', () => {
    const from = [0, 1, 0, 1, 0, 1];
    const to = [1, 1, 0, 1, 1, 0];
    // Always one too many, in both arms.
    const off = (values: number[]) => values.map((value) => value + 1);
    const { estimate, lambda } = ppiPaired({
      labelled: { human: { from, to }, judge: { from: off(from), to: off(to) } },
      unlabelled: { judge: { from: off(from), to: off(to) } },
    });
    expect(estimate).toBeCloseTo(1 / 6, 14);
    expect(lambda).toBeGreaterThan(0);
  });

  it('turned round is its own negative', () => {
    fc.assert(
      fc.property(someData, someData, (a, b) => {
        const n = Math.min(a.labelled.human.length, b.labelled.human.length);
        const m = Math.min(a.unlabelled.judge.length, b.unlabelled.judge.length);
        const arm = (x: typeof a) => ({
          human: x.labelled.human.slice(0, n),
          judge: x.labelled.judge.slice(0, n),
          rest: x.unlabelled.judge.slice(0, m),
        });
        const paired = (from: ReturnType<typeof arm>, to: ReturnType<typeof arm>) =>
          ppiPaired(
            {
              labelled: {
                human: { from: from.human, to: to.human },
                judge: { from: from.judge, to: to.judge },
              },
              unlabelled: { judge: { from: from.rest, to: to.rest } },
            },
            { pseudoError: 1 },
          );
        const [there, back] = [paired(arm(a), arm(b)), paired(arm(b), arm(a))];
        expect(back.estimate).toBeCloseTo(-there.estimate, 12);
        expect(back.lambda).toBeCloseTo(there.lambda, 12);
        if (there.interval === null) {
          expect(back.interval).toBeNull();
          return;
        }
        expect(back.interval![0]).toBeCloseTo(-there.interval[1], 10);
      }),
    );
  });

  it('refuses arms of different lengths', () => {
    const arm = { from: [1], to: [1, 0] };
    const none = { from: [], to: [] };
    expect(() => ppiPaired({ labelled: { human: arm, judge: arm }, unlabelled: { judge: none } })).toThrow(
      RangeError,
    );
  });
});
