import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomSource } from '../numerics/random.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { clusteredMean } from '../rate/clustered-mean.ts';
import { ppiMean } from '../testing/ppi.ts';
import { type StratifiedPpiData, stratifiedPpiMean, stratifiedPpiPaired } from './stratified-ppi.ts';

interface Vectors {
  readonly Y: number[];
  readonly F: number[];
  readonly FU: number[];
  readonly lambda_: number;
  readonly theta: number;
  readonly seDdof1: number;
  readonly lam1: { theta: number };
}

const none = Number.NaN;
/** Every trial a sample and a cluster of its own. */
const alone = (data: Pick<StratifiedPpiData, 'judge' | 'human' | 'strata'>): StratifiedPpiData => {
  const ids = Array.from(data.judge, (_, i) => i);
  return { ...data, samples: ids, clusters: ids };
};

describe('stratifiedPpiMean', () => {
  itMatches<Vectors>('with equal probabilities gives the values of the unweighted one', 'ppi', (vectors) => {
    const { Y, F, FU } = vectors;
    const data = alone({
      judge: [...F, ...FU],
      human: [...Y, ...FU.map(() => none)],
      strata: [...F, ...FU].map(() => 'all'),
    });
    const unseen = FU.length / (F.length + FU.length);
    const tuned = stratifiedPpiMean(data, { lambda: vectors.lambda_ / unseen });
    expect(tuned.estimate).toBeCloseTo(vectors.theta, 11);
    expect(tuned.standardError! / vectors.seDdof1).toBeCloseTo(1, 2);
    // λ = 1 there is more than 1 here; half of it is within reach of both.
    const half = ppiMean(
      { labelled: { human: Y, judge: F }, unlabelled: { judge: FU } },
      { lambda: 0.5 * unseen },
    );
    expect(stratifiedPpiMean(data, { lambda: 0.5 }).estimate).toBeCloseTo(half.estimate, 12);
    expect(stratifiedPpiMean(data).lambda * unseen).toBeCloseTo(vectors.lambda_, 1);
  });

  it('shows its arithmetic: each stratum counts for its size, not for its labels', () => {
    // The judge says yes to 2 of 8. Both yeses are labelled (one wrong), and 3 of the 6 noes (one wrong).
    const data = alone({
      judge: [1, 1, 0, 0, 0, 0, 0, 0],
      human: [1, 0, 1, 0, 0, none, none, none],
      strata: ['yes', 'yes', 'no', 'no', 'no', 'no', 'no', 'no'],
    });
    const { estimate, labels, thin } = stratifiedPpiMean(data);
    expect(estimate).toBeCloseTo((2 / 8) * (1 / 2) + (6 / 8) * (1 / 3), 14);
    expect({ labels, thin }).toEqual({ labels: 5, thin: [] });
    // Whatever λ is: within these strata the judge says one thing.
    expect(stratifiedPpiMean(data, { lambda: 1 }).estimate).toBeCloseTo(estimate!, 14);
  });

  it('with every trial labelled is the mean of the human values, clusters counted', () => {
    const trial = fc.record({ human: fc.nat(5), judge: fc.nat(5), stratum: fc.nat(2), cluster: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(trial, { minLength: 2, maxLength: 40 }), (trials) => {
        const clusters = trials.map(({ cluster }) => cluster);
        fc.pre(new Set(clusters).size > 1);
        const human = trials.map((one) => one.human);
        const found = stratifiedPpiMean(
          {
            judge: trials.map(({ judge }) => judge),
            human,
            strata: trials.map(({ stratum }) => stratum),
            samples: trials.map((_, i) => i),
            clusters,
          },
          { pseudoError: 5 },
        );
        const all = clusteredMean(human, clusters);
        expect(found.estimate).toBeCloseTo(all.mean, 12);
        expect(found.standardError).toBeCloseTo(all.cr2!, 10);
        expect(found.df).toBeCloseTo(all.df!, 8);
      }),
    );
  });

  it('counts samples alike, however many trials they have', () => {
    const data: StratifiedPpiData = {
      judge: [0, 0, 0, 0, 1],
      human: [0, 0, 0, 0, 1],
      strata: ['a', 'a', 'a', 'a', 'a'],
      samples: ['s', 's', 's', 's', 't'],
      clusters: ['s', 's', 's', 's', 't'],
    };
    expect(stratifiedPpiMean(data).estimate).toBe(0.5);
  });

  it('says which strata have too few labels', () => {
    const base = { judge: [1, 1, 0, 0, 0], strata: ['yes', 'yes', 'no', 'no', 'no'] };
    expect(stratifiedPpiMean(alone({ ...base, human: [1, 0, none, none, none] }))).toMatchObject({
      estimate: null,
      interval: null,
      thin: ['no'],
    });
    expect(stratifiedPpiMean(alone({ ...base, human: [1, none, 0, 0, none] }))).toMatchObject({
      interval: null,
      thin: ['yes'],
    });
    expect(stratifiedPpiMean(alone({ ...base, human: [1, 1, 0, 1, none] })).interval).not.toBeNull();
  });

  it('smoothing leaves no certainty to a stratum without a mistake, and only widens', () => {
    const judge = Array.from({ length: 1000 }, (_, i) => Number(i < 100));
    const human = judge.map((said, i) => (i % 20 === 0 ? said : none));
    const data = alone({ judge, human, strata: judge });
    const [sharp, smooth] = [stratifiedPpiMean(data), stratifiedPpiMean(data, { pseudoError: 1 })];
    expect(smooth.estimate).toBe(sharp.estimate);
    // 45 of 900 noes labelled: one unseen mistake each way would have been √2/45 there.
    expect(smooth.standardError).toBeGreaterThan((0.9 * 0.95 * Math.SQRT2) / 45);
    expect(sharp.standardError).toBeLessThan(0.011);
  });

  it('refuses nothing, lengths that differ, and options out of range', () => {
    const data = alone({ judge: [1, 0], human: [1, none], strata: [0, 0] });
    expect(() => stratifiedPpiMean({ ...data, judge: [1] })).toThrow(RangeError);
    expect(() => stratifiedPpiMean(alone({ judge: [], human: [], strata: [] }))).toThrow(RangeError);
    expect(() => stratifiedPpiMean({ ...data, judge: [1, none] })).toThrow(/judge's value 1/);
    for (const wrong of [{ level: 1 }, { lambda: 2 }, { pseudoError: -1 }])
      expect(() => stratifiedPpiMean(data, wrong)).toThrow(RangeError);
  });
});

/** A judge that misses some yeses and invents some, on trials of which strata are labelled very unequally. */
function simulate({ seed, clusterSize = 1 }: { seed: number; clusterSize?: number }) {
  const random = randomSource(seed);
  const N = 900;
  const arm = (rates: readonly number[], sensitivity: number) => {
    const human = rates.map((rate) => Number(random.fraction() < rate));
    const judge = human.map((yes) => Number(random.fraction() < (yes ? sensitivity : 0.08)));
    return { human, judge };
  };
  // Clusters move together: a cluster's rate is 0.05 or 0.45.
  const rates = Array.from({ length: N / clusterSize }, () =>
    random.fraction() < 0.5 ? 0.05 : 0.45,
  ).flatMap((rate) => new Array<number>(clusterSize).fill(rate));
  const [from, to] = [
    arm(rates, 0.6),
    arm(
      rates.map((rate) => rate / 2),
      0.9,
    ),
  ];
  const order = Array.from({ length: N }, () => random.fraction());
  const labelled = ({ human, judge }: { human: number[]; judge: number[] }): StratifiedPpiData => {
    const picked = new Set(
      [0, 1].flatMap((said) =>
        Array.from(judge.keys())
          .filter((i) => judge[i] === said)
          .sort((a, b) => order[a]! - order[b]!)
          .slice(0, 60),
      ),
    );
    return {
      judge,
      human: human.map((value, i) => (picked.has(i) ? value : none)),
      strata: judge,
      samples: judge.map((_, i) => i),
      clusters: judge.map((_, i) => Math.floor(i / clusterSize)),
    };
  };
  return { from: labelled(from), to: labelled(to) };
}

describe('over seeded draws, stratified labels', { timeout: 120_000 }, () => {
  const TRUTH = { from: 0.25, to: 0.125 };
  const DRAWS = 400;
  const share = (holds: (seed: number) => boolean) =>
    Array.from({ length: DRAWS }, (_, seed) => holds(seed)).filter(Boolean).length / DRAWS;
  const covers = (interval: readonly [number, number] | null, truth: number) =>
    interval !== null && interval[0] <= truth && truth <= interval[1];

  it('cover the planted rate where the judge is far off, and so does what is made of them without the strata not', () => {
    const covered = share((seed) => covers(stratifiedPpiMean(simulate({ seed }).from).interval, TRUTH.from));
    expect(covered).toBeGreaterThanOrEqual(0.93);
    expect(covered).toBeLessThan(0.985);
    const unweighted = share((seed) => {
      const { judge, human } = simulate({ seed }).from;
      const known = Array.from(human, (value, i) => ({ human: value, judge: judge[i]! }));
      const of = known.filter((one) => !Number.isNaN(one.human));
      const rest = known.filter((one) => Number.isNaN(one.human));
      const data = {
        labelled: { human: of.map((one) => one.human), judge: of.map((one) => one.judge) },
        unlabelled: { judge: rest.map((one) => one.judge) },
      };
      return covers(ppiMean(data).interval, TRUTH.from);
    });
    expect(unweighted).toBeLessThan(0.5);
  });

  it('cover the planted rate and the planted difference in clusters of nine', () => {
    const options = { pseudoError: 1 };
    const draw = (seed: number) => simulate({ seed: seed + 10_000, clusterSize: 9 });
    expect(
      share((seed) => covers(stratifiedPpiMean(draw(seed).from, options).interval, TRUTH.from)),
    ).toBeGreaterThanOrEqual(0.93);
    expect(
      share((seed) => covers(stratifiedPpiPaired(draw(seed), options).interval, TRUTH.to - TRUTH.from)),
    ).toBeGreaterThanOrEqual(0.93);
  });
});

describe('what clusters add to an estimate', () => {
  it('comes to the estimate times the number of samples, labels and all', () => {
    const { judge, human } = { judge: [1, 1, 0, 0, 1, 0, 1, 0], human: [1, 0, 0, none, none, 0, 1, none] };
    const data = {
      ...{ judge, human, strata: judge, samples: judge.map((_, i) => i) },
      clusters: ['a', 'b', 'a', 'b', 'c', 'c', 'd', 'd'],
    };
    const { estimate, sums } = stratifiedPpiMean(data, { lambda: 0.5 });
    expect([...sums.keys()]).toEqual(['a', 'b', 'c', 'd']);
    expect([...sums.values()].reduce((a, b) => a + b) / judge.length).toBeCloseTo(estimate!, 12);
  });
});

describe('stratifiedPpiPaired', () => {
  it('needs no sample labelled in both arms, and what both have in common cancels', () => {
    const judge = Array.from({ length: 40 }, (_, i) => i % 2);
    const arm = (labels: (i: number) => boolean) =>
      alone({ judge, human: judge.map((said, i) => (labels(i) ? said : none)), strata: judge });
    const apart = stratifiedPpiPaired({ from: arm((i) => i < 20), to: arm((i) => i >= 20) });
    expect(apart.estimate).toBeCloseTo(0, 14);
    const errs = judge.map((said, i) => (i % 5 === 0 ? 1 - said : said));
    const wrong = (labels: (i: number) => boolean) => ({
      ...arm(labels),
      human: errs.map((value, i) => (labels(i) ? value : none)),
    });
    const same = stratifiedPpiPaired({ from: wrong((i) => i < 24), to: wrong((i) => i < 24) });
    const different = stratifiedPpiPaired({ from: wrong((i) => i < 24), to: wrong((i) => i >= 16) });
    expect(same.standardError).toBeCloseTo(0, 12);
    expect(different.standardError).toBeGreaterThan(0.05);
  });

  it('refuses arms of other samples', () => {
    const arm = alone({ judge: [1, 0], human: [1, 0], strata: [0, 0] });
    expect(() => stratifiedPpiPaired({ from: arm, to: { ...arm, samples: [1, 2] } })).toThrow(/same samples/);
  });
});
