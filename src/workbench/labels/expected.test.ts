import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mean, randomSource, stratifiedPpiMean } from '../../stats/index.ts';
import { allocate } from './allocate.ts';
import { type ExpectedArm, expectedEstimate, expectedInterval, expectedVariance } from './expected.ts';

const arm = (
  errors: Partial<{ rate: number; sensitivity: number; specificity: number }> = {},
): ExpectedArm => ({
  trials: 600,
  clusters: 600,
  designEffect: 1,
  errors: { kind: 'rate', rate: 0.3, sensitivity: 0.8, specificity: 0.9, ...errors },
});

describe('what labels are expected to come to', () => {
  it('is the judge’s rate undone by its errors', () => {
    expect(expectedEstimate(arm())).toBeCloseTo((0.3 - 0.1) / 0.7, 12);
    expect(expectedEstimate(arm({ rate: 0.05 }))).toBe(0);
    expect(expectedEstimate(arm({ sensitivity: 0.4, specificity: 0.5 }))).toBe(0.3);
  });

  it.each([60, 120, 300])('is as wide as the intervals turn out to be, after %i labels', (labels) => {
    const random = randomSource(11);
    const widths: number[] = [];
    for (let round = 0; round < 60; round++) {
      const truth = Array.from({ length: 600 }, () => Number(random.fraction() < 2 / 7));
      const judge = truth.map((yes) => Number(random.fraction() < (yes ? 0.8 : 0.1)));
      const [yes, no] = [
        judge.filter((said) => said === 1).length,
        judge.filter((said) => said === 0).length,
      ];
      const shares = allocate(
        [
          { says: 'yes', size: yes, picked: 0 },
          { says: 'no', size: no, picked: 0 },
        ],
        labels,
      );
      const left = { 1: shares[0]!, 0: shares[1]! };
      // The order is random already.
      const human = truth.map((value, i) => (left[judge[i] as 0 | 1]-- > 0 ? value : Number.NaN));
      const ids = truth.map((_, i) => i);
      const data = { judge, human, strata: judge, samples: ids, clusters: ids };
      const [low, high] = stratifiedPpiMean(data, { pseudoError: 1 }).interval!;
      widths.push(high - low);
    }
    const [low, high] = expectedInterval(2 / 7, expectedVariance(arm(), labels), labels - 2);
    expect((high - low) / mean(widths)).toBeGreaterThan(0.9);
    expect((high - low) / mean(widths)).toBeLessThan(1.1);
  });

  it('never grows with more labels, and with all of them is the sampling error alone', () => {
    const rate = fc.double({ min: 0.02, max: 0.98, noNaN: true });
    const share = fc.double({ min: 0.55, max: 1, noNaN: true });
    fc.assert(
      fc.property(rate, share, share, fc.integer({ min: 30, max: 500 }), (r, sensitivity, specificity, n) => {
        const one = arm({ rate: r, sensitivity, specificity });
        const [few, more, all] = [n, n + 60, 600].map((labels) => expectedVariance(one, labels));
        expect(more!.labels).toBeLessThanOrEqual(few!.labels + 1e-12);
        expect(all!.labels).toBeCloseTo(0, 12);
        const score: ExpectedArm = {
          ...one,
          errors: { kind: 'score', mean: 2, deviation: 1, correlation: sensitivity, width: 5 },
        };
        expect(expectedVariance(score, n + 60).labels).toBeLessThan(expectedVariance(score, n).labels);
      }),
    );
  });
});
