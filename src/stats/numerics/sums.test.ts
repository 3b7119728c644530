import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mean, sum } from './sums.ts';

describe('sum', () => {
  test('keeps what a plain loop loses', () => {
    expect(sum([1e100, 1, -1e100])).toBe(1);
    expect(sum(new Array(10).fill(0.1))).toBe(1);
  });

  test('is 0 for no numbers', () => {
    expect(sum([])).toBe(0);
  });

  test('does not depend on the order beyond the last digit', () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 200 });
    fc.assert(
      fc.property(numbers, (values) => {
        const size = values.reduce((total, value) => total + Math.abs(value), 0);
        expect(Math.abs(sum(values) - sum(values.toReversed()))).toBeLessThanOrEqual(1e-15 * size);
      }),
    );
  });
});

describe('mean', () => {
  test('of a constant is that constant, to its last bit', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 300 }),
        (c, n) => {
          expect(Math.abs(mean(new Array(n).fill(c)) - c)).toBeLessThanOrEqual(Number.EPSILON * Math.abs(c));
        },
      ),
    );
  });

  test('of far-off values keeps their small differences', () => {
    expect(mean([1e15 + 1, 1e15 + 2, 1e15 + 3])).toBe(1e15 + 2);
  });

  test('throws for no values', () => {
    expect(() => mean([])).toThrow(RangeError);
  });
});
