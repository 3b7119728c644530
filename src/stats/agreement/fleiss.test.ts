import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { fleissKappa } from './fleiss.ts';
import { unitsOfTable } from './two-raters.fixture.ts';

describe('fleissKappa', () => {
  itMatches<{ table: number[]; fleiss: number }[]>(
    'gives the reference value for two raters',
    'kappa2x2',
    (vectors) => {
      for (const { table, fleiss } of vectors)
        expect(fleissKappa(unitsOfTable(table))).toBeCloseTo(fleiss, 11);
    },
  );

  itMatches<{ data: (number | null)[][]; fleissGeneralised: number }>(
    'gives the reference value for many raters with missing ratings',
    'krippendorff',
    ({ data, fleissGeneralised }) => {
      const units = data[0]!.map((_, unit) => data.map((rater) => rater[unit]!));
      // The reference is printed to five digits; irrCAC 0.4 gives 0.761169275422.
      expect(fleissKappa(units)).toBeCloseTo(fleissGeneralised, 5);
      expect(fleissKappa(units)).toBeCloseTo(0.761169275422, 11);
    },
  );

  it('shows its arithmetic: three raters, two units', () => {
    // Observed (1 + 1/3)/2 = 2/3; prevalences 1/6 and 5/6, so chance is 26/36.
    const units = [
      [1, 1, 1],
      [0, 1, 1],
    ];
    expect(fleissKappa(units)).toBeCloseTo((2 / 3 - 26 / 36) / (10 / 36), 14);
  });

  it('is undefined without pairs or without variation', () => {
    expect(fleissKappa([])).toBeNull();
    expect(fleissKappa([[1], [null, 0]])).toBeNull();
    expect(fleissKappa([[1, 1], [1]])).toBeNull();
  });

  it('is at most 1, whatever the names of the categories', () => {
    const someUnits = fc.array(fc.array(fc.option(fc.nat(3)), { maxLength: 5 }), { maxLength: 20 });
    fc.assert(
      fc.property(someUnits, (units) => {
        const kappa = fleissKappa(units);
        const renamed = fleissKappa(units.map((unit) => unit.map((rating) => rating && 10 - rating)));
        if (kappa === null) expect(renamed).toBeNull();
        else {
          expect(kappa).toBeLessThanOrEqual(1);
          expect(renamed).toBeCloseTo(kappa, 12);
        }
      }),
    );
  });

  it('refuses NaN', () => {
    expect(() => fleissKappa([[Number.NaN, 1]])).toThrow(RangeError);
  });
});
