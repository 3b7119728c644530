import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { processorMs } from '../../core/testing/processor-time.ts';
import { expectRelative } from '../numerics/closeness.fixture.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { clusterBootstrap, clusterBootstrapMeans, clusterBootstrapOf } from './cluster-bootstrap.ts';
import { clusteredData, shuffled } from './clustered.fixture.ts';
import { clusteredMean } from './clustered-mean.ts';
import { clusterSums, readClusters } from './clusters.ts';

interface ShareVectors {
  readonly base: readonly number[];
  readonly sft: readonly number[];
  readonly prod: readonly number[];
  readonly cluster: readonly number[];
  readonly exhaustiveClusterBootstrap: { readonly type1: readonly [number, number] };
}

itMatches<ShareVectors>('the reference values of a ratio', 'stageShare', (vectors) => {
  const clusters = readClusters(vectors.cluster, vectors.cluster.length);
  const part = clusterSums(
    vectors.base.map((value, i) => value - vectors.sft[i]!),
    clusters,
  );
  const whole = clusterSums(
    vectors.base.map((value, i) => value - vectors.prod[i]!),
    clusters,
  );
  const dot = (draws: Int32Array, sums: Float64Array) =>
    draws.reduce((total, times, g) => total + times * sums[g]!, 0);
  const share = (draws: Int32Array) => dot(draws, part) / dot(draws, whole);
  const options = { resamples: 10_000, seed: 1 };
  const percentile = clusterBootstrapOf(6, share, options);
  expect(percentile).toMatchObject({ exhaustive: true, resamples: 462, without: 0 });
  const { type1 } = vectors.exhaustiveClusterBootstrap;
  expectRelative(percentile.interval![0], type1[0], 1e-12);
  expectRelative(percentile.interval![1], type1[1], 1e-12);
});

/** 60 clusters of 5 with rates that differ. */
function example() {
  const clusters = [...Array(300).keys()].map((i) => i % 60);
  return { values: clusters.map((g, i) => Number((g * 37 + i * i) % 10 < 3)), clusters };
}

