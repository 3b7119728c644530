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
import { roganGladen } from './rogan-gladen.ts';

describe('roganGladen', () => {
  itMatches<JudgedVector[]>('gives the reference values', 'langReiczigel', (vectors) => {
    for (const vector of vectors) {
      const { estimate, standardError } = roganGladen(countsOf(vector));
      expect(estimate).toBeCloseTo(vector.rg, 11);
      expect(standardError).toBeCloseTo(vector.seRG, 11);
    }
  });

  it('leaves the rate of a perfect judge as it is', () => {
    expect(roganGladen({ ...exampleCounts, truePositives: 50, trueNegatives: 100 })).toEqual({
      estimate: 0.15,
      standardError: Math.sqrt((0.15 * 0.85) / 400),
      sensitivity: 1,
      specificity: 1,
    });
  });

  it('makes nothing of a judge no better than a coin', () => {
    expect(roganGladen({ ...exampleCounts, truePositives: 25, trueNegatives: 50 })).toEqual({
      estimate: null,
      standardError: null,
      sensitivity: 0.5,
      specificity: 0.5,
    });
  });

  it('does not cut off an estimate below 0: false alarms alone explain the count then', () => {
    const rare = { n: 300, flagged: 8, positives: 30, truePositives: 27, negatives: 120, trueNegatives: 116 };
    expect(roganGladen(rare).estimate).toBeLessThan(0);
  });

  it('with yes for no is mirrored', () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        const [a, b] = [roganGladen(counts), roganGladen(mirrored(counts))];
        // Next to a coin the estimate is a quotient of rounding errors.
        fc.pre(a.sensitivity + a.specificity - 1 > 0.01);
        expect(b.estimate).toBeCloseTo(1 - a.estimate!, 6);
        expect(b.standardError).toBeCloseTo(a.standardError!, 6);
      }),
    );
  });

  it('refuses counts that are none', () => {
    for (const wrong of wrongCounts)
      expect(() => roganGladen({ ...exampleCounts, ...wrong })).toThrow(RangeError);
  });
});
