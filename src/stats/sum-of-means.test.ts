import { describe, expect, it } from 'vitest';
import { clusteredMean } from './clustered-mean.ts';
import { readClusters } from './clusters.ts';
import { sampleVariance, varianceOfSum } from './sum-of-means.ts';

const part = (values: readonly number[], first: number, extraVariance = 0) => ({
  values: Float64Array.from(values),
  first,
  extraVariance,
});

describe('varianceOfSum', () => {
  const a = [1, 0, 0, 1, 1, 3, 0];
  const b = [2, 2, 5, 1, 0];

  it('of one part is that of a clustered mean, degrees of freedom too', () => {
    const labels = [1, 1, 1, 2, 2, 3, 4];
    const result = varianceOfSum([part(a, 0)], readClusters(labels, 7), 1)!;
    const expected = clusteredMean(a, labels);
    expect(result.variance).toBeCloseTo(expected.cr2! ** 2, 14);
    expect(result.df).toBeCloseTo(expected.df!, 12);
    expect(varianceOfSum([part(a, 0)], readClusters(labels, 7), 0)!.variance).toBeCloseTo(
      expected.cr0! ** 2,
      14,
    );
  });

  it("of two parts whose samples stand alone is Welch's", () => {
    const alone = Array.from({ length: 12 }, (_, i) => i);
    const result = varianceOfSum([part(a, 0), part(b, 7)], readClusters(alone, 12), 1)!;
    const [va, vb] = [sampleVariance(a) / 7, sampleVariance(b) / 5];
    expect(result.variance).toBeCloseTo(va + vb, 14);
    expect(result.df).toBeCloseTo((va + vb) ** 2 / (va ** 2 / 6 + vb ** 2 / 4), 12);
  });

  it('counts what a cluster with samples of both parts has in common', () => {
    const shared = readClusters([1, 2, 3, 1, 2, 3], 6);
    const up = part([0, 1, 2], 0);
    expect(varianceOfSum([up, part([2, 1, 0], 3)], shared, 1)!.variance).toBeCloseTo(0, 15);
    // The same values twice: the sum is twice the mean, its variance four times.
    expect(varianceOfSum([up, part([0, 1, 2], 3)], shared, 1)!.variance).toBeCloseTo(4 / 3, 14);
  });

  it('adds variance that the values do not show', () => {
    const clusters = readClusters([1, 2, 3], 3);
    expect(varianceOfSum([part([1, 1, 1], 0, 0.25)], clusters, 1)).toEqual({ variance: 0.25, df: 2 });
    expect(varianceOfSum([part([1, 1, 1], 0)], clusters, 1)).toEqual({ variance: 0, df: 2 });
  });

  it('is unknown where a part stands in one cluster', () => {
    const clusters = readClusters([1, 2, 3, 4, 4], 5);
    expect(varianceOfSum([part([1, 2, 3], 0), part([1, 2], 3)], clusters, 1)).toBeNull();
  });
});
