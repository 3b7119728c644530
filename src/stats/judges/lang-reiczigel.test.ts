import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itMatches } from '../numerics/reference-vectors.fixture.ts';
import {
  countsOf,
  exampleCounts,
  type JudgedVector,
  mirrored,
  someCounts,
  wrongCounts,
} from './judged-counts.fixture.ts';
import { langReiczigel } from './lang-reiczigel.ts';
import { type JudgedCounts, roganGladen } from './rogan-gladen.ts';

describe('langReiczigel', () => {
  itMatches<JudgedVector[]>('gives the reference values', 'langReiczigel', (vectors) => {
    for (const vector of vectors) {
      const [low, high] = langReiczigel(countsOf(vector));
      expect(low).toBeCloseTo(vector.ci[0], 11);
      expect(high).toBeCloseTo(vector.ci[1], 11);
    }
  });

  it('knows nothing through a judge no better than a coin', () => {
    expect(langReiczigel({ ...exampleCounts, truePositives: 25, trueNegatives: 50 })).toEqual([0, 1]);
    expect(langReiczigel({ ...exampleCounts, truePositives: 0 })).toEqual([0, 1]);
  });

  it('stays within [0, 1]', () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        const [low, high] = langReiczigel(counts);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(high);
      }),
    );
  });

  it('closes in on the Rogan–Gladen estimate as counts grow', () => {
    const many = Object.fromEntries(Object.entries(exampleCounts).map(([key, count]) => [key, 1e8 * count]));
    const [low, high] = langReiczigel(many as unknown as JudgedCounts);
    const { estimate } = roganGladen(exampleCounts);
    expect(low).toBeLessThan(estimate!);
    expect(high).toBeGreaterThan(estimate!);
    expect(high - low).toBeLessThan(1e-4);
  });

  it('is wider at a higher level', () => {
    const [low, high] = langReiczigel(exampleCounts, 0.9);
    const [lower, higher] = langReiczigel(exampleCounts, 0.99);
    expect(lower).toBeLessThanOrEqual(low);
    expect(higher).toBeGreaterThan(high);
  });

  it('with yes for no is mirrored', () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        const { sensitivity, specificity } = roganGladen(counts);
        // Next to a coin the ends are quotients of rounding errors.
        fc.pre(Math.abs(sensitivity + specificity - 1) > 0.05);
        expect(langReiczigel(mirrored(counts))[0]).toBeCloseTo(1 - langReiczigel(counts)[1], 8);
      }),
    );
  });

  it('refuses counts that are none, and a level that is none', () => {
    for (const wrong of wrongCounts)
      expect(() => langReiczigel({ ...exampleCounts, ...wrong })).toThrow(RangeError);
    expect(() => langReiczigel(exampleCounts, 1)).toThrow(RangeError);
  });
});
