import { describe, expect, it } from 'vitest';
import { clusteredCovariance } from '../rate/clustered-covariance.ts';
import { clusteredMean } from '../rate/clustered-mean.ts';
import { type Clusters, readClusters } from '../rate/clusters.ts';
import { covarianceOfSums, type SummedMean, sampleVariance } from './sum-of-means.ts';

const part = (values: readonly number[], first: number, unseen = 0): SummedMean => ({
  values: [Float64Array.from(values)],
  first,
  unseen: [unseen],
});

/** Of the one variable that the parts have. */
function varianceOfSum(parts: readonly SummedMean[], clusters: Clusters, ddof: 0 | 1) {
  const found = covarianceOfSums(parts, clusters, ddof);
  return found && { variance: found.covariance[0]![0]!, df: found.df };
}

describe('the variance of a sum of means', () => {
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

  it("of two parts whose samples are alone is Welch's", () => {
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
    expect(varianceOfSum([part([1, 1, 1], 0, 0.5)], clusters, 1)).toEqual({ variance: 0.25, df: 2 });
    expect(varianceOfSum([part([1, 1, 1], 0)], clusters, 1)).toEqual({ variance: 0, df: 2 });
  });

  it('is unknown where a part is in one cluster', () => {
    const clusters = readClusters([1, 2, 3, 4, 4], 5);
    expect(varianceOfSum([part([1, 2, 3], 0), part([1, 2], 3)], clusters, 1)).toBeNull();
  });
});

describe('the covariances of sums of means', () => {
  it('on one part are those of clustered means', () => {
    const variables = [
      [1, 0, 0, 1, 1, 3, 0],
      [0, 2, 1, 1, 4, 0, 1],
    ];
    const labels = [1, 1, 1, 2, 2, 3, 4];
    const found = covarianceOfSums(
      [{ values: variables.map((values) => Float64Array.from(values)), first: 0, unseen: [0, 0] }],
      readClusters(labels, 7),
      1,
    )!;
    const expected = clusteredCovariance(variables, labels);
    expect(found.df).toBeCloseTo(expected.df!, 12);
    for (const a of [0, 1]) {
      for (const b of [0, 1]) expect(found.covariance[a]![b]).toBeCloseTo(expected.covariance![a]![b]!, 14);
    }
  });

  it('are linear: of a sum and of its summands', () => {
    const [x, y, u, v] = [
      [1, 0, 2, 5],
      [0, 1, 1, 0],
      [3, 1, 1],
      [0, 0, 2],
    ].map((values) => Float64Array.from(values)) as [Float64Array, Float64Array, Float64Array, Float64Array];
    const added = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i]!);
    const { covariance } = covarianceOfSums(
      [
        { values: [x, y, added(x, y)], first: 0, unseen: [0.2, -0.1, 0.1] },
        { values: [u, v, added(u, v)], first: 4, unseen: [0, 0, 0] },
      ],
      readClusters([1, 2, 3, 4, 1, 2, 5], 7),
      1,
    )!;
    const [[xx, xy], [, yy], [, , both]] = covariance as number[][] as [number[], number[], number[]];
    expect(both).toBeCloseTo(xx! + 2 * xy! + yy!, 13);
  });
});
