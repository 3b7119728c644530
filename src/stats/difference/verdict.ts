import type { Interval } from '../numerics/interval.ts';
import { requirePositive } from '../numerics/requirements.ts';
import { smallestEquivalenceMargin } from './tost.ts';

/** All that can be said of a difference against a margin that was declared in advance. */
export const VERDICTS = [
  'equivalent',
  'different but within the margin',
  'different',
  'materially different',
  'inconclusive',
] as const;

export type DifferenceVerdict = (typeof VERDICTS)[number];

/** Below this many clusters no interval of a contrast is trusted: counts and the sign-flip test only. */
export const MINIMUM_CLUSTERS = 10;

/**
 * The verdict on a difference.
 *
 * - *materially different*: the 95 % interval lies wholly beyond the margin, on one side;
 * - *equivalent*: every 90 % interval lies inside the margin (its ends included), and the 95 % one includes 0;
 * - *different but within the margin*: the same, but the 95 % interval excludes 0;
 * - *different*: the 95 % interval excludes 0, and the size is not resolved;
 * - *inconclusive*: none of these. "Not significant" is never "the same".
 *
 * @param interval95  the 95 % interval of the difference
 * @param interval90s all 90 % intervals that equivalence must pass (CR2-t and, for binary measures, Tango's)
 * @param margin      the largest difference that still counts as the same, > 0
 * @throws RangeError for a margin that is not positive, no 90 % interval, or an interval with no number in it
 *
 * @example
 * verdict({ interval95: [0.06, 0.12], interval90s: [[0.07, 0.11]], margin: 0.05 });
 * // => 'materially different'
 */
export function verdict(evidence: {
  readonly interval95: Interval;
  readonly interval90s: readonly Interval[];
  readonly margin: number;
}): DifferenceVerdict {
  const { interval95, interval90s, margin } = evidence;
  requirePositive('verdict', 'the margin', margin);
  for (const ends of [interval95, ...interval90s]) {
    if (!(ends[0] <= ends[1])) throw new RangeError(`verdict: [${ends[0]}, ${ends[1]}] is no interval`);
  }
  const [lower, upper] = interval95;
  if (lower > margin || upper < -margin) return 'materially different';
  const excludesZero = lower > 0 || upper < 0;
  if (smallestEquivalenceMargin(interval90s) <= margin) {
    return excludesZero ? 'different but within the margin' : 'equivalent';
  }
  return excludesZero ? 'different' : 'inconclusive';
}
