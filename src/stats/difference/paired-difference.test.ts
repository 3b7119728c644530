import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectInterval, expectRelative, expectWithinWidth } from '../numerics/closeness.fixture.ts';
import { studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { clusteredData, shuffled } from '../rate/clustered.fixture.ts';
import { tangoOnEffectiveN } from '../testing/tango-on-effective-n.ts';
import { pairedDifference } from './paired-difference.ts';
import { tangoInterval } from './tango.ts';

interface PairedVectors {
  readonly d: readonly number[];
  readonly cluster: readonly number[];
  readonly mean: number;
  readonly cr2: number;
  readonly ci95: Interval;
  readonly ci90: Interval;
  readonly m2: number;
  readonly nEff: number;
  readonly tangoNeff95: Interval;
  readonly tangoNeff90: Interval;
}

itMatches<PairedVectors>('the reference values', 'pairedClustered', (vectors) => {
  const found = pairedDifference(vectors.d, vectors.cluster);
  expectRelative(found.m2, vectors.m2, 1e-12);
  expectRelative(found.nEff!, vectors.nEff, 1e-12);
  expectRelative(found.standardError!, vectors.cr2, 1e-12);
  // The reference's own t quantile is off by 8e-10 (its `dist` part has the exact one): 2e-9 on an end near zero.
  expectWithinWidth(found.interval, vectors.ci95, 1e-9);
  expectWithinWidth(pairedDifference(vectors.d, vectors.cluster, 0.9).interval, vectors.ci90, 1e-9);
  expectWithinWidth(tangoOnEffectiveN(vectors.d, vectors.cluster), vectors.tangoNeff95, 1e-9);
  expectWithinWidth(tangoOnEffectiveN(vectors.d, vectors.cluster, 0.9), vectors.tangoNeff90, 1e-9);
  // With the reference's own quantile, Tango's ends agree to the last digits.
  const k = (vectors.ci95[1] - vectors.mean) / vectors.cr2;
  const [up, down] = [(vectors.m2 + vectors.mean) / 2, (vectors.m2 - vectors.mean) / 2];
  expectInterval(tangoInterval(up, down, vectors.nEff, k), vectors.tangoNeff95, 1e-12);
});

/** Differences of −1, 0 or 1 as often as told, in clusters of two. */
function binaryPairs(up: number, down: number, same: number) {
  const d = [...Array(up).fill(1), ...Array(down).fill(-1), ...Array(same).fill(0)];
  return { d, clusters: d.map((_, i) => i % Math.ceil(d.length / 2)) };
}

describe('pairedDifference', () => {
  test('identical arms: no point but what the clusters allow', () => {
    const { d, clusters } = binaryPairs(0, 0, 80);
    const found = pairedDifference(d, clusters);
    const k = studentTQuantile(0.975, 39);
    expect(found).toMatchObject({
      mean: 0,
      standardError: 0,
      nEff: 40,
      method: 'Tango on effective n',
      p: 1,
    });
    expectInterval(found.interval, tangoInterval(0, 0, 40, k), 1e-12);
  });

  test('every pair changed: the interval reaches 1 and has a width', () => {
    const { d, clusters } = binaryPairs(40, 0, 0);
    const found = pairedDifference(d, clusters);
    expect(found.interval![1]).toBe(1);
    expect(found.interval![0]).toBeLessThan(0.9);
    expect(found.p!).toBeLessThan(1e-3);
  });

  test('scores without variation use their bound, and have no interval beyond it', () => {
    const zeros = new Array(20).fill(0);
    const clusters = [...Array(20).keys()];
    const unit = pairedDifference(zeros, clusters).interval!;
    expectInterval(pairedDifference(zeros, clusters, 0.95, 5).interval, [5 * unit[0], 5 * unit[1]], 1e-12);
    expect(pairedDifference(new Array(20).fill(3), clusters)).toMatchObject({ interval: null, method: null });
    expect(pairedDifference(new Array(20).fill(3), clusters, 0.95, 5).interval![1]).toBeGreaterThan(3);
  });

  test('knows only the mean with one cluster', () => {
    expect(pairedDifference([0, 1], ['a', 'a'])).toEqual({
      n: 2,
      clusters: 1,
      mean: 0.5,
      standardError: null,
      df: null,
      interval: null,
      method: null,
      p: null,
      m2: 0.5,
      nEff: null,
    });
    expect(tangoOnEffectiveN([0, 1], ['a', 'a'])).toBeNull();
  });

  test('p is below 0.05 exactly where the interval excludes 0', () => {
    fc.assert(
      fc.property(clusteredData(-1, 1), ({ values, clusters }) => {
        const { p, interval } = pairedDifference(values, clusters);
        fc.pre(Math.min(Math.abs(interval![0]), Math.abs(interval![1])) > 1e-9);
        expect(p! < 0.05).toBe(interval![0] > 0 || interval![1] < 0);
      }),
    );
  });

  test('mirrors when the arms are swapped, in both methods', () => {
    fc.assert(
      fc.property(clusteredData(-1, 1), ({ values, clusters }) => {
        const swapped = values.map((value) => -value);
        for (const interval of [
          (d: readonly number[]) => pairedDifference(d, clusters).interval!,
          (d: readonly number[]) => tangoOnEffectiveN(d, clusters)!,
        ]) {
          expect(interval(swapped)[0]).toBeCloseTo(-interval(values)[1], 9);
          expect(interval(swapped)[1]).toBeCloseTo(-interval(values)[0], 9);
        }
      }),
    );
  });

  test('does not care for the order of rows or the names of clusters', () => {
    fc.assert(
      fc.property(clusteredData(-1, 1), (data) => {
        const again = shuffled(data);
        const [lower, upper] = pairedDifference(data.values, data.clusters).interval!;
        const [againLower, againUpper] = pairedDifference(again.values, again.clusters).interval!;
        expect(againLower).toBeCloseTo(lower, 10);
        expect(againUpper).toBeCloseTo(upper, 10);
      }),
    );
  });

  test('refuses no values, labels that do not fit, and levels that can not be', () => {
    expect(() => pairedDifference([], [])).toThrow(/there are no values/);
    expect(() => pairedDifference([1], [])).toThrow(/1 values but 0 cluster labels/);
    expect(() => pairedDifference([1, 0], [1, 2], 1.5)).toThrow(/level 1\.5/);
    expect(() => pairedDifference([1, 0], [1, 2], 0.95, 0)).toThrow(/bound = 0/);
  });
});

describe('tangoOnEffectiveN', () => {
  test('is Tango on the counts of unclustered binary pairs, with n − 1 and a t quantile', () => {
    const { d } = binaryPairs(12, 4, 84);
    const found = tangoOnEffectiveN(d, d.keys().toArray());
    const n = 99;
    expectInterval(found, tangoInterval(0.12, 0.04, n, studentTQuantile(0.975, 99)), 1e-10);
  });

  test('contains the difference and widens with the level', () => {
    fc.assert(
      fc.property(clusteredData(-1, 1), ({ values, clusters }) => {
        const { mean } = pairedDifference(values, clusters);
        const [lower, upper] = tangoOnEffectiveN(values, clusters, 0.9)!;
        expect(lower).toBeLessThanOrEqual(mean + 1e-12);
        expect(upper).toBeGreaterThanOrEqual(mean - 1e-12);
        const wide = tangoOnEffectiveN(values, clusters, 0.95)!;
        expect(wide[0]).toBeLessThanOrEqual(lower);
        expect(wide[1]).toBeGreaterThanOrEqual(upper);
      }),
    );
  });

  test('refuses differences beyond the bound', () => {
    expect(() => tangoOnEffectiveN([0, 2], [1, 2])).toThrow(/exceeds the bound of 1/);
  });
});
