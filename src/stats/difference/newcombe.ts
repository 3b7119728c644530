import { normalQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel, requireNonNegative, requirePositive } from '../numerics/requirements.ts';
import { wilson } from '../rate/wilson.ts';

/**
 * Newcombe's interval (method 10: square-and-add of Wilson intervals with a corrected correlation) for the difference
 * of two paired proportions, (b − c)/n.
 *
 * @param a pairs with 1 in both arms
 * @param b pairs with 1 in the first arm only
 * @param c pairs with 1 in the second arm only
 * @param d pairs with 0 in both arms
 * @returns [lower, upper], in [−1, 1]; contains (b − c)/n
 * @throws RangeError for a negative count, no pairs, or a level outside (0, 1)
 * @see Newcombe (1998), Statistics in Medicine 17, 2635–2650
 *
 * @example
 * newcombe(20, 15, 5, 60); // => [0.012, 0.1866]
 */
export function newcombe(a: number, b: number, c: number, d: number, level = 0.95): Interval {
  for (const [name, count] of Object.entries({ a, b, c, d })) requireNonNegative('newcombe', name, count);
  const n = a + b + c + d;
  requirePositive('newcombe', 'the number of pairs', n);
  const k = normalQuantile((1 + requireLevel('newcombe', level)) / 2);
  const first = (a + b) / n;
  const second = (a + c) / n;
  const [firstLower, firstUpper] = wilson(first, n, k);
  const [secondLower, secondUpper] = wilson(second, n, k);
  const phi = correctedPhi(a, b, c, d);
  const difference = (b - c) / n;
  return [
    difference - squareAndAdd(first - firstLower, secondUpper - second, phi),
    difference + squareAndAdd(second - secondLower, firstUpper - first, phi),
  ];
}

function squareAndAdd(x: number, y: number, phi: number): number {
  return Math.sqrt(Math.max(0, x * x - 2 * phi * x * y + y * y));
}

/** The correlation of the two arms; a positive one is shrunk by n/2 in ad − bc, a continuity correction. */
function correctedPhi(a: number, b: number, c: number, d: number): number {
  const margins = Math.sqrt(a + b) * Math.sqrt(c + d) * Math.sqrt(a + c) * Math.sqrt(b + d);
  if (margins === 0) return 0;
  const product = a * d - b * c;
  return (product > 0 ? Math.max(0, product - (a + b + c + d) / 2) : product) / margins;
}
