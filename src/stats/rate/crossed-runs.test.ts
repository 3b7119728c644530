import { describe, expect, test } from 'vitest';
import { readClusters } from './clusters.ts';
import { countRuns, runCovariance, runVariance } from './crossed-runs.ts';

const SAMPLES = 12;
const clusters = readClusters(
  Array.from({ length: SAMPLES }, (_, i) => i % 4),
  SAMPLES,
);

describe('the variance that training runs add', () => {
  test('is what an analysis of variance by runs and clusters of equal size gives', () => {
    // Values that are a run's effect, a cluster's effect and a cell's: every component is known.
    const runs = [0.3, -0.1, -0.2];
    const cluster = [1, 2, -3, 0];
    const cell = [
      [0.5, -0.5, 0, 0],
      [0, 0.5, -0.5, 0],
      [-0.5, 0, 0.5, 0],
    ];
    const byRun = runs.map((run, k) =>
      Float64Array.from({ length: SAMPLES }, (_, i) => run + cluster[i % 4]! + cell[k]![i % 4]!),
    );
    const found = runVariance(byRun, clusters);
    expect(found.means.map((mean) => Math.round(mean * 1e9) / 1e9)).toEqual(runs);
    // Σ r²/(R − 1)/R = 0.14/6; Σ (c/4)²·4/3/(R(R − 1)) = 1.5/16·(4/3)/6.
    expect(found.runs).toBeCloseTo(0.14 / 6, 12);
    expect(found.standardDeviation).toBeCloseTo(Math.sqrt(0.07), 12);
    expect(found.interaction).toBeCloseTo(((1.5 / 16) * (4 / 3)) / 6, 12);
    expect(found.df).toBe(2);
  });

  test('of several means is a covariance that a sum follows', () => {
    const drawn = (seed: number) =>
      Float64Array.from({ length: SAMPLES }, (_, i) => Math.sin(seed * 7 + i * i));
    const one = [1, 2, 3].map(drawn);
    const other = [4, 5, 6].map(drawn);
    const both = one.map((values, k) => values.map((value, i) => value + other[k]![i]!));
    const { covariances: c, interactions: i } = runCovariance([one, other, both], clusters);
    for (const matrix of [c, i]) {
      expect(matrix[2]![2]).toBeCloseTo(matrix[0]![0]! + 2 * matrix[0]![1]! + matrix[1]![1]!, 12);
    }
  });

  test('is added where runs differ more than clusters explain, and costs degrees of freedom either way', () => {
    const clustered = { variance: 1, df: 40 };
    expect(countRuns(clustered, []).df).toBe(40);
    expect(countRuns(clustered, [{ runs: 0.2, interaction: 0.5, df: 2 }])).toMatchObject({ variance: 1 });
    expect(countRuns(clustered, [{ runs: 0.2, interaction: 0.5, df: 2 }]).df).toBeLessThan(40);
    expect(countRuns(clustered, [{ runs: 9, interaction: 1, df: 2 }])).toMatchObject({ variance: 9 });
  });

  test('refuses one run, and runs of different lengths', () => {
    expect(() => runVariance([new Float64Array(SAMPLES)], clusters)).toThrow(RangeError);
    expect(() => runVariance([new Float64Array(SAMPLES), new Float64Array(3)], clusters)).toThrow(RangeError);
  });
});
