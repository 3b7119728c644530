import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRelative } from './closeness.fixture.ts';
import { betaLogitQuantile, betaTails, stirlingError } from './incomplete-beta.ts';

describe('stirlingError', () => {
  // Computed with mpmath to 40 digits.
  test.each([
    [0.01, 1.4340079537031842],
    [0.5, 0.15342640972002736],
    [1, 0.08106146679532726],
    [9.75, 0.008544020505848588],
    [10, 0.00833056343336287],
    [1000, 8.333333055555635e-5],
  ])('of %d', (z, expected) => {
    expect(Math.abs(stirlingError(z) - expected)).toBeLessThan(1e-15);
  });
});

describe('betaTails', () => {
  const shape = fc.double({ min: -1.5, max: 6, noNaN: true }).map((exponent) => 10 ** exponent);
  const inside = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });

  test('add up to 1 and swap with their arguments', () => {
    fc.assert(
      fc.property(inside, shape, shape, (x, a, b) => {
        const tails = betaTails(x, 1 - x, a, b);
        const mirrored = betaTails(1 - x, x, b, a);
        expect(Math.exp(tails.logLower) + Math.exp(tails.logUpper)).toBeCloseTo(1, 14);
        expect(Math.abs(Math.exp(mirrored.logUpper) - Math.exp(tails.logLower))).toBeLessThan(1e-11);
      }),
    );
  });

  test('match the recurrence I_x(a+1, b) = I_x(a, b) − xᵃ yᵇ / (a B(a, b))', () => {
    fc.assert(
      fc.property(inside, shape, shape, (x, a, b) => {
        const here = betaTails(x, 1 - x, a, b);
        const next = Math.exp(betaTails(x, 1 - x, a + 1, b).logLower);
        expect(Math.abs(Math.exp(here.logLower) - Math.exp(here.logPower) / a - next)).toBeLessThan(1e-11);
      }),
    );
  });

  test('and their quantile are inverse to each other', () => {
    const tail = fc.double({ min: -250, max: -1e-3, noNaN: true });
    fc.assert(
      fc.property(tail, shape, shape, (logTail, a, b) => {
        const p = Math.exp(logTail);
        const u = betaLogitQuantile(p, 1 - p, a, b);
        fc.pre(u > -700);
        const { logLower } = betaTails(1 / (1 + Math.exp(-u)), 1 / (1 + Math.exp(u)), a, b);
        expectRelative(Math.exp(logLower), p, 1e-10 * Math.max(1, Math.sqrt(a + b) * 1e-2));
      }),
    );
  });
});
