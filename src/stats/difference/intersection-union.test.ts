import { describe, expect, it } from 'vitest';
import { intersectionUnion } from './intersection-union.ts';

describe('intersectionUnion', () => {
  it('is as weak as its weakest part', () => {
    expect(intersectionUnion([0.001, 0.04, 0.02])).toBe(0.04);
    expect(intersectionUnion([0])).toBe(0);
  });

  it('refuses to conclude from nothing, or from what is not a p value', () => {
    expect(() => intersectionUnion([])).toThrow(RangeError);
    expect(() => intersectionUnion([0.1, Number.NaN])).toThrow(RangeError);
    expect(() => intersectionUnion([1.5])).toThrow(RangeError);
  });
});
