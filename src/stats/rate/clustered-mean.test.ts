import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRelative } from '../numerics/closeness.fixture.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { clusteredData, shuffled } from './clustered.fixture.ts';
import { clusteredMean } from './clustered-mean.ts';

interface MeanVectors {
  readonly y?: readonly number[];
  readonly d?: readonly number[];
  readonly cluster: readonly number[];
  readonly mean: number;
  readonly cr0: number;
  readonly cr1: number;
  readonly cr2: number;
  readonly dfSatt: number;
}

for (const key of ['clusteredRate', 'pairedClustered']) {
  itMatches<MeanVectors>(`the reference values of ${key}`, key, (vectors) => {
    const found = clusteredMean((vectors.y ?? vectors.d)!, vectors.cluster);
    expectRelative(found.mean, vectors.mean, 1e-12);
    expectRelative(found.cr0!, vectors.cr0, 1e-12);
    expectRelative(found.cr1!, vectors.cr1, 1e-12);
    expectRelative(found.cr2!, vectors.cr2, 1e-12);
    expectRelative(found.df!, vectors.dfSatt, 1e-12);
  });
}

describe('clusteredMean', () => {
  test('is what the definition with N × N matrices gives', () => {
    fc.assert(
      fc.property(clusteredData(), ({ values, clusters }) => {
        const found = clusteredMean(values, clusters);
        const { variance, df } = byMatrices(values, clusters);
        expect(found.cr2! ** 2).toBeCloseTo(variance, 12);
        expectRelative(found.df!, df, 1e-11);
      }),
    );
  });

  test('does not care for the order of rows or the names of clusters', () => {
    fc.assert(
      fc.property(clusteredData(-2, 3), (data) => {
        const found = clusteredMean(data.values, data.clusters);
        const again = clusteredMean(shuffled(data).values, shuffled(data).clusters);
        expect(again.mean).toBeCloseTo(found.mean, 13);
        expect(again.cr2!).toBeCloseTo(found.cr2!, 13);
        expect(again.df!).toBeCloseTo(found.df!, 11);
      }),
    );
  });

  test('moves and scales with the values', () => {
    fc.assert(
      fc.property(clusteredData(), ({ values, clusters }) => {
        const found = clusteredMean(values, clusters);
        const moved = clusteredMean(
          values.map((value) => 3 - 5 * value),
          clusters,
        );
        expect(moved.mean).toBeCloseTo(3 - 5 * found.mean, 12);
        expect(moved.cr2!).toBeCloseTo(5 * found.cr2!, 12);
        expect(moved.df).toBe(found.df);
      }),
    );
  });

  test('with a sample a cluster is the textbook standard error with n − 1 degrees of freedom', () => {
    const { cr1, cr2, df } = clusteredMean([1, 2, 4, 9], [1, 2, 3, 4]);
    const textbook = Math.sqrt(((1 - 4) ** 2 + (2 - 4) ** 2 + 0 + (9 - 4) ** 2) / 3 / 4);
    expectRelative(cr1!, textbook, 1e-14);
    expectRelative(cr2!, textbook, 1e-14);
    expectRelative(df!, 3, 1e-14);
  });

  test('has G − 1 degrees of freedom for equal clusters, and no more otherwise', () => {
    expectRelative(clusteredMean([1, 0, 1, 1, 0, 0], [1, 1, 2, 2, 3, 3]).df!, 2, 1e-14);
    fc.assert(
      fc.property(clusteredData(), ({ values, clusters }) => {
        const found = clusteredMean(values, clusters);
        expect(found.df!).toBeGreaterThanOrEqual(1 - 1e-12);
        expect(found.df!).toBeLessThanOrEqual(found.clusters - 1 + 1e-9);
        expect(found.cr2!).toBeGreaterThanOrEqual(found.cr0!);
      }),
    );
  });

  test('knows no standard error with one cluster', () => {
    expect(clusteredMean([0, 1, 1, 0], [5, 5, 5, 5])).toEqual({
      n: 4,
      clusters: 1,
      mean: 0.5,
      cr0: null,
      cr1: null,
      cr2: null,
      df: null,
    });
  });

  test('has a standard error of exactly 0 for a constant, and where clusters agree', () => {
    for (const constant of [0, 1, 0.1, 1 / 3, 123456.789]) {
      expect(
        clusteredMean(
          new Array(37).fill(constant),
          [...Array(37).keys()].map((i) => i % 5),
        ).cr2,
      ).toBe(0);
    }
    expect(clusteredMean([0.1, 0.3, 0.3, 0.1], ['a', 'a', 'b', 'b']).cr2).toBe(0);
  });

  test('keeps small differences of large values', () => {
    const { cr2 } = clusteredMean([1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 6], [1, 2, 3, 4]);
    expectRelative(cr2!, clusteredMean([1, 2, 3, 6], [1, 2, 3, 4]).cr2!, 1e-12);
  });

  test('refuses no values, values that are none, and labels that do not fit', () => {
    expect(() => clusteredMean([], [])).toThrow(/there are no values/);
    expect(() => clusteredMean([1, Number.NaN], [1, 2])).toThrow(/value 1 is NaN/);
    expect(() => clusteredMean([1, 2], [1])).toThrow(/2 values but 1 cluster labels/);
  });
});

/** CR2 and Satterthwaite as defined for a regression on a constant, every matrix written out. */
function byMatrices(values: readonly number[], clusters: readonly number[]) {
  const n = values.length;
  const names = [...new Set(clusters)];
  const residualMaker = (i: number, j: number) => Number(i === j) - 1 / n;
  const average = values.reduce((total, value) => total + value, 0) / n;
  const weights = names.map((name) => {
    // (I − H)^−½ of a cluster, applied to ones: ones are an eigenvector with eigenvalue 1 − n_g/N.
    const size = clusters.filter((cluster) => cluster === name).length;
    return clusters.map((cluster) => (cluster === name ? 1 / (n * Math.sqrt(1 - size / n)) : 0));
  });
  const variance = weights
    .map((w) => w.reduce((total, weight, i) => total + weight * (values[i]! - average), 0) ** 2)
    .reduce((total, square) => total + square, 0);
  const columns = weights.map((w) =>
    values.map((_, i) => w.reduce((total, weight, j) => total + residualMaker(i, j) * weight, 0)),
  );
  const dot = (a: number[], b: number[]) => a.reduce((total, value, i) => total + value * b[i]!, 0);
  const trace = columns.reduce((total, column) => total + dot(column, column), 0);
  const squares = columns.flatMap((a) => columns.map((b) => dot(a, b) ** 2));
  return { variance, df: trace ** 2 / squares.reduce((total, square) => total + square, 0) };
}
