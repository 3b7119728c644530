import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectInterval } from '../numerics/closeness.fixture.ts';
import type { Interval } from '../numerics/interval.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { newcombe } from './newcombe.ts';

interface PairedTable {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly newcombe10: Interval;
}

itMatches<PairedTable[]>('the reference values', 'paired2x2', (tables) => {
  for (const { a, b, c, d, newcombe10 } of tables) {
    expectInterval(newcombe(a, b, c, d), newcombe10, 1e-12);
  }
});

describe('newcombe', () => {
  const cell = fc.integer({ min: 0, max: 400 });

  test('contains the difference, stays in [−1, 1], mirrors, widens with the level', () => {
    fc.assert(
      fc.property(cell, cell, cell, cell, (a, b, c, d) => {
        const n = a + b + c + d;
        fc.pre(n > 0);
        const [lower, upper] = newcombe(a, b, c, d);
        expect(lower).toBeLessThanOrEqual((b - c) / n);
        expect(upper).toBeGreaterThanOrEqual((b - c) / n);
        expect(lower).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(upper).toBeLessThanOrEqual(1 + 1e-12);
        const mirrored = newcombe(a, c, b, d);
        expect(mirrored[0]).toBeCloseTo(-upper, 12);
        expect(mirrored[1]).toBeCloseTo(-lower, 12);
        const wide = newcombe(a, b, c, d, 0.99);
        expect(wide[0]).toBeLessThanOrEqual(lower);
        expect(wide[1]).toBeGreaterThanOrEqual(upper);
      }),
    );
  });

  test('has a width where no pair changed, at either end', () => {
    for (const [a, d] of [[0, 30] as const, [30, 0] as const]) {
      const [lower, upper] = newcombe(a, 0, 0, d);
      expect(lower).toBeLessThan(-0.05);
      expect(upper).toBeCloseTo(-lower, 14);
    }
  });

  test('refuses tables that can not be', () => {
    expect(() => newcombe(0, 0, 0, 0)).toThrow(/number of pairs = 0/);
    expect(() => newcombe(1, -1, 0, 0)).toThrow(/b = -1/);
    expect(() => newcombe(1, 1, 1, 1, 0)).toThrow(/level 0/);
  });
});
