import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { langReiczigel } from './lang-reiczigel.ts';
import { itMatches } from './reference-vectors.fixture.ts';
import { type JudgedCounts, roganGladen } from './rogan-gladen.ts';

interface Vector {
  readonly k: number;
  readonly n: number;
  readonly tp: number;
  readonly pos: number;
  readonly tn: number;
  readonly neg: number;
  readonly rg: number;
  readonly seRG: number;
  readonly ci: [number, number];
}

const countsOf = ({ k, n, tp, pos, tn, neg }: Vector): JudgedCounts => ({
  n,
  flagged: k,
  positives: pos,
  truePositives: tp,
  negatives: neg,
  trueNegatives: tn,
});

const some = { n: 400, flagged: 60, positives: 50, truePositives: 45, negatives: 100, trueNegatives: 92 };

const someCounts: fc.Arbitrary<JudgedCounts> = fc
  .tuple(
    ...[0, 1, 2].flatMap(() => [
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ]),
  )
  .map(([n, p, positives, se, negatives, sp]) => ({
    n: n!,
    flagged: Math.round(n! * p!),
    positives: positives!,
    truePositives: Math.round(positives! * se!),
    negatives: negatives!,
    trueNegatives: Math.round(negatives! * sp!),
  }));

describe('roganGladen and langReiczigel', () => {
  itMatches<Vector[]>('give the reference values', 'langReiczigel', (vectors) => {
    for (const vector of vectors) {
      const { estimate, standardError } = roganGladen(countsOf(vector));
      expect(estimate).toBeCloseTo(vector.rg, 11);
      expect(standardError).toBeCloseTo(vector.seRG, 11);
      const [low, high] = langReiczigel(countsOf(vector));
      expect(low).toBeCloseTo(vector.ci[0], 11);
      expect(high).toBeCloseTo(vector.ci[1], 11);
    }
  });

  it('a perfect judge needs no correction', () => {
    const perfect = { ...some, truePositives: 50, trueNegatives: 100 };
    expect(roganGladen(perfect)).toEqual({
      estimate: 0.15,
      standardError: Math.sqrt((0.15 * 0.85) / 400),
      sensitivity: 1,
      specificity: 1,
    });
  });

  it('a judge no better than a coin says nothing', () => {
    const coin = { ...some, truePositives: 25, trueNegatives: 50 };
    expect(roganGladen(coin)).toEqual({
      estimate: null,
      standardError: null,
      sensitivity: 0.5,
      specificity: 0.5,
    });
    expect(langReiczigel(coin)).toEqual([0, 1]);
    expect(langReiczigel({ ...some, truePositives: 0 })).toEqual([0, 1]);
  });

  it('an estimate below 0 is left as it is, its interval is not', () => {
    const rare = { n: 300, flagged: 8, positives: 30, truePositives: 27, negatives: 120, trueNegatives: 116 };
    expect(roganGladen(rare).estimate).toBeLessThan(0);
    expect(langReiczigel(rare)[0]).toBe(0);
  });

  it('the interval stays within [0, 1], and closes in on the estimate as counts grow', () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        const [low, high] = langReiczigel(counts);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(high);
      }),
    );
    const many = Object.fromEntries(Object.entries(some).map(([key, count]) => [key, 1e8 * count]));
    const [low, high] = langReiczigel(many as unknown as JudgedCounts);
    const { estimate } = roganGladen(some);
    expect(low).toBeLessThan(estimate!);
    expect(high).toBeGreaterThan(estimate!);
    expect(high - low).toBeLessThan(1e-4);
  });

  it('turned round (yes for no) they mirror themselves', () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        const turned = {
          n: counts.n,
          flagged: counts.n - counts.flagged,
          positives: counts.negatives,
          truePositives: counts.trueNegatives,
          negatives: counts.positives,
          trueNegatives: counts.truePositives,
        };
        const [a, b] = [roganGladen(counts), roganGladen(turned)];
        // Next to a coin the estimate is a quotient of rounding errors.
        if (a.sensitivity + a.specificity - 1 < 1e-6) return;
        expect(b.estimate).toBeCloseTo(1 - a.estimate!, 6);
        expect(langReiczigel(turned)[0]).toBeCloseTo(1 - langReiczigel(counts)[1], 8);
      }),
    );
  });

  it('refuse counts that are none, and a level that is none', () => {
    for (const wrong of [
      { n: 0, flagged: 0 },
      { flagged: 401 },
      { positives: 0, truePositives: 0 },
      { trueNegatives: -1 },
    ]) {
      expect(() => roganGladen({ ...some, ...wrong })).toThrow(RangeError);
      expect(() => langReiczigel({ ...some, ...wrong })).toThrow(RangeError);
    }
    expect(() => langReiczigel(some, 1)).toThrow(RangeError);
  });
});
