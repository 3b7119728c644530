import { describe, expect, test } from 'vitest';
import { smallestEquivalenceMargin } from './equivalence-margin.ts';

describe('smallestEquivalenceMargin', () => {
  test('is the far end of the widest interval', () => {
    expect(
      smallestEquivalenceMargin([
        [-0.02, 0.05],
        [-0.07, 0.01],
      ]),
    ).toBe(0.07);
  });

  test('refuses to say anything of no intervals', () => {
    expect(() => smallestEquivalenceMargin([])).toThrow(/no intervals/);
  });
});
