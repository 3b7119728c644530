import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRelative } from './closeness.fixture.ts';
import {
  betaCdf,
  betaQuantile,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from './distributions.ts';
import { itMatches } from './reference-vectors.fixture.ts';

interface DistributionVectors {
  readonly beta: readonly (readonly [a: number, b: number, p: number, quantile: number])[];
  readonly t: readonly (readonly [df: number, p: number, quantile: number])[];
  readonly n: readonly (readonly [p: number, quantile: number])[];
  readonly pn: readonly (readonly [x: number, p: number])[];
}

itMatches<DistributionVectors>('reference quantiles and tails to a relative 1e-10', 'dist', (vectors) => {
  for (const [a, b, p, quantile] of vectors.beta) {
    expectRelative(betaQuantile(p, a, b), quantile, 1e-10);
  }
  for (const [df, p, quantile] of vectors.t) expectRelative(studentTQuantile(p, df), quantile, 1e-10);
  for (const [p, quantile] of vectors.n) expectRelative(normalQuantile(p), quantile, 1e-10);
  for (const [x, p] of vectors.pn) expectRelative(normalCdf(x), p, 1e-10);
});

// The expected values below were computed with mpmath to 40 digits.
describe('the beta distribution', () => {
  test.each([
    [0.5, 0.5, 0.25, 1 / 3],
    [2, 3, 1e-8, 5.99999992e-16],
    [30, 0.25, 0.5, 3.2824462497835013e-11],
    [0.03125, 40, 1e-6, 0.7411208892011747],
    [120, 80, 0.4, 6.069175116046669e-9],
    [250, 3, 0.9375, 1.3690116560358455e-5],
  ])('Beta(%d, %d) up to %d', (a, b, x, expected) => {
    expectRelative(betaCdf(x, a, b), expected, 1e-13);
    expectRelative(betaQuantile(expected, a, b), x, 1e-12);
  });

  test('has closed forms at a = 1 or b = 1', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: 0.05, max: 2000, noNaN: true }),
        (p, shape) => {
          expectRelative(betaQuantile(p, shape, 1), p ** (1 / shape), 1e-12);
          expectRelative(betaQuantile(p, 1, shape), -Math.expm1(Math.log1p(-p) / shape), 1e-12);
        },
      ),
    );
  });

  test('ends at 0 and 1', () => {
    expect([betaCdf(0, 2, 3), betaCdf(-1, 2, 3), betaCdf(1, 2, 3), betaCdf(2, 2, 3)]).toEqual([0, 0, 1, 1]);
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
  });

  test('refuses shapes and probabilities that can not be', () => {
    expect(() => betaCdf(0.5, 0, 1)).toThrow(/a = 0 is not positive/);
    expect(() => betaQuantile(0.5, 1, Number.NaN)).toThrow(RangeError);
    expect(() => betaQuantile(1.01, 1, 1)).toThrow(/outside \[0, 1\]/);
    expect(() => betaCdf(0.5, 1, Number.POSITIVE_INFINITY)).toThrow(/not finite/);
  });
});

describe("Student's t", () => {
  test.each([
    [1, -1e6, 3.1830988618368455e-7],
    [2.5, -40, 7.097817145246691e-5],
    [9, -1e-9, 0.49999999961196506],
    [9, 2.25, 0.9744983696465246],
    [60, -30, 3.980833974284882e-38],
  ])('with %d degrees of freedom up to %d', (df, t, expected) => {
    expectRelative(studentTCdf(t, df), expected, 1e-13);
  });

  test.each([
    [7, 0.025, -2.3646242515927853],
    [6.125, 0.0009765625, -5.167983060773532],
    [1.5, 0.125, -1.8230590896111645],
  ])('with %d degrees of freedom: the quantile of %d', (df, p, expected) => {
    expectRelative(studentTQuantile(p, df), expected, 1e-13);
  });

  test('is Cauchy with one degree of freedom and normal with infinitely many', () => {
    expectRelative(studentTQuantile(0.9, 1), Math.tan(Math.PI * 0.4), 1e-13);
    expectRelative(studentTQuantile(0.975, 1e9), normalQuantile(0.975), 1e-8);
    expect(studentTQuantile(0.975, Number.POSITIVE_INFINITY)).toBe(normalQuantile(0.975));
    expect(studentTCdf(-2, Number.POSITIVE_INFINITY)).toBe(normalCdf(-2));
  });

  test('quantile and tail are inverse to each other, and odd', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 0.5, noNaN: true }),
        fc.double({ min: 0.7, max: 5e5, noNaN: true }),
        (p, df) => {
          const t = studentTQuantile(p, df);
          expectRelative(studentTCdf(t, df), p, 1e-11);
          expect(studentTCdf(-t, df)).toBeCloseTo(1 - p, 12);
          expect(studentTQuantile(1 - p, df)).toBeCloseTo(-studentTQuantile(1 - (1 - p), df), 8);
        },
      ),
    );
  });

  test('ends, and refuses what has no meaning', () => {
    expect(studentTQuantile(0, 3)).toBe(Number.NEGATIVE_INFINITY);
    expect(studentTQuantile(1, 3)).toBe(Number.POSITIVE_INFINITY);
    expect([studentTQuantile(0.5, 3), studentTCdf(0, 3)]).toEqual([0, 0.5]);
    expect([studentTCdf(Number.NEGATIVE_INFINITY, 3), studentTCdf(Number.POSITIVE_INFINITY, 3)]).toEqual([
      0, 1,
    ]);
    expect(studentTCdf(Number.NaN, 3)).toBeNaN();
    expect(() => studentTCdf(1, 0)).toThrow(/df = 0 is not positive/);
    expect(() => studentTQuantile(-0.1, 3)).toThrow(RangeError);
  });
});

describe('the normal distribution', () => {
  test('quantile and tail are inverse to each other', () => {
    fc.assert(
      fc.property(fc.double({ min: -37, max: 0, noNaN: true }), (x) => {
        expect(Math.abs(normalQuantile(normalCdf(x)) - x)).toBeLessThan(1e-12 * Math.max(1, -x));
      }),
    );
  });

  test('ends, and refuses what is not a probability', () => {
    expect([normalQuantile(0), normalQuantile(0.5)]).toEqual([Number.NEGATIVE_INFINITY, 0]);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(() => normalQuantile(Number.NaN)).toThrow(RangeError);
  });
});
