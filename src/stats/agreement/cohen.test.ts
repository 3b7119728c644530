import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { cohenKappa } from './cohen.ts';

const someTable = fc.integer({ min: 1, max: 5 }).chain((size) =>
  fc.array(fc.array(fc.nat(40), { minLength: size, maxLength: size }), {
    minLength: size,
    maxLength: size,
  }),
);

const transposed = (table: number[][]) => table.map((_, i) => table.map((row) => row[i]!));

describe('cohenKappa', () => {
  itMatches<{ table: [number, number, number, number]; cohen: number }[]>(
    'gives the reference value',
    'kappa2x2',
    (vectors) => {
      for (const { table, cohen } of vectors) {
        expect(cohenKappa([table.slice(0, 2), table.slice(2)])).toBeCloseTo(cohen, 11);
      }
    },
  );

  it('shows its arithmetic on three categories', () => {
    // 100 units, 60 agree; by chance (50·40 + 30·30 + 20·30)/100² = 0.35
    const table = [
      [30, 10, 10],
      [5, 15, 10],
      [5, 5, 10],
    ];
    expect(cohenKappa(table)).toBeCloseTo((0.55 - 0.35) / 0.65, 14);
  });

  it('is 1 for perfect agreement, 0 for a rater who always says the same', () => {
    expect(
      cohenKappa([
        [3, 0],
        [0, 8],
      ]),
    ).toBe(1);
    expect(
      cohenKappa([
        [3, 8],
        [0, 0],
      ]),
    ).toBe(0);
  });

  it('is undefined for no units, and where both raters know one category only', () => {
    expect(cohenKappa([])).toBeNull();
    expect(
      cohenKappa([
        [0, 0],
        [0, 0],
      ]),
    ).toBeNull();
    expect(
      cohenKappa([
        [7, 0],
        [0, 0],
      ]),
    ).toBeNull();
  });

  it('lies in [−1, 1], and does not mind which rater is called first', () => {
    fc.assert(
      fc.property(someTable, (table) => {
        const kappa = cohenKappa(table);
        expect(cohenKappa(transposed(table))).toBe(kappa);
        expect(Math.abs(kappa ?? 0)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('refuses a table that is not square, and counts below zero', () => {
    expect(() => cohenKappa([[1, 2]])).toThrow(RangeError);
    expect(() =>
      cohenKappa([
        [1, -1],
        [0, 1],
      ]),
    ).toThrow(RangeError);
  });
});
