import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairedDifference } from '../difference/paired-difference.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { clusteredMean } from '../rate/clustered-mean.ts';
import type { ClusterLabels } from '../rate/clusters.ts';
import { carriedAtLeast as carried, sharesOf, stageChanges, withUnseenChanges } from './stage-shares.ts';

const stageShares = (stages: readonly (readonly number[])[], clusters: ClusterLabels, level?: number) =>
  sharesOf(stageChanges(stages, clusters), level);

const carriedAtLeast = (
  stages: readonly (readonly number[])[],
  clusters: ClusterLabels,
  step: number,
  atLeast: number,
) => carried(stageChanges(stages, clusters), step, atLeast);

interface Vectors {
  readonly base: number[];
  readonly sft: number[];
  readonly prod: number[];
  readonly cluster: number[];
  readonly share: number;
  readonly fieller95: [number, number];
  readonly g: number;
  readonly Suu: number;
  readonly Svv: number;
  readonly exhaustiveClusterBootstrap: { type1: [number, number] };
  readonly bca: { lo: number; hi: number };
  readonly shareAtLeast80: { est: number; se: number; t: number; p: number };
  readonly prodVsSft: { diff: number; se: number; ci90: [number, number] };
}

const close = (actual: number, expected: number) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));

/** Four stages on shared samples, the clusters of which all occur at least once. */
const someStages = fc
  .array(
    fc.record({
      values: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 }),
      cluster: fc.nat(6),
    }),
    { minLength: 2, maxLength: 40 },
  )
  .map((samples) => ({
    stages: [0, 1, 2, 3].map((stage) => samples.map(({ values }) => values[stage]! / 4)),
    clusters: samples.map(({ cluster }) => cluster),
  }));

