import { betaQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireCount, requireLevel } from '../numerics/requirements.ts';

/**
 * Jeffreys interval for a proportion: the equal-tailed posterior interval under a Beta(½, ½) prior, with its lower
 * end put to 0 at x = 0 and its upper end to 1 at x = n.
 *
 * @param x     successes, in [0, n]; need not be whole
 * @param n     trials, > 0; need not be whole
 * @param level two-sided level, in (0, 1)
 * @throws RangeError for n ≤ 0, x outside [0, n], or a level outside (0, 1)
 * @see Brown, Cai & DasGupta (2001), section 3.1.3
 *
 * @example
 * jeffreys(3, 10); // => [0.0927, 0.6058]
 */
export function jeffreys(x: number, n: number, level = 0.95): Interval {
  requireCount('jeffreys', x, n);
  const tail = (1 - requireLevel('jeffreys', level)) / 2;
  return [
    x === 0 ? 0 : betaQuantile(tail, x + 0.5, n - x + 0.5),
    x === n ? 1 : betaQuantile(1 - tail, x + 0.5, n - x + 0.5),
  ];
}
