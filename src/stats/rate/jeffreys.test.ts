import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectInterval } from '../numerics/closeness.fixture.ts';
import { betaCdf } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { jeffreys } from './jeffreys.ts';

itMatches<{ x: number; n: number; jeffreys: Interval }[]>('the reference values', 'rate', (rows) => {
  for (const row of rows) expectInterval(jeffreys(row.x, row.n), row.jeffreys, 1e-12);
});

describe('jeffreys', () => {
  const counts = fc
    .integer({ min: 1, max: 3000 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));

  test('contains the proportion, mirrors, and widens with the level', () => {
    fc.assert(
      fc.property(counts, ([x, n]) => {
        const [lower, upper] = jeffreys(x, n);
        expect(lower).toBeLessThanOrEqual(x / n);
        expect(upper).toBeGreaterThanOrEqual(x / n);
        const mirrored = jeffreys(n - x, n);
        expect(mirrored[0]).toBeCloseTo(1 - upper, 12);
        expect(mirrored[1]).toBeCloseTo(1 - lower, 12);
        const wide = jeffreys(x, n, 0.99);
        expect(wide[0]).toBeLessThanOrEqual(lower);
        expect(wide[1]).toBeGreaterThanOrEqual(upper);
      }),
    );
  });

  test('holds its share of the posterior', () => {
    fc.assert(
      fc.property(counts, ([x, n]) => {
        fc.pre(x > 0 && x < n);
        const [lower, upper] = jeffreys(x, n, 0.9);
        const below = (end: number) => betaCdf(end, x + 0.5, n - x + 0.5);
        expect(below(upper) - below(lower)).toBeCloseTo(0.9, 10);
      }),
    );
  });

  test('reaches 0 at 0 of n and 1 at n of n', () => {
    expect(jeffreys(0, 40)[0]).toBe(0);
    expect(jeffreys(40, 40)[1]).toBe(1);
  });

  test('refuses counts and levels that can not be', () => {
    expect(() => jeffreys(1, 0)).toThrow(/n = 0 is not a positive number/);
    expect(() => jeffreys(4, 3)).toThrow(/x = 4 is outside \[0, 3\]/);
    expect(() => jeffreys(-1, 3)).toThrow(RangeError);
    expect(() => jeffreys(1, 3, 1)).toThrow(/level 1 is outside \(0, 1\)/);
  });
});
