import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { studentTCdf } from '../numerics/distributions.ts';
import { readClusters } from '../rate/clusters.ts';
import { imbensManskiLevel } from './imbens-manski.ts';
import { johnsonInterval, johnsonP } from './johnson.ts';
import { signFlip } from './sign-flip.ts';
import { signFlipTests } from './sign-flip-interval.ts';

/** Eight clusters: numpy and scipy gave the values below (moments without bias, all 2⁸ sign patterns). */
const Z = [3, -1, 4, 2, 9, -2, 1, 5];
const mean = 2.625;
const deviation = Math.sqrt(Z.reduce((sum, z) => sum + (z - mean) ** 2, 0) / 7);
const skewed = {
  mean,
  standardError: deviation / Math.sqrt(8),
  skewness: 0.5498177447514679,
  clusters: 8,
  df: 7,
};

describe("Johnson's t", () => {
  test('is what its formula gives elsewhere', () => {
    expect(johnsonP(skewed, 0)).toBeCloseTo(2 * studentTCdf(-2.4566653805497913, 7), 10);
    expect(johnsonP(skewed, -3)).toBeCloseTo(2 * studentTCdf(-6.04290611791348, 7), 10);
  });

  test('is Student’s t without skewness', () => {
    const plain = { ...skewed, skewness: 0 };
    expect(johnsonP(plain, 1)).toBeCloseTo(2 * studentTCdf(-(mean - 1) / plain.standardError, 7), 12);
    const [low, high] = johnsonInterval(plain, 0.95);
    expect(high - mean).toBeCloseTo(mean - low, 12);
  });

  test('its interval holds the mean and ends where p is 1 minus the level', () => {
    const sample = fc.record({
      mean: fc.double({ min: -5, max: 5, noNaN: true }),
      standardError: fc.double({ min: 0.01, max: 5, noNaN: true }),
      skewness: fc.double({ min: -2.5, max: 2.5, noNaN: true }),
      clusters: fc.integer({ min: 6, max: 40 }),
      df: fc.integer({ min: 5, max: 40 }),
    });
    fc.assert(
      fc.property(sample, (one) => {
        const ends = johnsonInterval(one, 0.9);
        expect(ends[0]).toBeLessThanOrEqual(one.mean);
        expect(ends[1]).toBeGreaterThanOrEqual(one.mean);
        for (const end of ends) {
          expect(Number.isFinite(end)).toBe(true);
          if (end !== one.mean) expect(johnsonP(one, end)).toBeCloseTo(0.1, 6);
        }
      }),
    );
  });

  test('refuses a standard error of nothing', () => {
    expect(() => johnsonP({ ...skewed, standardError: 0 }, 0)).toThrow(RangeError);
  });
});

describe('the sign-flip test of every hypothesis', () => {
  const sums = [1, 0.5, 2, -0.3, 1.2, 0.8, 0.4, 1];
  const sizes = [2, 1, 3, 1, 2, 4, 1, 2];
  const d = sums.flatMap((sum, g) => new Array<number>(sizes[g]!).fill(sum / sizes[g]!));
  const labels = sizes.flatMap((size, g) => new Array<number>(size).fill(g));

  test('gives the p values of all patterns counted out', () => {
    const tests = signFlipTests(d, readClusters(labels, d.length), 1);
    const found = [0, 0.1, 0.2, 0.3, 0.5].map((delta) => tests.p(delta));
    expect(found).toEqual([0.015625, 0.0390625, 0.078125, 0.3046875, 0.4375]);
    expect(tests).toMatchObject({ patterns: 128, exhaustive: true });
  });

  test('agrees with the test of no difference, and its interval with its p', () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 10 });
    fc.assert(
      fc.property(values, (one) => {
        const clusters = readClusters(
          one.map((_, i) => i),
          one.length,
        );
        const tests = signFlipTests(one, clusters, 1);
        expect(tests.p(0)).toBeCloseTo(
          signFlip(
            one,
            one.map((_, i) => i),
            { flips: 2000, seed: 1 },
          ).p,
          12,
        );
        const [low, high] = tests.interval(0.9);
        expect(tests.p(low)).toBeGreaterThan(0.1);
        expect(tests.p(high)).toBeGreaterThan(0.1);
        expect(tests.p(low - 1e-6)).toBeLessThanOrEqual(0.1);
        expect(tests.p(high + 1e-6)).toBeLessThanOrEqual(0.1);
      }),
    );
  });

  test('with five clusters rejects nothing at 5 %', () => {
    expect(signFlipTests([1, 2, 3, 4, 5], readClusters([1, 2, 3, 4, 5], 5), 1).interval(0.95)).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });
});

test('the level of bounds goes from two-sided to one-sided', () => {
  // Equation 7 solved by scipy.
  const found = [0, 0.5, 1, 5].map((distance) => imbensManskiLevel(distance, 1, 0.95));
  [0.95, 0.9232250113992444, 0.9073297855980791, 0.9].forEach((level, i) => {
    expect(found[i]).toBeCloseTo(level, 8);
  });
});
