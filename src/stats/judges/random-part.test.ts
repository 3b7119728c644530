import { describe, expect, it } from 'vitest';
import { type ChosenPart, randomPart } from './random-part.ts';

type Pair = readonly [number, number];

/** A table [[chosen yes, chosen no], [other yes, other no]] as units. */
function units([[a, b], [c, d]]: readonly [Pair, Pair]): ChosenPart {
  const of = (count: number, value: number, chosen: boolean) =>
    Array.from({ length: count }, () => ({ value, chosen }));
  const all = [...of(a, 1, true), ...of(b, 0, true), ...of(c, 1, false), ...of(d, 0, false)];
  return { values: all.map(({ value }) => value), chosen: all.map(({ chosen }) => chosen) };
}

const TABLES = [
  [
    [12, 8],
    [30, 50],
  ],
  [
    [5, 15],
    [20, 60],
  ],
  [
    [9, 1],
    [40, 50],
  ],
] as const;

describe('randomPart', () => {
  it('is the test of Cochran, Mantel and Haenszel for yes and no (statsmodels 0.15, StratifiedTable)', () => {
    expect(randomPart(TABLES.map((table) => units(table)))).toBeCloseTo(0.011301398163690801, 12);
  });

  it('is the normal test of a sum drawn without replacement for scores (scipy)', () => {
    const values = [0, 1, 2, 3, 4, 5, 5, 2, 1, 0];
    const chosen = [false, true, true, true, false, true, false, false, false, false];
    expect(randomPart([{ values, chosen }])).toBeCloseTo(0.538404598477289, 12);
  });

  it('says nothing where nothing could differ', () => {
    expect(randomPart([])).toBeNull();
    expect(randomPart([{ values: [1, 0, 1], chosen: [true, true, true] }])).toBeNull();
    expect(randomPart([{ values: [1, 0, 1], chosen: [false, false, false] }])).toBeNull();
    expect(randomPart([{ values: [1, 1, 1], chosen: [true, false, false] }])).toBeNull();
  });

  it('does not depend on the order of units or strata, nor on units of measurement', () => {
    const strata = TABLES.map((table) => units(table));
    const turned = strata.toReversed().map(({ values, chosen }) => ({
      values: Array.from(values, (value) => 100 * value).toReversed(),
      chosen: Array.from(chosen).toReversed(),
    }));
    expect(randomPart(turned)).toBeCloseTo(randomPart(strata)!, 12);
  });

  it('refuses arrays of different lengths', () => {
    expect(() => randomPart([{ values: [1], chosen: [] }])).toThrow(RangeError);
  });
});
