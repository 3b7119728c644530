import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRelative } from '../numerics/closeness.fixture.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { mcnemarExact, mcnemarMidP } from './mcnemar.ts';

interface PairedTable {
  readonly b: number;
  readonly c: number;
  readonly mcnemarExact: number;
  readonly mcnemarMidP: number;
}

itMatches<PairedTable[]>('the reference values', 'paired2x2', (tables) => {
  for (const table of tables) {
    expectRelative(mcnemarExact(table.b, table.c), table.mcnemarExact, 1e-12);
    expectRelative(mcnemarMidP(table.b, table.c), table.mcnemarMidP, 1e-12);
  }
});

describe('mcnemar', () => {
  const small = fc.integer({ min: 0, max: 25 });

  test('is the binomial sum, counted out', () => {
    fc.assert(
      fc.property(small, small, (b, c) => {
        const pairs = b + c;
        let coefficient = 1;
        let tail = 0;
        for (let x = 0; x <= Math.min(b, c); x++) {
          if (x > 0) coefficient = (coefficient * (pairs - x + 1)) / x;
          tail += coefficient;
        }
        expectRelative(mcnemarExact(b, c), Math.min(1, (2 * tail) / 2 ** pairs), 1e-12);
        const midP = b === c ? 1 : (2 * tail - coefficient) / 2 ** pairs;
        expectRelative(mcnemarMidP(b, c), midP, 1e-11);
      }),
    );
  });

  test('keeps its digits far out and with many pairs', () => {
    expectRelative(mcnemarExact(0, 60), 2 ** -59, 1e-13);
    expectRelative(mcnemarMidP(0, 60), 2 ** -60, 1e-13);
    expect(mcnemarExact(50_000, 50_000)).toBe(1);
    expect(mcnemarMidP(50_000, 51_000)).toBeCloseTo(mcnemarExact(50_000, 51_000), 4);
  });

  test('does not care which way, and the mid-p is the smaller', () => {
    const count = fc.integer({ min: 0, max: 5000 });
    fc.assert(
      fc.property(count, count, (b, c) => {
        expect(mcnemarExact(c, b)).toBe(mcnemarExact(b, c));
        expect(mcnemarMidP(c, b)).toBe(mcnemarMidP(b, c));
        expect(mcnemarMidP(b, c)).toBeLessThanOrEqual(mcnemarExact(b, c));
      }),
    );
  });

  test('is 1 where no pair changed', () => {
    expect([mcnemarExact(0, 0), mcnemarMidP(0, 0)]).toEqual([1, 1]);
  });

  test('refuses counts that are negative or not whole', () => {
    expect(() => mcnemarExact(-1, 2)).toThrow(/b = -1/);
    expect(() => mcnemarMidP(1, 2.5)).toThrow(/c = 2\.5 is not whole/);
  });
});
