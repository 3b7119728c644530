import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { increasingRoot } from './increasing-root.ts';

describe('increasingRoot', () => {
  test.each([
    ['a line', (x: number) => x - 0.3, 0.3],
    ['a cube, flat at its root', (x: number) => (x - 0.4) ** 3, 0.4],
    ['an exponential', (x: number) => Math.exp(20 * x) - Math.exp(18), 0.9],
    ['a step', (x: number) => (x < 0.123 ? -1 : 1e-9), 0.123],
    ['flat, then steep', (x: number) => x ** 60 - 0.5, 0.5 ** (1 / 60)],
  ])('%s', (_, f, root) => {
    expect(Math.abs(increasingRoot(f, 0, 1, 1e-10) - root)).toBeLessThanOrEqual(1e-10);
  });

  test('an end, where the function does not change its sign', () => {
    expect(increasingRoot((x) => x + 1, 0, 1, 1e-9)).toBe(0);
    expect(increasingRoot((x) => x - 2, 0, 1, 1e-9)).toBe(1);
  });

  test('takes far fewer calls than bisection', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), (root) => {
        let calls = 0;
        const curve = (x: number) => {
          calls++;
          return Math.tanh(8 * (x - root));
        };
        increasingRoot(curve, 0, 1, 1e-12);
        expect(calls).toBeLessThan(25);
      }),
    );
  });
});
