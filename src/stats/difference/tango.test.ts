import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectInterval } from '../numerics/closeness.fixture.ts';
import { normalQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { leastTangoScore, tangoInterval, tangoScore } from './tango.ts';

interface PairedTable {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly tango95: Interval;
}

itMatches<PairedTable[]>('the reference values', 'paired2x2', (tables) => {
  for (const { a, b, c, d, tango95 } of tables) {
    expectInterval(tango(b, c, a + b + c + d, normalQuantile(0.975)), tango95, 1e-12);
  }
});

/** b, c and n with b + c ≤ n, whole or not. */
const counts = fc
  .tuple(fc.double({ min: 0.5, max: 2000, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .chain(([n, share]) =>
    fc.tuple(fc.constant(n), fc.constant(share * n), fc.double({ min: 0, max: 1, noNaN: true })),
  )
  .map(([n, changed, share]) => ({ n, b: changed * share, c: changed * (1 - share) }));
/** The interval from counts of pairs. */
const tango = (b: number, c: number, n: number, k: number) => tangoInterval(b / n, c / n, n, k);
const critical = fc.double({ min: 0.05, max: 6, noNaN: true });

describe('tangoInterval', () => {
  test('contains the estimate, stays in [−1, 1], mirrors', () => {
    fc.assert(
      fc.property(counts, critical, ({ n, b, c }, k) => {
        const [lower, upper] = tango(b, c, n, k);
        expect(lower).toBeGreaterThanOrEqual(-1);
        expect(upper).toBeLessThanOrEqual(1);
        expect(lower).toBeLessThanOrEqual((b - c) / n + 1e-12);
        expect(upper).toBeGreaterThanOrEqual((b - c) / n - 1e-12);
        const [mirroredLower, mirroredUpper] = tango(c, b, n, k);
        expect(mirroredLower).toBeCloseTo(-upper, 12);
        expect(mirroredUpper).toBeCloseTo(-lower, 12);
      }),
    );
  });

  test('ends where the score is k, and widens with k', () => {
    fc.assert(
      fc.property(counts, critical, ({ n, b, c }, k) => {
        const [lower, upper] = tango(b, c, n, k);
        const wider = tango(b, c, n, k * 1.5);
        expect(wider[0]).toBeLessThanOrEqual(lower);
        expect(wider[1]).toBeGreaterThanOrEqual(upper);
        fc.pre(lower > -1 + 1e-9 && upper < 1 - 1e-9 && upper - lower > 1e-6);
        expect(tangoScore(b / n, c / n, n, lower)).toBeCloseTo(k, 5);
        expect(tangoScore(b / n, c / n, n, upper)).toBeCloseTo(-k, 5);
      }),
    );
  });

  test('is k²/(n + k²) either way where no pair changed', () => {
    expectInterval(tango(0, 0, 40, 2), [-4 / 44, 4 / 44], 1e-12);
  });

  test('reaches 1 where every pair changed one way', () => {
    const [lower, upper] = tango(25, 0, 25, 1.96);
    expect(upper).toBe(1);
    expect(lower).toBeGreaterThan(0.5);
    expect(tango(0, 25, 25, 1.96)[0]).toBe(-1);
  });

  test('is a point at k = 0', () => {
    expectInterval(tango(5, 2, 30, 0), [0.1, 0.1], 1e-12);
  });

  test('has a score statistic of McNemar at no difference', () => {
    expect(tangoScore(12 / 100, 4 / 100, 100, 0)).toBeCloseTo((12 - 4) / Math.sqrt(12 + 4), 12);
  });
});

describe('tangoInterval on moments with a negative share', () => {
  /** Shares from a mean and a second moment that no −1, 0, 1 differences have: m2 < |mean|. */
  const moments = fc
    .tuple(
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
    )
    .map(([mean, share]) => ({ mean, m2: mean * mean + share * (mean - mean * mean) }));

  test('leaves no hypothesis outside that the score does not reject', () => {
    fc.assert(
      fc.property(moments, fc.double({ min: 1, max: 500, noNaN: true }), critical, ({ mean, m2 }, n, k) => {
        const [up, down] = [(m2 + mean) / 2, (m2 - mean) / 2];
        const [lower, upper] = tangoInterval(up, down, n, k);
        expect(lower).toBeLessThanOrEqual(mean);
        expect(upper).toBeGreaterThanOrEqual(mean);
        for (let step = -300; step <= 300; step++) {
          const delta = (mean * step) / 150;
          if (Math.abs(delta) >= 1 || (delta > lower - 1e-9 && delta < upper + 1e-9)) continue;
          expect(Math.abs(tangoScore(up, down, n, delta))).toBeGreaterThanOrEqual(k * (1 - 1e-9));
        }
      }),
    );
  });

  test.each([
    // A dip lies within these hypotheses; how near a coarse search comes to its lowest point is another matter for each.
    { mean: 0.9, m2: 0.84, n: 104, delta: 0.535 },
    { mean: 0.0556, m2: 0.00315, n: 60, delta: 0 },
    { mean: 0.5, m2: 0.26, n: 12, delta: 0.1 },
    { mean: 0.2, m2: 0.0404, n: 40, delta: 0.01 },
  ])(
    'the least extreme score from $delta on is as small as a fine search finds ($mean)',
    ({ mean, m2, n, delta }) => {
      const [up, down] = [(m2 + mean) / 2, (m2 - mean) / 2];
      const fine = Array.from({ length: 40_001 }, (_, i) =>
        Math.abs(tangoScore(up, down, n, delta + ((-mean - delta) * i) / 40_000)),
      );
      const least = Math.min(...fine);
      expect(least).toBeLessThan(Math.abs(tangoScore(up, down, n, delta)) * (1 - 1e-6));
      expect(leastTangoScore(up, down, n, delta) / least).toBeCloseTo(1, 6);
      expect(leastTangoScore(down, up, n, -delta) / least).toBeCloseTo(-1, 6);
    },
  );

  test('the least extreme score never grows toward the estimate', () => {
    fc.assert(
      fc.property(moments, ({ mean, m2 }) => {
        const [up, down] = [(m2 + mean) / 2, (m2 - mean) / 2];
        let last = Number.POSITIVE_INFINITY;
        for (let step = 64; step >= 1; step--) {
          const score = leastTangoScore(up, down, 50, mean * (1 - step / 64));
          expect(score).toBeLessThanOrEqual(last + 1e-9);
          last = score;
        }
      }),
    );
  });
});
