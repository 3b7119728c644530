import type { Interval } from '../numerics/interval.ts';

/** The variances and the covariance of two estimates. */
export interface RatioCovariance {
  readonly numerator: number;
  readonly denominator: number;
  readonly between: number;
}

/**
 * Fieller's confidence set for a ratio of two means. `bounded`: an interval. `two rays`: all but what lies between
 * `outside`. `line`: every ratio is compatible with the data. Only the first says much.
 */
export type FiellerSet =
  | { readonly kind: 'bounded'; readonly interval: Interval }
  | { readonly kind: 'two rays'; readonly outside: Interval }
  | { readonly kind: 'line' };

/**
 * Fieller's confidence set for numerator/denominator: the ratios ρ with (U − ρV)² ≤ t²·Var(U − ρV).
 * It is an interval exactly if g = t²·Var(V)/V² < 1, that is if the denominator differs from 0 at the same level.
 *
 * @param t critical value (a t quantile)
 * @see Fieller (1954), "Some problems in interval estimation"
 *
 * @example
 * fieller(2, 4, { numerator: 0.1, denominator: 0.2, between: 0.05 }, 2);
 * // => { kind: 'bounded', interval: [0.3504, 0.6759] }
 */
export function fieller(
  numerator: number,
  denominator: number,
  covariance: RatioCovariance,
  t: number,
): FiellerSet {
  // a·ρ² − 2b·ρ + c ≤ 0
  const a = denominator ** 2 - t * t * covariance.denominator;
  const b = numerator * denominator - t * t * covariance.between;
  const c = numerator ** 2 - t * t * covariance.numerator;
  if (a <= 0) {
    const discriminant = b * b - a * c;
    if (a === 0 || discriminant <= 0) return { kind: 'line' };
    return { kind: 'two rays', outside: roots(a, b, c, discriminant) };
  }
  return { kind: 'bounded', interval: roots(a, b, c, Math.max(0, b * b - a * c)) };
}

/** Roots of a·ρ² − 2b·ρ + c in rising order, without subtracting two numbers that are nearly equal. */
function roots(a: number, b: number, c: number, discriminant: number): Interval {
  const q = b + (b < 0 ? -1 : 1) * Math.sqrt(discriminant);
  if (q === 0) return [0, 0];
  const first = q / a;
  const second = c / q;
  return first < second ? [first, second] : [second, first];
}
