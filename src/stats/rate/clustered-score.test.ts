import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectInterval } from '../numerics/closeness.fixture.ts';
import { studentTQuantile } from '../numerics/distributions.ts';
import { clusteredData } from './clustered.fixture.ts';
import { clusteredMean } from './clustered-mean.ts';
import { clusteredScore } from './clustered-score.ts';
import { wilson } from './wilson.ts';

describe('clusteredScore', () => {
  test('is mean ± t·CR2, cut off at the range', () => {
    const values = [1, 2, 4, 2, 3, 3];
    const clusters = [1, 1, 2, 2, 3, 3];
    const { mean, cr2, df } = clusteredMean(values, clusters);
    const reach = studentTQuantile(0.95, df!) * cr2!;
    expectInterval(
      clusteredScore(values, clusters, [0, 5], 0.9).interval,
      [mean - reach, mean + reach],
      1e-14,
    );
    expect(clusteredScore([0, 0, 0, 5], [1, 1, 2, 2], [0, 5]).interval).toEqual([0, 5]);
  });

  test('has a width where nothing varies', () => {
    const found = clusteredScore(new Array(20).fill(0), [...Array(20).keys()], [0, 5]);
    expect(found.method).toBe('Wilson on the range');
    expect(found.interval![0]).toBe(0);
    expect(found.interval![1]).toBeCloseTo(5 * wilson(0, 20, studentTQuantile(0.975, 19))[1], 12);
  });

  test('contains the estimate and mirrors', () => {
    fc.assert(
      fc.property(clusteredData(-1, 4), ({ values, clusters }) => {
        const { estimate, interval } = clusteredScore(values, clusters, [-1, 4]);
        expect(interval![0]).toBeLessThanOrEqual(estimate + 1e-12);
        expect(interval![1]).toBeGreaterThanOrEqual(estimate - 1e-12);
        const mirrored = clusteredScore(
          values.map((value) => -value),
          clusters,
          [-4, 1],
        );
        expect(mirrored.interval![0]).toBeCloseTo(-interval![1], 10);
      }),
    );
  });

  test('knows only the estimate with one cluster', () => {
    expect(clusteredScore([1, 3], [1, 1], [0, 5])).toMatchObject({
      estimate: 2,
      interval: null,
      method: null,
    });
  });

  test('refuses values outside the range and ranges without width', () => {
    expect(() => clusteredScore([1, 6], [1, 2], [0, 5])).toThrow(/value 1 is 6, outside \[0, 5\]/);
    expect(() => clusteredScore([1], [1], [5, 5])).toThrow(/range \[5, 5\] is empty/);
    expect(() => clusteredScore([], [], [0, 5])).toThrow(/there are no values/);
  });
});
