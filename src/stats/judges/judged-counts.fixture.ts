import fc from 'fast-check';
import type { JudgedCounts } from './rogan-gladen.ts';

/** A reference value, as the vectors name its parts. */
export interface JudgedVector {
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

export function countsOf({ k, n, tp, pos, tn, neg }: JudgedVector): JudgedCounts {
  return { n, flagged: k, positives: pos, truePositives: tp, negatives: neg, trueNegatives: tn };
}

export const exampleCounts: JudgedCounts = {
  n: 400,
  flagged: 60,
  positives: 50,
  truePositives: 45,
  negatives: 100,
  trueNegatives: 92,
};

export const someCounts: fc.Arbitrary<JudgedCounts> = fc
  .tuple(
    ...[0, 1, 2].flatMap(() => [
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
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

/** The same judge and units, with yes for no. */
export function mirrored(counts: JudgedCounts): JudgedCounts {
  return {
    n: counts.n,
    flagged: counts.n - counts.flagged,
    positives: counts.negatives,
    truePositives: counts.trueNegatives,
    negatives: counts.positives,
    trueNegatives: counts.truePositives,
  };
}

export const wrongCounts: readonly Partial<JudgedCounts>[] = [
  { n: 0, flagged: 0 },
  { flagged: 401 },
  { positives: 0, truePositives: 0 },
  { trueNegatives: -1 },
];
