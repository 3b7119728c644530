import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tangoInterval } from '../difference/tango.ts';
import { expectRelative } from '../numerics/closeness.fixture.ts';
import { normalCdf, normalQuantile } from '../numerics/distributions.ts';
import { clusteredMean } from '../rate/clustered-mean.ts';
import { expectedPrecision, isMarginProvable, powerOfEquivalence, smallestProvableMargin } from './power.ts';

describe('powerOfEquivalence', () => {
  // By adaptive quadrature over scipy's chi-square and normal distributions.
  test.each([
    [0.02, 9, 0.05, 0, 0.499868018473],
    [0.02, 1, 0.5, 0.1, 0.998244121328],
    [0.02, 1.7, 0.1, 0, 0.785973853023],
    [0.02, 49, 0.05, 0.02, 0.398794937915],
    [1, 1e5, 2.5, 0.3, 0.586578515624],
    [1, 3.3, 5, -1, 0.920914080924],
  ])(
    'standard error %d, df %d, margin %d, difference %d',
    (standardError, df, margin, difference, expected) => {
      expectRelative(powerOfEquivalence({ standardError, df, margin, difference }), expected, 1e-9);
    },
  );

  test('with a known standard error is the closed form', () => {
    const power = powerOfEquivalence({ standardError: 1, df: Number.POSITIVE_INFINITY, margin: 3 });
    expectRelative(power, 2 * normalCdf(3 - normalQuantile(0.95)) - 1, 1e-12);
  });

  const design = fc.record({
    standardError: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
    df: fc.double({ min: 1, max: 300, noNaN: true }),
    margin: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    difference: fc.double({ min: 0, max: 0.5, noNaN: true }),
  });

  test('is a probability, grows with the margin, falls with the difference, knows no sign', () => {
    fc.assert(
      fc.property(design, (given) => {
        const power = powerOfEquivalence(given);
        expect(power).toBeGreaterThanOrEqual(0);
        expect(power).toBeLessThanOrEqual(1);
        expect(powerOfEquivalence({ ...given, margin: given.margin * 1.2 })).toBeGreaterThanOrEqual(
          power - 1e-9,
        );
        expect(powerOfEquivalence({ ...given, difference: given.difference * 1.2 })).toBeLessThanOrEqual(
          power + 1e-9,
        );
        expect(powerOfEquivalence({ ...given, difference: -given.difference })).toBeCloseTo(power, 8);
      }),
    );
  });

  test('at a difference of the margin is at most the level of the test', () => {
    fc.assert(
      fc.property(design, (given) => {
        expect(powerOfEquivalence({ ...given, difference: given.margin })).toBeLessThanOrEqual(0.05 + 1e-7);
      }),
    );
  });

  test('refuses designs that can not be', () => {
    expect(() => powerOfEquivalence({ standardError: 0, df: 5, margin: 1 })).toThrow(/standard error = 0/);
    expect(() => powerOfEquivalence({ standardError: 1, df: 5, margin: -1 })).toThrow(/margin = -1/);
    expect(() => powerOfEquivalence({ standardError: 1, df: 0, margin: 1 })).toThrow(/df = 0/);
  });
});

