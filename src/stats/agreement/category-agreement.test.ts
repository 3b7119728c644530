import { describe, expect, it } from 'vitest';
import { categoryAgreement } from './category-agreement.ts';

describe('categoryAgreement', () => {
  it('shows its arithmetic: pairs agree within a unit, prevalence is averaged over units', () => {
    const { units, pairableUnits, observed, prevalence } = categoryAgreement([
      [1, 1, 2, null],
      [2, 2],
      [3],
      [null, null],
    ]);
    expect([units, pairableUnits]).toEqual([3, 2]);
    // One of three pairs agrees in the first unit, the one pair in the second.
    expect(observed).toBeCloseTo((1 / 3 + 1) / 2, 14);
    expect([1, 2, 3].map((category) => prevalence.get(category))).toEqual([
      2 / 3 / 3,
      (1 / 3 + 1) / 3,
      1 / 3,
    ]);
  });

  it('has nothing to say of no pairs, and refuses NaN', () => {
    expect(categoryAgreement([])).toMatchObject({ units: 0, pairableUnits: 0, observed: null });
    expect(categoryAgreement([[1], [2]]).observed).toBeNull();
    expect(() => categoryAgreement([[Number.NaN]])).toThrow(RangeError);
  });
});
