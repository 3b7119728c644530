import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { gwetAC1 } from './gwet-ac1.ts';
import { unitsOfTable } from './two-raters.fixture.ts';

describe('gwetAC1', () => {
  itMatches<{ table: number[]; AC1: number }[]>(
    'gives the reference value for two raters',
    'kappa2x2',
    (vectors) => {
      for (const { table, AC1 } of vectors) expect(gwetAC1(unitsOfTable(table))).toBeCloseTo(AC1, 11);
    },
  );

  itMatches<{ data: (number | null)[][]; gwetAC1: number }>(
    'gives the reference value for many raters with missing ratings',
    'krippendorff',
    (vectors) => {
      const units = vectors.data[0]!.map((_, unit) => vectors.data.map((rater) => rater[unit]!));
      // The reference is printed to five digits; irrCAC 0.4 gives 0.775444068127.
      expect(gwetAC1(units)).toBeCloseTo(vectors.gwetAC1, 5);
      expect(gwetAC1(units)).toBeCloseTo(0.775444068127, 11);
    },
  );

  it('stays high where raters agree on a rare thing, as kappa does not', () => {
    // 118 of 125 agree, prevalence of yes 7/250: chance 2·(7/250)·(243/250)
    const chance = (2 * 7 * 243) / 250 ** 2;
    expect(gwetAC1(unitsOfTable([0, 4, 3, 118]))).toBeCloseTo((118 / 125 - chance) / (1 - chance), 14);
  });

  it('is 1 for raters who all say no, once it is known that they could have said yes', () => {
    const units = [[0, 0], [0, 0], [0]];
    expect(gwetAC1(units)).toBeNull();
    expect(gwetAC1(units, 2)).toBe(1);
  });

  it('is undefined without pairs', () => {
    expect(gwetAC1([])).toBeNull();
    expect(gwetAC1([[0], [1], [null]], 2)).toBeNull();
  });

  it('is at most 1, and more categories to choose from never lower it', () => {
    const someUnits = fc.array(fc.array(fc.option(fc.nat(3)), { maxLength: 5 }), { maxLength: 20 });
    fc.assert(
      fc.property(someUnits, fc.integer({ min: 4, max: 9 }), (units, categories) => {
        const ac1 = gwetAC1(units, categories);
        const more = gwetAC1(units, categories + 1);
        if (ac1 === null) expect(more).toBeNull();
        else {
          expect(ac1).toBeLessThanOrEqual(1);
          expect(more).toBeGreaterThanOrEqual(ac1 - 1e-12);
        }
      }),
    );
  });

  it('refuses fewer categories than occur', () => {
    expect(() => gwetAC1([[0, 1, 2]], 2)).toThrow(RangeError);
  });
});
