import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRelative } from '../numerics/closeness.fixture.ts';
import { studentTQuantile } from '../numerics/distributions.ts';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import { pairedDifference } from './paired-difference.ts';
import { smallestEquivalenceMargin, tost } from './tost.ts';

interface TostVectors {
  readonly d: readonly number[];
  readonly cluster: readonly number[];
  readonly tost15: readonly [number, number];
}

itMatches<TostVectors>('the reference values', 'pairedClustered', (vectors) => {
  const { mean, standardError, df } = pairedDifference(vectors.d, vectors.cluster);
  const { pLower, pUpper, p } = tost({ mean, standardError: standardError!, df: df! }, 0.15);
  expectRelative(pLower, vectors.tost15[0], 1e-10);
  expectRelative(pUpper, vectors.tost15[1], 1e-10);
  expect(p).toBe(pUpper);
});

describe('tost', () => {
  const estimate = fc.record({
    mean: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
    standardError: fc.double({ min: 1e-4, max: 0.2, noNaN: true }),
    df: fc.double({ min: 1, max: 200, noNaN: true }),
  });
  const margin = fc.double({ min: 0.001, max: 0.5, noNaN: true });

  test('is below 0.05 exactly where the 90 % interval is inside the margin', () => {
    fc.assert(
      fc.property(estimate, margin, ({ mean, standardError, df }, delta) => {
        const reach = studentTQuantile(0.95, df) * standardError;
        const smallest = smallestEquivalenceMargin([[mean - reach, mean + reach]]);
        fc.pre(Math.abs(smallest - delta) > 1e-9);
        expect(tost({ mean, standardError, df }, delta).p < 0.05).toBe(smallest < delta);
      }),
    );
  });

  test('falls with the margin, and its sides swap with the sign', () => {
    fc.assert(
      fc.property(estimate, margin, (found, delta) => {
        const { pLower, pUpper, p } = tost(found, delta);
        expect(tost(found, delta * 1.5).p).toBeLessThanOrEqual(p);
        const mirrored = tost({ ...found, mean: -found.mean }, delta);
        expect(mirrored.pLower).toBe(pUpper);
        expect(mirrored.pUpper).toBe(pLower);
      }),
    );
  });

  test('believes the estimate where the standard error is 0', () => {
    expect(tost({ mean: 0, standardError: 0, df: 5 }, 0.1).p).toBe(0);
    expect(tost({ mean: 0.1, standardError: 0, df: 5 }, 0.1)).toEqual({ pLower: 0, pUpper: 1, p: 1 });
  });

  test('refuses margins and standard errors that can not be', () => {
    expect(() => tost({ mean: 0, standardError: 1, df: 5 }, 0)).toThrow(
      /margin = 0 is not a positive number/,
    );
    expect(() => tost({ mean: 0, standardError: -1, df: 5 }, 1)).toThrow(/standard error = -1/);
  });
});

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
