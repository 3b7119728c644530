import { studentTCdf } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireNonNegative, requirePositive } from '../numerics/requirements.ts';

/** The p values of the two one-sided tests; `p`, the larger, is that of equivalence. */
export interface Tost {
  /** Of the hypothesis that the difference is −margin or less. */
  readonly pLower: number;
  /** Of the hypothesis that the difference is margin or more. */
  readonly pUpper: number;
  readonly p: number;
}

/**
 * Two one-sided t tests: is the difference within ±margin? p < 0.05 exactly where the 90 % interval is inside.
 * A standard error of 0 puts all belief on the estimate; ask Tango's score beside it.
 *
 * @param estimate  the difference, its standard error (≥ 0) and degrees of freedom (> 0)
 * @param margin    > 0
 * @throws RangeError for a margin that is not positive, or a negative standard error
 * @see Schuirmann (1987)
 *
 * @example
 * tost({ mean: 0.01, standardError: 0.02, df: 40 }, 0.05); // => { pLower: 0.0023, pUpper: 0.0262, p: 0.0262 }
 */
export function tost(
  estimate: { readonly mean: number; readonly standardError: number; readonly df: number },
  margin: number,
): Tost {
  const { mean, standardError, df } = estimate;
  requirePositive('tost', 'the margin', margin);
  requireNonNegative('tost', 'the standard error', standardError);
  return tostOf(tailBeyond(mean + margin, standardError, df), tailBeyond(margin - mean, standardError, df));
}

/** Both one-sided p values as one result. */
export function tostOf(pLower: number, pUpper: number): Tost {
  return { pLower, pUpper, p: Math.max(pLower, pUpper) };
}

/** P(T ≥ distance/standardError): small where the estimate lies far inside that end of the margin. */
function tailBeyond(distance: number, standardError: number, df: number): number {
  if (standardError === 0) return distance > 0 ? 0 : 1;
  return studentTCdf(-distance / standardError, df);
}

/**
 * The smallest margin at which these data show equivalence: the far end of the widest 90 % interval.
 *
 * @param interval90s the 90 % intervals that all must lie inside the margin
 * @throws RangeError when there are none
 *
 * @example
 * smallestEquivalenceMargin([[-0.02, 0.04], [-0.03, 0.05]]); // => 0.05
 */
export function smallestEquivalenceMargin(interval90s: readonly Interval[]): number {
  if (interval90s.length === 0) throw new RangeError('smallestEquivalenceMargin: there are no intervals');
  return Math.max(...interval90s.flat().map(Math.abs));
}
