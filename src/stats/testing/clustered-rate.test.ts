import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectInterval, expectRelative, expectWithinWidth } from '../numerics/closeness.fixture.ts';
import { studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { clopperPearson } from '../rate/clopper-pearson.ts';
import { clusteredData, shuffled } from '../rate/clustered.fixture.ts';
import { wilson } from '../rate/wilson.ts';
import { clusteredRate } from './clustered-rate.ts';

interface RateVectors {
  readonly y: readonly number[];
  readonly cluster: readonly number[];
  readonly nEff: number;
  readonly wilsonNeffT: Interval;
  readonly kornGraubard: Interval;
  readonly tCR1: Interval;
}

itMatches<RateVectors>('the reference values', 'clusteredRate', (vectors) => {
  const found = clusteredRate(vectors.y, vectors.cluster);
  expectRelative(found.nEff!, vectors.nEff, 1e-12);
  expectInterval(found.interval, vectors.wilsonNeffT, 1e-9);
  expectInterval(found.kornGraubard, vectors.kornGraubard, 1e-9);
  expectWithinWidth(found.tCR1, vectors.tCR1, 1e-9);
});

/** n samples of one value, `size` a cluster. */
function constant(value: number, n: number, size: number) {
  return {
    values: new Array(n).fill(value),
    clusters: [...Array(n).keys()].map((i) => Math.floor(i / size)),
  };
}

describe('clusteredRate', () => {
  test('0 of 50 in ten clusters is known as well as ten clusters allow', () => {
    const { values, clusters } = constant(0, 50, 5);
    const found = clusteredRate(values, clusters);
    const k = studentTQuantile(0.975, 9);
    expect(found).toMatchObject({ n: 50, clusters: 10, estimate: 0, standardError: 0, nEff: 10 });
    expect(found.interval).toEqual(wilson(0, 10, k));
    expect(found.interval![1]).toBeGreaterThan(0.3);
    const design = 10 * (studentTQuantile(0.975, 49) / k) ** 2;
    expectInterval(found.kornGraubard, clopperPearson(0, design), 1e-12);
    expect(found.tCR1).toEqual([0, 0]);
  });

  test('n of n mirrors 0 of n', () => {
    const none = clusteredRate(constant(0, 40, 4).values, constant(0, 40, 4).clusters);
    const all = clusteredRate(constant(1, 40, 4).values, constant(1, 40, 4).clusters);
    expect(all.estimate).toBe(1);
    expect(all.interval![1]).toBe(1);
    expect(all.interval![0]).toBeCloseTo(1 - none.interval![1], 14);
    expect(all.kornGraubard![0]).toBeCloseTo(1 - none.kornGraubard![1], 12);
  });

  test('without clusters is Wilson on n − 1, with the t quantile', () => {
    const values = [...Array(40).keys()].map((i) => Number(i % 4 === 0));
    const found = clusteredRate(values, [...Array(40).keys()]);
    expectRelative(found.nEff!, 39, 1e-12);
    expectInterval(found.interval, wilson(0.25, 39, studentTQuantile(0.975, 39)), 1e-12);
  });

  test('does not believe clusters that agree better than chance beyond independence', () => {
    // Every cluster is half and half: V is 0 although values differ.
    const values = [0, 1, 0, 1, 0, 1, 0, 1];
    const found = clusteredRate(values, [1, 1, 2, 2, 3, 3, 4, 4]);
    expect(found.standardError).toBe(0);
    expect(found.nEff).toBe(8);
    expectInterval(found.interval, wilson(0.5, 8, studentTQuantile(0.975, 3)), 1e-12);
  });

  test('a constant between 0 and 1 has an interval with a width', () => {
    const found = clusteredRate(constant(0.25, 12, 3).values, constant(0.25, 12, 3).clusters);
    expect(found.nEff).toBe(12);
    expect(found.interval![0]).toBeLessThan(0.1);
  });

  test('knows only the estimate with one cluster', () => {
    expect(clusteredRate([0, 1, 1], ['a', 'a', 'a'])).toEqual({
      n: 3,
      clusters: 1,
      estimate: 2 / 3,
      standardError: null,
      df: null,
      nEff: null,
      interval: null,
      kornGraubard: null,
      tCR1: null,
    });
  });

  test('contains the estimate, stays in [0, 1], widens with the level; Korn–Graubard is at least as careful', () => {
    fc.assert(
      fc.property(clusteredData(), ({ values, clusters }) => {
        const found = clusteredRate(values, clusters);
        const wide = clusteredRate(values, clusters, 0.99);
        for (const name of ['interval', 'kornGraubard'] as const) {
          const [lower, upper] = found[name]!;
          expect(lower).toBeGreaterThanOrEqual(0);
          expect(upper).toBeLessThanOrEqual(1);
          expect(lower).toBeLessThanOrEqual(found.estimate);
          expect(upper).toBeGreaterThanOrEqual(found.estimate);
          expect(wide[name]![0]).toBeLessThanOrEqual(lower);
          expect(wide[name]![1]).toBeGreaterThanOrEqual(upper);
        }
        expect(found.nEff!).toBeGreaterThan(0);
        expect(found.nEff!).toBeLessThanOrEqual(found.n);
      }),
    );
  });

  test('mirrors when successes become failures', () => {
    fc.assert(
      fc.property(clusteredData(), ({ values, clusters }) => {
        const [lower, upper] = clusteredRate(values, clusters).interval!;
        const mirrored = clusteredRate(
          values.map((value) => 1 - value),
          clusters,
        ).interval!;
        expect(mirrored[0]).toBeCloseTo(1 - upper, 10);
        expect(mirrored[1]).toBeCloseTo(1 - lower, 10);
      }),
    );
  });

  test('does not care for the order of rows or the names of clusters', () => {
    fc.assert(
      fc.property(clusteredData(), (data) => {
        const found = clusteredRate(data.values, data.clusters);
        const again = clusteredRate(shuffled(data).values, shuffled(data).clusters);
        expect(again.interval![0]).toBeCloseTo(found.interval![0], 10);
        expect(again.interval![1]).toBeCloseTo(found.interval![1], 10);
      }),
    );
  });

  test('repeating every sample inside its cluster adds nothing', () => {
    fc.assert(
      fc.property(clusteredData(), ({ values, clusters }) => {
        const once = clusteredRate(values, clusters);
        const twice = clusteredRate([...values, ...values], [...clusters, ...clusters]);
        fc.pre(once.standardError! > 0 && once.nEff! < once.n);
        expect(twice.nEff!).toBeCloseTo(once.nEff!, 8);
      }),
    );
  });

  test('refuses what is not a rate, no values, no level', () => {
    expect(() => clusteredRate([0, 2], [1, 2])).toThrow(/value 1 is 2, outside \[0, 1\]/);
    expect(() => clusteredRate([], [])).toThrow(/there are no values/);
    expect(() => clusteredRate([0, 1], [1, 2], 95)).toThrow(/level 95/);
    expect(() => clusteredRate([0, Number.NaN], [1, 2])).toThrow(/value 1 is NaN/);
  });
});