describe('expectedPrecision', () => {
  test('one epoch without clusters: 2p(1 − p)(1 − ρ)/N', () => {
    const { standardError, df, nEff } = expectedPrecision({ samples: 200, clusters: 200, rate: 0.2 })!;
    expectRelative(standardError ** 2, (2 * 0.2 * 0.8 * 0.7) / 200, 1e-12);
    expect([df, nEff]).toEqual([199, 200]);
  });

  test('clusters that are one sample each are worth m of them only', () => {
    const { nEff } = expectedPrecision({ samples: 200, clusters: 20, icc: 1 })!;
    expect(nEff).toBe(20);
  });

  test('epochs take away what is not repeated, and no more', () => {
    const plan = { samples: 100, clusters: 100, rate: 0.5, correlation: 0.3, repeatability: 0.5 };
    const { standardError } = expectedPrecision({ ...plan, epochs: 1e9 })!;
    expectRelative(standardError ** 2, (2 * 0.25 * 0.2) / 100, 1e-6);
  });

  test('clusters of different sizes tell less than equal ones', () => {
    const equal = expectedPrecision({ samples: 60, clusters: 12 })!;
    expect(expectedPrecision({ samples: 60, clusters: 12, sizes: new Array(12).fill(5) })!.nEff).toBe(
      equal.nEff,
    );
    const sizes = [15, 15, ...new Array(10).fill(3)];
    const unequal = expectedPrecision({ samples: 60, clusters: 12, sizes })!;
    expect(unequal.nEff).toBeLessThan(equal.nEff);
    expect(unequal.df).toBeLessThan(equal.df);
    expect(unequal.df).toBe(clusteredMean(labelsOf(sizes), labelsOf(sizes)).df);
    expect(() => expectedPrecision({ samples: 60, clusters: 12, sizes: [60] })).toThrow(
      /sizes are not those/,
    );
  });

  test('refuses plans that can not be', () => {
    expect(() => expectedPrecision({ samples: 10, clusters: 20 })).toThrow(/20 clusters of 10 samples/);
    expect(() => expectedPrecision({ samples: 10, clusters: 5, rate: 1.5 })).toThrow(
      /rate = 1\.5 is above 1/,
    );
    expect(() =>
      expectedPrecision({ samples: 10, clusters: 5, correlation: 0.6, repeatability: 0.5 }),
    ).toThrow(/each with itself/);
    expect(() => expectedPrecision({ samples: 0, clusters: 0 })).toThrow(/samples = 0/);
  });
});

describe('smallestProvableMargin', () => {
  test('has the power asked for', () => {
    const plan = { samples: 400, clusters: 40, rate: 0.3, power: 0.8 };
    const margin = smallestProvableMargin(plan)!;
    const { standardError, df } = expectedPrecision(plan)!;
    expect(powerOfEquivalence({ standardError, df, margin })).toBeGreaterThan(0.8 - 1e-6);
    expect(powerOfEquivalence({ standardError, df, margin })).toBeLessThan(0.86);
  });

  test('shrinks with samples, clusters and epochs, grows with power', () => {
    const plan = { samples: 240, clusters: 24 };
    const margin = smallestProvableMargin(plan)!;
    expect(smallestProvableMargin({ ...plan, samples: 480 })!).toBeLessThan(margin);
    expect(smallestProvableMargin({ ...plan, clusters: 48 })!).toBeLessThan(margin);
    expect(smallestProvableMargin({ ...plan, epochs: 4 })!).toBeLessThan(margin);
    expect(smallestProvableMargin({ ...plan, power: 0.9 })!).toBeGreaterThan(margin);
    expect(smallestProvableMargin({ ...plan, icc: 0.3 })!).toBeGreaterThan(margin);
  });

  test('where nothing is expected to happen, is what the clusters can show', () => {
    const silent = smallestProvableMargin({ samples: 300, clusters: 30, rate: 0 })!;
    expect(silent).toBeCloseTo(tangoInterval(0, 0, 30, 1.6991270265334972)[1], 10);
  });

  test('is never above 1, and unknown with one cluster', () => {
    expect(smallestProvableMargin({ samples: 4, clusters: 2 })).toBe(1);
    expect(smallestProvableMargin({ samples: 40, clusters: 1 })).toBeNull();
  });
});

describe('isMarginProvable', () => {
  test('law: a margin is provable where it is at least the smallest that is', () => {
    const plan = fc.record({
      clusters: fc.integer({ min: 2, max: 60 }),
      size: fc.integer({ min: 1, max: 20 }),
      epochs: fc.integer({ min: 1, max: 5 }),
      rate: fc.constantFrom(0, 0.02, 0.1, 0.5),
      power: fc.constantFrom(0.8, 0.9),
    });
    fc.assert(
      fc.property(plan, ({ size, ...rest }) => {
        const planned = { ...rest, samples: rest.clusters * size };
        const smallest = smallestProvableMargin(planned)!;
        // At 1, what is asked for may lie above.
        if (smallest < 1) expect(isMarginProvable(planned, smallest * 1.001)).toBe(true);
        expect(isMarginProvable(planned, smallest * 0.999)).toBe(false);
      }),
    );
  });

  test('is false with one cluster; a margin is positive', () => {
    expect(isMarginProvable({ samples: 40, clusters: 1 }, 0.9)).toBe(false);
    expect(() => isMarginProvable({ samples: 40, clusters: 4 }, 0)).toThrow(/the margin = 0/);
  });
});

function labelsOf(sizes: readonly number[]): number[] {
  return sizes.flatMap((size, g) => new Array(size).fill(g));
}
