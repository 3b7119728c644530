import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectInterval } from '../numerics/closeness.fixture.ts';
import { betaCdf } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { clopperPearson } from './clopper-pearson.ts';

itMatches<{ x: number; n: number; clopperPearson: Interval }[]>('the reference values', 'rate', (rows) => {
  for (const row of rows) expectInterval(clopperPearson(row.x, row.n), row.clopperPearson, 1e-12);
});

describe('clopperPearson', () => {
  const counts = fc
    .integer({ min: 1, max: 3000 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));

  test('contains the proportion, mirrors, and widens with the level', () => {
    fc.assert(
      fc.property(counts, ([x, n]) => {
        const [lower, upper] = clopperPearson(x, n);
        expect(lower).toBeLessThanOrEqual(x / n);
        expect(upper).toBeGreaterThanOrEqual(x / n);
        const mirrored = clopperPearson(n - x, n);
        expect(mirrored[0]).toBeCloseTo(1 - upper, 12);
        expect(mirrored[1]).toBeCloseTo(1 - lower, 12);
        const wide = clopperPearson(x, n, 0.99);
        expect(wide[0]).toBeLessThanOrEqual(lower);
        expect(wide[1]).toBeGreaterThanOrEqual(upper);
      }),
    );
  });

  test('leaves half of the error to each side, by the binomial tails', () => {
    fc.assert(
      fc.property(counts, ([x, n]) => {
        const [lower, upper] = clopperPearson(x, n, 0.9);
        // P(X ≥ x | lower) and P(X ≤ x | upper), as beta tails.
        if (x > 0) expect(betaCdf(lower, x, n - x + 1)).toBeCloseTo(0.05, 10);
        if (x < n) expect(1 - betaCdf(upper, x + 1, n - x)).toBeCloseTo(0.05, 10);
      }),
    );
  });

  test('is the rule of three at 0 of n, exactly: 1 − (α/2)^(1/n)', () => {
    expect(clopperPearson(0, 50)[0]).toBe(0);
    expect(clopperPearson(0, 50)[1]).toBeCloseTo(1 - 0.025 ** (1 / 50), 14);
    expect(clopperPearson(50, 50)).toEqual([expect.closeTo(0.025 ** (1 / 50), 14), 1]);
  });

  test('refuses counts and levels that can not be', () => {
    expect(() => clopperPearson(1, 0)).toThrow(/n = 0 is not a positive number/);
    expect(() => clopperPearson(4, 3)).toThrow(/x = 4 is outside \[0, 3\]/);
    expect(() => clopperPearson(-1, 3)).toThrow(RangeError);
    expect(() => clopperPearson(1, 3, 1)).toThrow(/level 1 is outside \(0, 1\)/);
  });
});