describe('sharesOf stageChanges', () => {
  itMatches<Vectors>('gives the reference values', 'stageShare', (vectors) => {
    const stages = [vectors.base, vectors.sft, vectors.prod];
    const { total, steps, g } = stageShares(stages, vectors.cluster);
    close(steps[0]!.share!, vectors.share);
    close(g!, vectors.g);
    close(steps[0]!.standardError! ** 2, vectors.Suu);
    close(total.standardError! ** 2, vectors.Svv);
    const set = steps[0]!.fieller!;
    if (set.kind !== 'bounded') throw new Error('the reference set is bounded');
    close(set.interval[0], vectors.fieller95[0]);
    close(set.interval[1], vectors.fieller95[1]);
    close(steps[1]!.change, vectors.prodVsSft.diff);
    close(steps[1]!.standardError!, vectors.prodVsSft.se);
    const [low, high] = stageShares(stages, vectors.cluster, 0.9).steps[1]!.interval!;
    // scipy's t quantile is off in its tenth digit, and the lower end is a difference of two near numbers.
    expect(low).toBeCloseTo(vectors.prodVsSft.ci90[0], 10);
    expect(high).toBeCloseTo(vectors.prodVsSft.ci90[1], 10);
  });

  it('changes telescope to the total, shares to 1, signs kept', () => {
    fc.assert(
      fc.property(someStages, ({ stages, clusters }) => {
        const { total, steps } = stageShares(stages, clusters);
        const sum = steps.reduce((all, step) => all + step.change, 0);
        expect(sum).toBeCloseTo(total.change, 12);
        if (total.change === 0) {
          expect(steps.every((step) => step.share === null)).toBe(true);
          return;
        }
        expect(steps.reduce((all, step) => all + step.share!, 0)).toBeCloseTo(1, 8);
        for (const step of steps) expect(Math.sign(step.share! * total.change)).toBe(Math.sign(step.change));
      }),
    );
  });

  it("every change has its own clustered mean's standard error", () => {
    fc.assert(
      fc.property(someStages, ({ stages, clusters }) => {
        const { steps } = stageShares(stages, clusters);
        const second = stages[2]!.map((value, i) => value - stages[1]![i]!);
        const { mean, cr2 } = clusteredMean(second, clusters);
        expect(steps[1]!.change).toBeCloseTo(mean, 14);
        if (cr2 === null) expect(steps[1]!.standardError).toBeNull();
        else expect(steps[1]!.standardError).toBeCloseTo(cr2, 14);
      }),
    );
  });

  it('shares do not depend on the unit, nor on which way is up', () => {
    fc.assert(
      fc.property(someStages, ({ stages, clusters }) => {
        const turned = stages.map((values) => values.map((value) => 3 - 8 * value));
        const [a, b] = [stageShares(stages, clusters), stageShares(turned, clusters)];
        a.steps.forEach((step, i) => {
          if (step.share === null) expect(b.steps[i]!.share).toBeNull();
          else expect(b.steps[i]!.share).toBeCloseTo(step.share, 8);
        });
      }),
    );
  });

  it('the confidence set of a share holds the share', () => {
    fc.assert(
      fc.property(someStages, ({ stages, clusters }) => {
        for (const { share, fieller } of stageShares(stages, clusters).steps) {
          if (fieller?.kind !== 'bounded') continue;
          expect(fieller.interval[0]).toBeLessThanOrEqual(share! + 1e-9);
          expect(fieller.interval[1]).toBeGreaterThanOrEqual(share! - 1e-9);
        }
      }),
    );
  });

  it('a set is bounded exactly if g < 1', () => {
    const unsure = stageShares(
      [
        [0, 1, 0, 1],
        [1, 0, 0, 1],
        [1, 1, 0, 1],
      ],
      [1, 2, 3, 4],
    );
    expect(unsure.g).toBeGreaterThan(1);
    expect(unsure.steps[0]!.fieller!.kind).not.toBe('bounded');
    const sure = stageShares(
      [
        [0, 0, 0, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 1],
      ],
      [1, 2, 3, 4],
    );
    expect(sure.g).toBe(0);
    expect(sure.steps[0]!.fieller!.kind).toBe('bounded');
  });

  it('without any change there is nothing to share', () => {
    const constant = [1, 2, 3].map(() => [0.5, 0.5, 0.25]);
    const { total, steps, g } = stageShares(constant, [1, 2, 3]);
    expect(total).toEqual({ change: 0, standardError: 0, interval: [0, 0] });
    expect(g).toBeNull();
    expect(steps[0]).toMatchObject({ change: 0, share: null, fieller: null });
  });

  it('in one cluster there is a share but nothing to judge it by', () => {
    const { df, total, steps } = stageShares(
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
      ['a', 'a'],
    );
    expect(df).toBeNull();
    expect(total).toEqual({ change: 1, standardError: null, interval: null });
    expect(steps[0]).toEqual({ change: 0.5, standardError: null, interval: null, share: 0.5, fieller: null });
  });

  it('refuses fewer than three stages, other samples by stage, and no samples', () => {
    expect(() => stageShares([[1], [2]], [1])).toThrow(RangeError);
    expect(() => stageShares([[1, 2], [1, 2], [1]], [1, 2])).toThrow(RangeError);
    expect(() => stageShares([[], [], []], [])).toThrow(RangeError);
  });
});

