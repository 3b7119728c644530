import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { lanDeMets } from './lan-demets.ts';

const equal = (looks: number) => Array.from({ length: looks }, (_, k) => (k + 1) / looks);

describe('lanDeMets', () => {
  itMatches<{ readonly K4: number[]; readonly K5: number[] }>(
    'matches reference bounds',
    'ldObf',
    ({ K4, K5 }) => {
      lanDeMets(equal(4), 0.025).forEach((bound, k) => {
        expect(Math.abs(bound / K4[k]! - 1)).toBeLessThan(1e-9);
      });
      lanDeMets(equal(5), 0.025).forEach((bound, k) => {
        expect(Math.abs(bound / K5[k]! - 1)).toBeLessThan(1e-9);
      });
    },
  );

  it('is the fixed bound where there is one look', () => {
    expect(lanDeMets([1], 0.025)[0]).toBeCloseTo(1.959963984540054, 9);
    expect(lanDeMets([1], 0.05)[0]).toBeCloseTo(1.6448536269514722, 9);
  });

  it('spends nothing to speak of where hardly anything is known', () => {
    expect(lanDeMets([0.001, 1], 0.025)).toEqual([8, expect.closeTo(1.959963984540054, 6)]);
  });

  it('falls from look to look, and never below the fixed bound', () => {
    const fractions = fc
      .uniqueArray(fc.integer({ min: 10, max: 99 }), { minLength: 1, maxLength: 3 })
      .map((some) => [...some.sort((a, b) => a - b).map((one) => one / 100), 1]);
    fc.assert(
      fc.property(fractions, (looks) => {
        const bounds = lanDeMets(looks, 0.025);
        bounds.forEach((bound, k) => {
          expect(bound).toBeGreaterThan(1.9599);
          if (k > 0) expect(bound).toBeLessThan(bounds[k - 1]! + 1e-9);
        });
      }),
      { numRuns: 10 },
    );
  });

  it('refuses fractions that do not rise, and an alpha that is none', () => {
    for (const wrong of [[], [0.5, 0.5], [0, 1], [0.5, 1.1]])
      expect(() => lanDeMets(wrong, 0.025)).toThrow(RangeError);
    expect(() => lanDeMets([1], 0.6)).toThrow(RangeError);
  });
});
