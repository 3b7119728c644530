import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomSource } from '../numerics/random.ts';
import { clusteredRate } from '../testing/clustered-rate.ts';
import { weightedRate } from './weighted-rate.ts';

describe('weightedRate', () => {
  it('with equal weights is clusteredRate', () => {
    const trial = fc.record({ value: fc.nat(1), cluster: fc.nat(6) });
    fc.assert(
      fc.property(
        fc.array(trial, { minLength: 2, maxLength: 40 }),
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        (trials, w) => {
          const values = trials.map(({ value }) => value);
          const clusters = trials.map(({ cluster }) => cluster);
          const expected = clusteredRate(values, clusters);
          // Clusters that cancel out exactly have no variance although values differ: there the two count differently.
          fc.pre(
            expected.interval !== null && (expected.standardError! > 1e-9 || new Set(values).size === 1),
          );
          const sizes = new Set(clusters.map((c) => clusters.filter((other) => other === c).length));
          fc.pre(expected.standardError! > 1e-9 || sizes.size === 1);
          const found = weightedRate(
            values,
            values.map(() => w),
            clusters,
          );
          expect(found.estimate).toBeCloseTo(expected.estimate, 12);
          expect(found.nEff).toBeCloseTo(expected.nEff!, 7);
          expect(found.interval![0]).toBeCloseTo(expected.interval![0], 8);
          expect(found.interval![1]).toBeCloseTo(expected.interval![1], 8);
        },
      ),
    );
  });

  it('counts an observation for as many as it stands for', () => {
    const { estimate, nEff } = weightedRate([1, 0, 0], [3, 1, 1], [1, 2, 3]);
    expect(estimate).toBeCloseTo(3 / 5, 14);
    expect(nEff).toBeLessThanOrEqual(25 / 11);
  });

  it('covers the rate of a population that was picked from unequally', () => {
    const random = randomSource(3);
    const rounds = 500;
    let covered = 0;
    for (let round = 0; round < rounds; round++) {
      const values: number[] = [];
      const weights: number[] = [];
      for (let i = 0; i < 80; i++) {
        // A rare kind with a rate of 0.6, picked ten times as often as the common one with a rate of 0.9.
        const rare = i < 40;
        values.push(Number(random.fraction() < (rare ? 0.6 : 0.9)));
        weights.push(rare ? 1 : 4);
      }
      const [low, high] = weightedRate(
        values,
        weights,
        values.map((_, i) => i),
      ).interval!;
      const truth = (40 * 0.6 + 160 * 0.9) / 200;
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered / rounds).toBeGreaterThanOrEqual(0.93);
  });

  it('has a width where all are right, and none with one cluster', () => {
    const [low, high] = weightedRate([1, 1, 1, 1], [1, 1, 1, 5], [1, 2, 3, 4]).interval!;
    expect(low).toBeLessThan(0.6);
    expect(high).toBe(1);
    expect(weightedRate([1, 0], [1, 1], ['a', 'a']).interval).toBeNull();
  });

  it('refuses weights that are none', () => {
    expect(() => weightedRate([1], [0], [1])).toThrow(/weight 0/);
    expect(() => weightedRate([2], [1], [1])).toThrow(/value 0/);
  });
});
