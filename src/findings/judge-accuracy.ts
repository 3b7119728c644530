import { clopperPearson, clusteredRate, langReiczigel, roganGladen } from '../stats/index.ts';
import type { CorrectedFindings, Interval } from './findings.ts';
import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

type Accuracy = Pick<
  CorrectedFindings['stages'][number],
  'sensitivity' | 'specificity' | 'sensitivityInterval' | 'specificityInterval' | 'roganGladen'
>;

const NO_ACCURACY = {
  sensitivity: null,
  specificity: null,
  sensitivityInterval: null,
  specificityInterval: null,
} as const;

/**
 * How well a judge of yes and no finds what the human found, trial by trial: sensitivity among the human's yeses,
 * specificity among the noes, and the rate that these make of the judge's own count. All `null` where either gives other
 * values than 0 and 1.
 */
export function judgeAccuracy(judge: RatingColumn, human: RatingColumn, stage: number): Accuracy {
  const { table } = judge;
  const yes: { right: number[]; clusters: number[] } = { right: [], clusters: [] };
  const no: typeof yes = { right: [], clusters: [] };
  let flagged = 0;
  let rated = 0;
  const start = firstCell(table, stage, 0);
  for (let cell = start; cell < firstCell(table, stage + 1, 0); cell++) {
    const [said, truth] = [judge.values[cell]!, human.values[cell]!];
    if (![said, truth].every((value) => Number.isNaN(value) || value === 0 || value === 1))
      return NO_ACCURACY;
    if (Number.isNaN(said)) continue;
    rated++;
    flagged += said;
    if (Number.isNaN(truth)) continue;
    const among = truth === 1 ? yes : no;
    among.right.push(said === truth ? 1 : 0);
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
      : { roganGladen: correctedRate({ n: rated, flagged, yes: yes.right, no: no.right }) }),
  };
}

function shareRight({ right, clusters }: { right: readonly number[]; clusters: readonly number[] }): {
  readonly share: number;
  readonly interval: Interval;
} | null {
  if (right.length === 0) return null;
  const { estimate, interval } = clusteredRate(right, clusters);
  return { share: estimate, interval: interval ?? clopperPearson(count(right), right.length) };
}

function correctedRate({ n, flagged, yes, no }: { n: number; flagged: number; yes: number[]; no: number[] }) {
  const counts = {
    n,
    flagged,
    positives: yes.length,
    truePositives: count(yes),
    negatives: no.length,
    trueNegatives: count(no),
  };
  return { estimate: roganGladen(counts).estimate, interval: langReiczigel(counts) };
}

function count(right: readonly number[]): number {
  return right.reduce((sum, one) => sum + one, 0);
}