describe('carriedAtLeast', () => {
  itMatches<Vectors>('gives the reference values', 'stageShare', (vectors) => {
    const stages = [vectors.base, vectors.sft, vectors.prod];
    const { estimate, standardError, t, p, df } = carriedAtLeast(stages, vectors.cluster, 0, 0.8);
    expect(df).toBe(5);
    close(estimate, vectors.shareAtLeast80.est);
    close(standardError!, vectors.shareAtLeast80.se);
    close(t!, vectors.shareAtLeast80.t);
    close(p!, vectors.shareAtLeast80.p);
  });

  it('does not depend on which way is up', () => {
    fc.assert(
      fc.property(someStages, ({ stages, clusters }) => {
        const a = carriedAtLeast(stages, clusters, 1, 0.5);
        const b = carriedAtLeast(
          stages.map((values) => values.map((value) => -value)),
          clusters,
          1,
          0.5,
        );
        // A total of 0 has no direction to turn round.
        if (stageShares(stages, clusters).total.change === 0) return;
        if (a.p === null) expect(b.p).toBeNull();
        else expect(b.p).toBeCloseTo(a.p, 10);
      }),
    );
  });

  it('is harder to pass the more is asked', () => {
    fc.assert(
      fc.property(someStages, ({ stages, clusters }) => {
        const some = carriedAtLeast(stages, clusters, 0, 0.2);
        const more = carriedAtLeast(stages, clusters, 0, 0.9);
        expect(more.estimate).toBeLessThanOrEqual(some.estimate + 1e-12);
      }),
    );
  });

  it('a step that always carried everything passes, one that did nothing fails', () => {
    const stages = [
      [0, 0, 0],
      [1, 1, 1],
      [1, 1, 1],
    ];
    expect(carriedAtLeast(stages, [1, 2, 3], 0, 0.8)).toMatchObject({ p: 0, pTotal: 0 });
    expect(carriedAtLeast(stages, [1, 2, 3], 1, 0.8)).toMatchObject({ p: 1, pTotal: 0 });
    const still = [
      [1, 0],
      [1, 0],
      [1, 0],
    ];
    expect(carriedAtLeast(still, [1, 2], 0, 0.8)).toMatchObject({ t: 0, p: 0.5, pTotal: 0.5 });
    expect(carriedAtLeast(stages, [1, 1, 1], 0, 0.8)).toMatchObject({ p: null, pTotal: null });
  });

  it('refuses a step that is not there', () => {
    const stages = [[0], [1], [1]];
    for (const step of [-1, 2, 3, 0.5])
      expect(() => carriedAtLeast(stages, [1], step, 0.8)).toThrow(RangeError);
  });
});

describe('withUnseenChanges', () => {
  const clusters = [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10];
  const [none, some] = [clusters.map(() => 0), clusters.map((_, i) => Number(i % 3 > 0))];
  const seen = (stages: readonly number[][]) => stageChanges(stages, clusters);
  const found = (stages: readonly number[][], bound = 1) => sharesOf(withUnseenChanges(seen(stages), bound));

  it('gives a step without any change an interval about as wide as its contrast has', () => {
    const [still] = found([none, none, some]).steps;
    expect(sharesOf(seen([none, none, some])).steps[0]!.interval).toEqual([0, 0]);
    const tango = pairedDifference(none, clusters).interval!;
    still!.interval!.forEach((end, i) => {
      expect(end).toBeCloseTo(tango[i]!, 2);
    });
    const set = still!.fieller!;
    expect(set.kind === 'bounded' && set.interval[0] < -0.3 && set.interval[1] > 0.3).toBe(true);
    const onScores = found([none, none, some.map((value) => 5 * value)], 5).steps[0]!;
    expect(onScores.interval![1]).toBeCloseTo(5 * still!.interval![1], 12);
  });

  it.each([
    ['the first step', [none, none, some]],
    ['the last step', [none, some, some]],
    ['a step between', [none, some, some, clusters.map((_, i) => Number(i % 4 > 0))]],
  ])('leaves the total as sure as it was where %s stood still, and the shares add up', (_, stages) => {
    const before = seen(stages);
    const { total, steps } = found(stages);
    expect(total).toEqual(sharesOf(before).total);
    for (const step of steps) expect(step.standardError).toBeGreaterThan(0.05);
    // The steps' variances and covariances sum to the total's.
    const { covariance } = withUnseenChanges(before);
    const inner = covariance!.slice(0, -1).flatMap((row) => row.slice(0, -1));
    expect(inner.reduce((sum, value) => sum + value, 0)).toBeCloseTo(total.standardError! ** 2, 12);
  });

  it('does not believe a total that all clusters agree on either', () => {
    const all = clusters.map(() => 1);
    const { total, g } = found([none, some, all]);
    expect(total.interval![0]).toBeLessThan(0.8);
    expect(g).toBeGreaterThan(0);
    expect(sharesOf(seen([none, some, all])).g).toBe(0);
  });

  it('changes nothing that varies, and nothing that is not known', () => {
    const stages = [none, some, clusters.map((_, i) => Number(i % 4 > 0))];
    expect(withUnseenChanges(seen(stages))).toEqual(seen(stages));
    const alone = stageChanges([[0], [1], [1]], [1]);
    expect(withUnseenChanges(alone)).toEqual(alone);
  });
});
