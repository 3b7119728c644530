import { normalCdf } from '../numerics/distributions.ts';
import { requireLevel, requireNonNegative, requirePositive } from '../numerics/requirements.ts';

/**
 * The two-sided level at which the two ends of a range of possible values are to be computed, so that the whole covers
 * the truth with the level wanted: the truth lies somewhere between the two bounds, and can be missed at one end only.
 *
 * With C the critical value, Φ(C + Δ/σ) − Φ(−C) = level, Δ the distance of the bounds, σ the larger of their standard
 * errors. C runs from the two-sided quantile (no distance) to the one-sided one.
 *
 * @param distance of the bounds, ≥ 0
 * @param standardError the larger of the two, > 0
 * @returns in [2·level − 1, level]
 * @throws RangeError for a negative distance, a standard error that is not positive, or a level outside (0, 1)
 * @see Imbens & Manski (2004), Econometrica 72, 1845–1857, equations 6 and 7
 *
 * @example
 * imbensManskiLevel(10, 1, 0.95); // => 0.9
 */
export function imbensManskiLevel(distance: number, standardError: number, level: number): number {
  requireNonNegative('imbensManskiLevel', 'the distance', distance);
  requirePositive('imbensManskiLevel', 'the standard error', standardError);
  requireLevel('imbensManskiLevel', level);
  const shift = distance / standardError;
  let [low, high] = [0, 10];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle + shift) - normalCdf(-middle) < level) low = middle;
    else high = middle;
  }
  return 2 * normalCdf(low) - 1;
}
