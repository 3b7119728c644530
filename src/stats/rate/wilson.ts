import type { Interval } from '../numerics/interval.ts';

/**
 * Wilson score interval for a proportion, on an effective sample size.
 *
 * @param p    observed proportion, in [0, 1]
 * @param nEff effective number of independent observations, > 0, need not be whole
 * @param k    critical value (normal or t quantile) for the two-sided level wanted, ≥ 0
 * @returns    [lower, upper], in [0, 1]; contains p
 * @throws RangeError when p is outside [0, 1], nEff ≤ 0 or k < 0
 * @see Wilson (1927); Brown, Cai & DasGupta (2001), eq. 4
 *
 * @example
 * wilson(0.5, 100, 1.96); // => [0.4038, 0.5962]
 */
export function wilson(p: number, nEff: number, k: number): Interval {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`wilson: the proportion ${p} is outside [0, 1]`);
  if (!(nEff > 0)) throw new RangeError(`wilson: the effective sample size ${nEff} is not positive`);
  if (!(k >= 0)) throw new RangeError(`wilson: the critical value ${k} is negative`);
  if (nEff === Number.POSITIVE_INFINITY || k === 0) return [p, p];
  if (k === Number.POSITIVE_INFINITY) return [0, 1];
  const square = k * k;
  const sum = 2 * nEff * p + square + k * Math.sqrt(4 * nEff * p * (1 - p) + square);
  if (sum === 0) return [p, p];
  // Both roots of the score equation in the form whose terms do not cancel; rounding may not shut p itself out.
  const lower = p * ((2 * nEff * p) / sum);
  const upper = sum / (2 * (nEff + square));
  return [Math.min(p, lower), p === 1 ? 1 : Math.min(1, Math.max(p, upper))];
}
