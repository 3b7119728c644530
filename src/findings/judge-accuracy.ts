import { clopperPearson, langReiczigel, roganGladen, sum, weightedRate } from '../stats/index.ts';
import type { Interval } from './findings.ts';
import type { CorrectedFindings } from './label-findings.ts';
import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

type Accuracy = Pick<
  CorrectedFindings['stages'][number],
  'sensitivity' | 'specificity' | 'sensitivityInterval' | 'specificityInterval' | 'roganGladen'
>;

export const NO_ACCURACY = {
  sensitivity: null,
  specificity: null,
  sensitivityInterval: null,
  specificityInterval: null,
} as const;

/** Trials of one kind: whether the judge was right of each, how many trials it stands for, its cluster. */
interface KnownLabels {
  readonly right: number[];
  readonly weights: number[];
  readonly clusters: number[];
}

/** Labels that were picked with unequal probabilities: the stratum of each cell, and how many trials a label there stands for. */
interface LabelWeights {
  readonly stratum: Int32Array;
  readonly weightOf: (stratum: number) => number;
}

/**
 * How well a judge of yes and no finds what the human found, trial by trial: sensitivity among the human's yeses,
 * specificity among the noes, and the rate that these make of the judge's own count. All `null` where either gives other
 * values than 0 and 1.
 *
 * @param picked where the labels are not a simple random part; trials that could not be picked are left out
 */
export function judgeAccuracy(
  judge: RatingColumn,
  human: RatingColumn,
  stage: number,
  picked?: LabelWeights,
): Accuracy {
  const { table } = judge;
  const yes: KnownLabels = { right: [], weights: [], clusters: [] };
  const no: KnownLabels = { right: [], weights: [], clusters: [] };
  let flagged = 0;
  let rated = 0;
  const start = firstCell(table, stage, 0);
  for (let cell = start; cell < firstCell(table, stage + 1, 0); cell++) {
    const [said, truth] = [judge.values[cell]!, human.values[cell]!];
    if (![said, truth].every((value) => Number.isNaN(value) || value === 0 || value === 1))
      return NO_ACCURACY;
    if (Number.isNaN(said) || (picked !== undefined && picked.stratum[cell]! < 0)) continue;
    rated++;
    flagged += said;
    if (Number.isNaN(truth)) continue;
    const among = truth === 1 ? yes : no;
    among.right.push(said === truth ? 1 : 0);
    among.weights.push(picked === undefined ? 1 : picked.weightOf(picked.stratum[cell]!));
    among.clusters.push(table.clusters[Math.floor((cell - start) / table.epochs)]!);
  }
  const [sensitivity, specificity] = [shareRight(yes), shareRight(no)];
  return {
    sensitivity: sensitivity?.share ?? null,
    specificity: specificity?.share ?? null,
    sensitivityInterval: sensitivity?.interval ?? null,
    specificityInterval: specificity?.interval ?? null,
    ...(sensitivity === null || specificity === null || rated === 0
      ? {}
      : { roganGladen: correctedRate(rated, flagged, yes, no) }),
  };
}

function shareRight({ right, weights, clusters }: KnownLabels): {
  readonly share: number;
  readonly interval: Interval;
} | null {
  if (right.length === 0) return null;
  const { estimate, interval } = weightedRate(right, weights, clusters);
  return { share: estimate, interval: interval ?? clopperPearson(sum(right), right.length) };
}

/** Weighted labels count for as many as would be as informative with equal weights (Kish). */
function correctedRate(
  n: number,
  flagged: number,
  yes: KnownLabels,
  no: KnownLabels,
): NonNullable<Accuracy['roganGladen']> {
  const [positives, negatives] = [effective(yes), effective(no)];
  const counts = {
    n,
    flagged,
    positives: positives.n,
    truePositives: positives.right,
    negatives: negatives.n,
    trueNegatives: negatives.right,
  };
  const { estimate } = roganGladen(counts);
  const interval = langReiczigel(counts);
  if (estimate === null || (estimate >= 0 && estimate <= 1)) return { estimate, interval };
  const why =
    estimate < 0
      ? 'its false alarms alone would explain more than it counted'
      : 'it counted more than it could have found';
  return { estimate: null, interval, why };
}

function effective({ right, weights }: KnownLabels): { readonly n: number; readonly right: number } {
  const total = sum(weights);
  const n = total ** 2 / sum(weights.map((weight) => weight * weight));
  // Rounding may not make more right ones than there are.
  return { n, right: Math.min(n, (n * sum(right.map((one, i) => one * weights[i]!))) / total) };
}
