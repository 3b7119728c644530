import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processorMs } from '../../core/testing/processor-time.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { krippendorffAlpha, type MeasurementLevel } from './krippendorff.ts';

const LEVELS: readonly MeasurementLevel[] = ['nominal', 'ordinal', 'interval', 'ratio'];

type Units = readonly (readonly (number | null)[])[];

/** The definition, by a matrix of coincidences: the slow way round. */
function alphaByCoincidences(units: Units, level: MeasurementLevel): number | null {
  const rated = units
    .map((unit) => unit.filter((rating) => rating !== null))
    .filter((unit) => unit.length > 1);
  const values = [...new Set(rated.flat())].sort((a, b) => a - b);
  if (values.length < 2) return null;
  const coincidences = values.map(() => values.map(() => 0));
  for (const unit of rated) {
    unit.forEach((a, i) => {
      unit.forEach((b, j) => {
        if (i !== j) coincidences[values.indexOf(a)]![values.indexOf(b)]! += 1 / (unit.length - 1);
      });
    });
  }
  const totals = coincidences.map((row) => row.reduce((sum, count) => sum + count, 0));
  const n = totals.reduce((sum, count) => sum + count, 0);
  const distance = (c: number, k: number) => {
    const [low, high] = c < k ? [c, k] : [k, c];
    if (low === high) return 0;
    if (level === 'nominal') return 1;
    if (level === 'ratio') return ((values[c]! - values[k]!) / (values[c]! + values[k]!)) ** 2;
    if (level === 'interval') return (values[c]! - values[k]!) ** 2;
    const between = totals.slice(low, high + 1).reduce((sum, count) => sum + count, 0);
    return (between - (totals[low]! + totals[high]!) / 2) ** 2;
  };
  let observed = 0;
  let expected = 0;
  values.forEach((_, c) => {
    values.forEach((_, k) => {
      observed += coincidences[c]![k]! * distance(c, k);
      expected += totals[c]! * totals[k]! * distance(c, k);
    });
  });
  return 1 - ((n - 1) * observed) / expected;
}

const someUnits: fc.Arbitrary<Units> = fc.array(
  fc.array(fc.option(fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 5 }),
  { maxLength: 30 },
);

describe('krippendorffAlpha', () => {
  itMatches<{ data: (number | null)[][] } & Record<MeasurementLevel, number>>(
    "gives the values of Krippendorff's own example on all four levels",
    'krippendorff',
    (vectors) => {
      const units = vectors.data[0]!.map((_, unit) => vectors.data.map((rater) => rater[unit]!));
      for (const level of LEVELS) expect(krippendorffAlpha(units, level)).toBeCloseTo(vectors[level], 11);
    },
  );

  it('shows its arithmetic: two raters, four units, one disagreement', () => {
    // Values 0 0 | 0 1 | 1 1 | 1 1: n = 8, three 0s and five 1s. Observed 2; expected 2·3·5/7.
    const units = [
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 1],
    ];
    for (const level of LEVELS) expect(krippendorffAlpha(units, level)).toBeCloseTo(1 - 2 / (30 / 7), 14);
  });

  it('is the definition by coincidences, on any ratings with any of them missing', () => {
    fc.assert(
      fc.property(someUnits, fc.constantFrom(...LEVELS), (units, level) => {
        const expected = alphaByCoincidences(units, level);
        const actual = krippendorffAlpha(units, level);
        if (expected === null) expect(actual).toBeNull();
        else expect(actual).toBeCloseTo(expected, 10);
      }),
    );
  });

  it('does not depend on the order of units or of raters', () => {
    fc.assert(
      fc.property(someUnits, fc.constantFrom(...LEVELS), (units, level) => {
        const turned = units.map((unit) => unit.toReversed()).toReversed();
        const [a, b] = [krippendorffAlpha(units, level), krippendorffAlpha(turned, level)];
        if (a === null) expect(b).toBeNull();
        else expect(b).toBeCloseTo(a, 10);
      }),
    );
  });

  it('is at most 1, and exactly 1 when raters never disagree', () => {
    fc.assert(
      fc.property(someUnits, fc.constantFrom(...LEVELS), (units, level) => {
        expect(krippendorffAlpha(units, level) ?? 0).toBeLessThanOrEqual(1);
      }),
    );
    for (const level of LEVELS) {
      expect(
        krippendorffAlpha(
          [
            [1, 1, null],
            [3, null, 3],
            [0, 0, 0],
          ],
          level,
        ),
      ).toBe(1);
    }
  });

  it('is undefined without pairs or without variation', () => {
    for (const level of LEVELS) {
      expect(krippendorffAlpha([], level)).toBeNull();
      expect(krippendorffAlpha([[], [null, null]], level)).toBeNull();
      expect(krippendorffAlpha([[1], [2, null], [null, 3]], level)).toBeNull();
      expect(
        krippendorffAlpha(
          [
            [2, 2],
            [2, 2],
          ],
          level,
        ),
      ).toBeNull();
    }
  });

  it('takes one unit, which can only disagree', () => {
    expect(krippendorffAlpha([[1, 2]], 'interval')).toBe(0);
  });

  it('reads an iterator once, which may hand out the same array again', () => {
    function* reused() {
      const unit: (number | null)[] = [0, 0];
      for (const [a, b] of [
        [0, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        unit[0] = a;
        unit[1] = b;
        yield unit;
      }
    }
    const units = [
      [0, 0],
      [0, 1],
      [1, 1],
    ];
    expect(krippendorffAlpha(reused(), 'ordinal')).toBe(krippendorffAlpha(units, 'ordinal'));
  });

  it('has zero at the bottom of a ratio scale, and nothing below', () => {
    expect(
      krippendorffAlpha(
        [
          [0, 0],
          [0, 4],
          [4, 4],
        ],
        'ratio',
      ),
    ).toBeCloseTo(4 / 9, 14);
    expect(() => krippendorffAlpha([[-1, 1]], 'ratio')).toThrow(RangeError);
    expect(() => krippendorffAlpha([[Number.NaN, 1]], 'nominal')).toThrow(RangeError);
  });

  it('keeps its digits far from zero', () => {
    const units = [
      [1, 2],
      [3, 3],
      [2, 2],
      [1, 1],
    ];
    const far = units.map((unit) => unit.map((rating) => rating + 1e8));
    expect(krippendorffAlpha(far, 'interval')).toBeCloseTo(krippendorffAlpha(units, 'interval')!, 12);
  });

  it('does not slow down with many units and many distinct values', () => {
    const units = Array.from({ length: 50_000 }, (_, i) => [
      Math.sin(i),
      Math.sin(i) + Math.cos(7 * i) / 9,
      i % 7,
    ]);
    expect(processorMs(() => krippendorffAlpha(units, 'ordinal'))).toBeLessThan(5_000);
  });
});
