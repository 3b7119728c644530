import type { Interval } from '../numerics/interval.ts';

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
