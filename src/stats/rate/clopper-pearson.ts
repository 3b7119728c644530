import { betaQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireCount, requireLevel } from '../numerics/requirements.ts';

/**
 * Clopper–Pearson ("exact") interval for a proportion: never covers less than its level, usually more.
 *
 * @param x     successes, in [0, n]; need not be whole
 * @param n     trials, > 0; need not be whole
 * @param level two-sided confidence level, in (0, 1)
 * @returns     [lower, upper], in [0, 1]; 0 and 1 are exact at x = 0 and x = n
 * @throws RangeError for n ≤ 0, x outside [0, n], or a level outside (0, 1)
 * @see Clopper & Pearson (1934)
 *
 * @example
 * clopperPearson(0, 50); // => [0, 0.0711]
 */
export function clopperPearson(x: number, n: number, level = 0.95): Interval {
  requireCount('clopperPearson', x, n);
  const tail = (1 - requireLevel('clopperPearson', level)) / 2;
  return [x === 0 ? 0 : betaQuantile(tail, x, n - x + 1), x === n ? 1 : betaQuantile(1 - tail, x + 1, n - x)];
}
