import { describe, expect, test } from 'vitest';
import { gaussLegendre } from './gauss-legendre.ts';

describe('gaussLegendre', () => {
  test.each([1, 2, 3, 8, 33, 128])('%d points are exact up to degree 2n − 1', (n) => {
    for (const degree of [0, 1, n, 2 * n - 1]) {
      const exact = (3 ** (degree + 1) - 1) / (degree + 1);
      expect(gaussLegendre((x) => x ** degree, 1, 3, n) / exact).toBeCloseTo(1, 11);
    }
  });

  test('two points are not exact for degree 4', () => {
    expect(gaussLegendre((x) => x ** 4, -1, 1, 2)).toBeCloseTo(2 / 9, 14);
  });

  test('the bell curve', () => {
    expect(gaussLegendre((x) => Math.exp(-x * x), -6, 6, 64)).toBeCloseTo(Math.sqrt(Math.PI), 13);
  });

  test('turned ends give the negative', () => {
    expect(gaussLegendre(Math.exp, 1, 0, 20)).toBeCloseTo(1 - Math.E, 14);
  });
});
