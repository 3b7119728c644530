import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRelative } from './closeness.fixture.ts';
import { erf, erfc, erfcInverse } from './error-function.ts';

describe('erfc', () => {
  // Computed with mpmath to 40 digits.
  test.each([
    [-3, 1.9999779095030015],
    [0.25, 0.7236736098317631],
    [1.4999, 0.033906748337704726],
    [1.5, 0.033894853524689274],
    [1.5001, 0.0338829622795825],
    [4, 1.541725790028002e-8],
    [15, 7.212994172451207e-100],
    [26, 5.663192408856143e-296],
  ])('of %d keeps its digits', (x, expected) => {
    expectRelative(erfc(x), expected, 1e-13);
  });

  test('ends at 0 and 2', () => {
    expect(erfc(Number.POSITIVE_INFINITY)).toBe(0);
    expect(erfc(40)).toBe(0);
    expect(erfc(Number.NEGATIVE_INFINITY)).toBe(2);
    expect(erfc(0)).toBe(1);
  });

  test('and erf are mirror images', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 6, noNaN: true }), (x) => {
        expect(erf(-x)).toBe(-erf(x));
        expect(Math.abs(erf(x) + erfc(x) - 1)).toBeLessThan(3e-16);
      }),
    );
  });
});

describe('erfcInverse', () => {
  test('turns erfc round, in the far tail too', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 26, noNaN: true }), (x) => {
        // Below −1 erfc nears 2, and a last digit of it is worth many of x.
        const tolerance = x < -1 ? 1e-3 : 1e-12;
        expect(Math.abs(erfcInverse(erfc(x)) - x)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(x)));
      }),
    );
  });

  test('is infinite at 0 and 2 and refuses what is not a value of erfc', () => {
    expect(erfcInverse(0)).toBe(Number.POSITIVE_INFINITY);
    expect(erfcInverse(2)).toBe(Number.NEGATIVE_INFINITY);
    expect(erfcInverse(1)).toBe(0);
    for (const q of [-1e-9, 2.1, Number.NaN]) expect(() => erfcInverse(q)).toThrow(RangeError);
  });
});