describe('clusterBootstrap', () => {
  test('is bit-identical for a seed, and another seed is another draw', () => {
    const { values, clusters } = example();
    const resampled = (seed: number) =>
      clusterBootstrapOf(60, (draws) => draws.reduce((total, times, g) => total + times * g, 0), {
        resamples: 999,
        seed,
      });
    expect(resampled(7)).toEqual(resampled(7));
    expect(resampled(8).interval).not.toEqual(resampled(7).interval);
    const options = { resamples: 500, seed: 3 };
    expect(clusterBootstrap(values, clusters, options)).toEqual(clusterBootstrap(values, clusters, options));
  });

  test('exhaustive: the mean of three clusters, counted by hand', () => {
    // Cluster means 0, 1, 2 → 27 resamples, sums 0…6 in 1, 3, 6, 7, 6, 3, 1 ways.
    const found = clusterBootstrap([0, 1, 2], ['a', 'b', 'c'], { resamples: 100, seed: 0, level: 0.9 });
    expect(found).toEqual({ interval: [1 / 3, 5 / 3], resamples: 10, exhaustive: true, without: 0 });
    const narrow = clusterBootstrap([0, 1, 2], ['a', 'b', 'c'], { resamples: 100, seed: 0, level: 0.5 });
    expect(narrow.interval).toEqual([2 / 3, 4 / 3]);
  });

  test('drawn resamples come near to the exhaustive ones', () => {
    const { values, clusters } = {
      values: [0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1],
      clusters: [1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6],
    };
    const exact = clusterBootstrap(values, clusters, { resamples: 462, seed: 1, level: 0.8 });
    const drawn = clusterBootstrap(values, clusters, { resamples: 461, seed: 1, level: 0.8 });
    expect([exact.exhaustive, drawn.exhaustive]).toEqual([true, false]);
    expect(Math.abs(drawn.interval![0] - exact.interval![0])).toBeLessThan(0.06);
    expect(Math.abs(drawn.interval![1] - exact.interval![1])).toBeLessThan(0.06);
  });

  test('is about ±1.96 cluster-robust standard errors where there are many clusters', () => {
    const { values, clusters } = example();
    const { mean, cr0 } = clusteredMean(values, clusters);
    const [lower, upper] = clusterBootstrap(values, clusters, { resamples: 20_000, seed: 5 }).interval!;
    expect(Math.abs((mean - lower) / (1.96 * cr0!) - 1)).toBeLessThan(0.1);
    expect(Math.abs((upper - mean) / (1.96 * cr0!) - 1)).toBeLessThan(0.1);
  });

  test('lies between the least and the largest cluster mean', () => {
    fc.assert(
      fc.property(clusteredData(), (data) => {
        const { values, clusters } = data;
        const read = readClusters(clusters, values.length);
        const means = clusterSums(values, read).map((total, g) => total / read.sizes[g]!);
        const { interval } = clusterBootstrap(values, clusters, { resamples: 300, seed: 1 });
        expect(interval![0]).toBeLessThanOrEqual(interval![1]);
        expect(interval![0]).toBeGreaterThanOrEqual(Math.min(...means) - 1e-12);
        expect(interval![1]).toBeLessThanOrEqual(Math.max(...means) + 1e-12);
      }),
      { numRuns: 50 },
    );
  });

  test('exhaustive: does not care for the order of rows or the names of clusters, and mirrors', () => {
    fc.assert(
      fc.property(clusteredData(), (data) => {
        fc.pre(Math.max(...data.clusters) < 6);
        const options = { resamples: 1000, seed: 1 };
        const again = shuffled(data);
        const { interval, exhaustive } = clusterBootstrap(data.values, data.clusters, options);
        expect(exhaustive).toBe(true);
        const shuffledInterval = clusterBootstrap(again.values, again.clusters, options).interval!;
        expect(shuffledInterval[0]).toBeCloseTo(interval![0], 12);
        expect(shuffledInterval[1]).toBeCloseTo(interval![1], 12);
      }),
      { numRuns: 50 },
    );
  });

  test('constant values give a point, one cluster none', () => {
    const options = { resamples: 50, seed: 1 };
    expect(clusterBootstrap([1, 1, 1, 1], [1, 2, 3, 4], options).interval).toEqual([1, 1]);
    expect(clusterBootstrap([0, 1, 1], ['a', 'a', 'a'], options).interval).toBeNull();
  });

  test('leaves out resamples on which the statistic has no value, and counts them', () => {
    const mostlyFirst = (draws: Int32Array) => (draws[0]! === 0 ? Number.NaN : draws[0]!);
    const found = clusterBootstrapOf(3, mostlyFirst, { resamples: 1000, seed: 1 });
    expect(found).toMatchObject({ resamples: 10, without: 4, interval: [1, 3] });
    expect(clusterBootstrapOf(3, () => Number.NaN, { resamples: 1000, seed: 1 }).interval).toBeNull();
  });

  test('refuses no values and numbers of resamples that are none', () => {
    expect(() => clusterBootstrap([], [], { resamples: 10, seed: 1 })).toThrow(/there are no values/);
    expect(() => clusterBootstrap([1], [1], { resamples: 0, seed: 1 })).toThrow(
      /0 is not a number of resamples/,
    );
    expect(() => clusterBootstrapOf(0, () => 1, { resamples: 1, seed: 1 })).toThrow(/0 clusters/);
    expect(() => clusterBootstrap([1, 2], [1, 2], { resamples: 9, seed: 1, level: 2 })).toThrow(/level 2/);
  });

  test('10,000 resamples of 50,000 samples in 1,000 clusters are a matter of moments', () => {
    const values = Float64Array.from({ length: 50_000 }, (_, i) => Number((i * 7919) % 13 < 4));
    const clusters = Int32Array.from({ length: 50_000 }, (_, i) => i % 1000);
    const time = processorMs(() => clusterBootstrap(values, clusters, { resamples: 10_000, seed: 1 }));
    // About 0.1 s on a fast core; the bound leaves room for a slow one.
    expect(time).toBeLessThan(5000);
  });
});

describe('clusterBootstrapMeans', () => {
  test('gives every variable what it would get alone', () => {
    fc.assert(
      fc.property(clusteredData(), fc.integer({ min: 1, max: 4 }), ({ values, clusters }, width) => {
        const variables = Array.from({ length: width }, (_, v) =>
          values.map((value, i) => value * v + (i % (v + 2))),
        );
        const options = { resamples: 60, seed: width };
        expect(clusterBootstrapMeans(variables, clusters, options)).toEqual(
          variables.map((variable) => clusterBootstrap(variable, clusters, options)),
        );
      }),
    );
  });

  test('takes no variables, and refuses what clusterBootstrap refuses', () => {
    const options = { resamples: 9, seed: 1 };
    expect(clusterBootstrapMeans([], [], options)).toEqual([]);
    expect(() => clusterBootstrapMeans([[]], [], options)).toThrow(RangeError);
    expect(() =>
      clusterBootstrapMeans(
        [
          [1, 2, 3],
          [1, 2],
        ],
        [1, 2, 3],
        options,
      ),
    ).toThrow(RangeError);
    expect(() => clusterBootstrapMeans([[1, 2, Number.NaN]], [1, 2, 3], options)).toThrow(RangeError);
    expect(() => clusterBootstrapMeans([[1, 2, 3]], [1, 2, 3], { ...options, resamples: 0 })).toThrow(
      RangeError,
    );
  });
});
