import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusteredCovariance } from './clustered-covariance.ts';
import { clusteredMean } from './clustered-mean.ts';

const someSamples = fc.array(
  fc.record({
    a: fc.integer({ min: -8, max: 8 }),
    b: fc.integer({ min: -8, max: 8 }),
    cluster: fc.nat(5),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('clusteredCovariance', () => {
  it('of samples that are alone is the covariance of means', () => {
    const { covariance, means, df } = clusteredCovariance(
      [
        [1, 2, 6],
        [0, 1, -4],
      ],
      [1, 2, 3],
    );
    expect(means).toEqual([3, -1]);
    expect(df).toBeCloseTo(2, 12);
    expect(covariance![0]![0]).toBeCloseTo(7 / 3, 12);
    expect(covariance![0]![1]).toBeCloseTo(-13 / 6, 12);
    expect(covariance![1]![1]).toBeCloseTo(7 / 3, 12);
  });

  it("has each variable's CR2 variance on its diagonal, and is linear", () => {
    fc.assert(
      fc.property(someSamples, (samples) => {
        const clusters = samples.map(({ cluster }) => cluster);
        const a = samples.map((sample) => sample.a);
        const b = samples.map((sample) => sample.b);
        const difference = samples.map((sample) => sample.a - sample.b);
        const { covariance, df, clusters: count } = clusteredCovariance([a, b], clusters);
        const alone = clusteredMean(a, clusters);
        const both = clusteredMean(difference, clusters);
        expect(df).toBe(alone.df);
        expect(count).toBe(alone.clusters);
        if (covariance === null) {
          expect(alone.cr2).toBeNull();
          return;
        }
        expect(covariance[0]![0]).toBeCloseTo(alone.cr2! ** 2, 10);
        expect(covariance[0]![1]).toBe(covariance[1]![0]);
        expect(covariance[0]![0]! - 2 * covariance[0]![1]! + covariance[1]![1]!).toBeCloseTo(
          both.cr2! ** 2,
          10,
        );
      }),
    );
  });

  it('refuses nothing, variables of different lengths, and what is not finite', () => {
    expect(() => clusteredCovariance([[]], [])).toThrow(RangeError);
    expect(() => clusteredCovariance([[1], [1, 2]], [1])).toThrow(RangeError);
    expect(() => clusteredCovariance([[1, Number.NaN]], [1, 2])).toThrow(RangeError);
    expect(() => clusteredCovariance([[1, 2]], [1])).toThrow(RangeError);
  });
});
