import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectInterval } from '../numerics/closeness.fixture.ts';
import { normalQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { wilson } from './wilson.ts';

itMatches<{ x: number; n: number; wilson: Interval }[]>('the reference values', 'rate', (rows) => {
  for (const row of rows)
    expectInterval(wilson(row.x / row.n, row.n, normalQuantile(0.975)), row.wilson, 1e-12);
});

describe('wilson', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const size = fc.double({ min: 0.1, max: 1e6, noNaN: true });
  const critical = fc.double({ min: 0, max: 10, noNaN: true });

  test('has k²/(n + k²) at 0 of n, and its mirror image at n of n', () => {
    expect(wilson(0, 50, 2)).toEqual([0, 4 / 54]);
    expect(wilson(1, 50, 2)[0]).toBeCloseTo(50 / 54, 14);
    expect(wilson(1, 50, 2)[1]).toBe(1);
  });

  test('contains the proportion and stays in [0, 1]', () => {
    fc.assert(
      fc.property(share, size, critical, (p, n, k) => {
        const [lower, upper] = wilson(p, n, k);
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(upper).toBeLessThanOrEqual(1);
        expect(lower).toBeLessThanOrEqual(p);
        expect(upper).toBeGreaterThanOrEqual(p);
      }),
    );
  });

  test('is the set of proportions that the score test does not reject', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), size, critical, (p, n, k) => {
        fc.pre(k > 0.1);
        for (const end of wilson(p, n, k)) {
          expect(Math.abs(p - end)).toBeCloseTo(k * Math.sqrt((end * (1 - end)) / n), 9);
        }
      }),
    );
  });

  test('mirrors, narrows with n, widens with k', () => {
    fc.assert(
      fc.property(share, size, critical, (p, n, k) => {
        const [lower, upper] = wilson(p, n, k);
        const [mirroredLower, mirroredUpper] = wilson(1 - p, n, k);
        expect(mirroredLower).toBeCloseTo(1 - upper, 12);
        expect(mirroredUpper).toBeCloseTo(1 - lower, 12);
        const width = upper - lower + 1e-14;
        const [moreLower, moreUpper] = wilson(p, 2 * n, k);
        expect(moreUpper - moreLower).toBeLessThanOrEqual(width);
        const [surerLower, surerUpper] = wilson(p, n, k / 2);
        expect(surerUpper - surerLower).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('refuses what is not a proportion, no size, no critical value', () => {
    expect(() => wilson(1.2, 10, 2)).toThrow(/1\.2 is outside \[0, 1\]/);
    expect(() => wilson(0.5, 0, 2)).toThrow(/sample size 0 is not positive/);
    expect(() => wilson(0.5, 10, -1)).toThrow(RangeError);
    expect(() => wilson(Number.NaN, 10, 1)).toThrow(RangeError);
  });

  test('knows everything from infinitely many, nothing at infinite confidence', () => {
    expect(wilson(0.3, Number.POSITIVE_INFINITY, 2)).toEqual([0.3, 0.3]);
    expect(wilson(0.3, 10, Number.POSITIVE_INFINITY)).toEqual([0, 1]);
  });
});
