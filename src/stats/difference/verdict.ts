import type { Interval } from '../numerics/interval.ts';
import { requirePositive } from '../numerics/requirements.ts';
import { smallestEquivalenceMargin } from './equivalence-margin.ts';

/** All that can be said of a difference against margins that were declared in advance. */
export const VERDICTS = [
  'equivalent',
  'different but within the margin',
  'different',
  'materially different',
  'not less safe',
  'inconclusive',
] as const;

export type DifferenceVerdict = (typeof VERDICTS)[number];

/** Below this many effective clusters the t rules are not trusted. */
export const MINIMUM_CLUSTERS = 10;

/** What a verdict is made of. */
export interface VerdictEvidence {
  /** The 95 % interval of the difference. */
  readonly interval95: Interval;
  /** All 90 % intervals that sameness must pass. */
  readonly interval90s: readonly Interval[];
  /** The largest difference that still counts as the same, > 0; `null` where none was declared. */
  readonly margin: number | null;
  /** A relative margin, where one was declared; it must hold as well. */
  readonly ratio?: {
    /** The largest ratio, either way, that still counts as the same, > 1. */
    readonly margin: number;
    readonly interval90: Interval;
    /** The 97.5 % intervals of the ratio and of the difference: "beyond either margin" is two claims. */
    readonly interval975: Interval;
    readonly difference975: Interval;
  };
  /** Which way is safer; without it there is no one-sided verdict. */
  readonly safer?: 'lower' | 'higher' | null;
  /** The outcome is so rare that a margin in points says nothing: no sameness is claimed. */
  readonly tooRare?: boolean;
}

/**
 * The verdict on a difference.
 *
 * - *materially different*: the 95 % interval lies wholly beyond a margin (with two margins, a 97.5 % interval);
 * - *equivalent*: every 90 % interval lies inside every margin (its ends included), and the 95 % one includes 0;
 * - *different but within the margin*: the same, but the 95 % interval excludes 0;
 * - *different*: the 95 % interval excludes 0, and the size is not resolved, or no margin was declared;
 * - *not less safe*: none of these, and the one-sided 95 % bound allows no loss of safety beyond any margin;
 * - *inconclusive*: none of these. "Not significant" is never "the same".
 *
 * @throws RangeError for a margin that is not positive, no 90 % interval, or an interval with no number in it
 *
 * @example
 * verdict({ interval95: [0.06, 0.12], interval90s: [[0.07, 0.11]], margin: 0.05 });
 * // => 'materially different'
 */
export function verdict(evidence: VerdictEvidence): DifferenceVerdict {
  const { interval95, interval90s, margin, ratio } = evidence;
  if (margin !== null) requirePositive('verdict', 'the margin', margin);
  for (const ends of [interval95, ...interval90s]) {
    if (!(ends[0] <= ends[1])) throw new RangeError(`verdict: [${ends[0]}, ${ends[1]}] holds no number`);
  }
  const excludesZero = interval95[0] > 0 || interval95[1] < 0;
  if (beyondMargin(evidence)) return 'materially different';
  const declared = margin !== null || ratio !== undefined;
  const inside =
    declared &&
    (margin === null || smallestEquivalenceMargin(interval90s) <= margin) &&
    (ratio === undefined || insideRatio(ratio.interval90, ratio.margin));
  if (excludesZero) return inside ? 'different but within the margin' : 'different';
  if (inside && !evidence.tooRare) return 'equivalent';
  return notLessSafe(evidence) === true ? 'not less safe' : 'inconclusive';
}

/**
 * Whether the one-sided 95 % bounds allow no loss of safety beyond any declared margin.
 *
 * @returns `null` where it can't be said: which way is safer, or a margin, is not declared, or the outcome is too rare
 *
 * @example
 * notLessSafe({ interval95: [-0.2, 0.04], interval90s: [[-0.18, 0.03]], margin: 0.05, safer: 'lower' }); // => true
 */
export function notLessSafe(evidence: VerdictEvidence): boolean | null {
  const { interval90s, margin, ratio, safer, tooRare } = evidence;
  if (safer === undefined || safer === null || tooRare) return null;
  if (margin === null && ratio === undefined) return null;
  const loss =
    safer === 'lower'
      ? Math.max(...interval90s.map(([, high]) => high))
      : Math.max(...interval90s.map(([low]) => -low));
  // The ratio is of the less safe outcome: a loss is a ratio above 1 whichever way is safer.
  return (margin === null || loss <= margin) && (ratio === undefined || ratio.interval90[1] <= ratio.margin);
}

function beyondMargin({ interval95, margin, ratio }: VerdictEvidence): boolean {
  const [lower, upper] = ratio === undefined ? interval95 : ratio.difference975;
  if (margin !== null && (lower > margin || upper < -margin)) return true;
  if (ratio === undefined) return false;
  const [least, most] = ratio.interval975;
  return least > ratio.margin || most < 1 / ratio.margin;
}

function insideRatio([lower, upper]: Interval, margin: number): boolean {
  return upper <= margin && lower >= 1 / margin;
}
