import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearScale, niceDomain, niceStep, ticksBetween } from './axis.ts';

it('maps linearly, ends on ends', () => {
  const scale = linearScale([-1, 3], [10, 50]);
  expect([scale(-1), scale(0), scale(3)]).toEqual([10, 20, 50]);
});

it('steps by 1, 2, 2.5 or 5 times a power of ten', () => {
  expect([niceStep(1, 5), niceStep(0.37, 5), niceStep(80, 4), niceStep(4.4, 6)]).toEqual([0.2, 0.1, 20, 1]);
});

it('ticks at multiples, without the tail of binary fractions', () => {
  expect(ticksBetween([0, 0.6], 0.1)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
  expect(ticksBetween([-0.12, 0.11], 0.05)).toEqual([-0.1, -0.05, 0, 0.05, 0.1]);
});

describe('niceDomain', () => {
  it('is the bounds where there is nothing to show', () => {
    expect(niceDomain([0, 0], [0, 1], 5)).toEqual({ domain: [0, 1], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] });
    expect(niceDomain([], [0, 5], 5).domain).toEqual([0, 5]);
  });

  it('holds all values inside its bounds, and ticks stay inside it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 2, max: 8 }),
        (values, wanted) => {
          const { domain, ticks } = niceDomain([0, ...values], [0, 1], wanted);
          expect(domain[0]).toBe(0);
          expect(domain[1]).toBeLessThanOrEqual(1);
          expect(domain[1]).toBeGreaterThanOrEqual(Math.max(...values) - 1e-9);
          expect(ticks.length).toBeGreaterThanOrEqual(2);
          expect(ticks.length).toBeLessThanOrEqual(2 * wanted + 2);
          for (const tick of ticks) expect(tick >= domain[0] - 1e-9 && tick <= domain[1] + 1e-9).toBe(true);
        },
      ),
    );
  });
});
