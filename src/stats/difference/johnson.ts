import { studentTCdf, studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel, requirePositive } from '../numerics/requirements.ts';

/** What Johnson's t is computed from. */
export interface SkewedMean {
  readonly mean: number;
  /** Cluster-robust, > 0. */
  readonly standardError: number;
  /** Skewness of the cluster contributions, third central moment over s³. */
  readonly skewness: number;
  readonly clusters: number;
  readonly df: number;
}

/**
 * Two-sided p of "the mean is mu". Beyond its turning point Johnson's parabola comes back towards 0; there its most
 * extreme value on the way from the mean to `mu` counts, so that p never rises with the distance.
 *
 * @returns in [0, 1]
 * @throws RangeError for a standard error that is not positive
 *
 * @example
 * johnsonP({ mean: 0, standardError: 1, skewness: 0, clusters: 9, df: 8 }, 0); // => 1
 */
export function johnsonP(sample: SkewedMean, mu: number): number {
  requirePositive('johnsonP', 'the standard error', sample.standardError);
  const slope = slopeOf(sample);
  const t = (sample.mean - mu) / sample.standardError;
  const turn = slope === 0 ? Number.NaN : -3 / (2 * slope);
  // The way from 0 to t passes the turning point only where both have one sign.
  const passed = turn * t > 0 && Math.abs(t) > Math.abs(turn);
  const value = adjusted(passed ? turn : t, slope);
  // The shift by g/(6√G) puts a value of the other sign close to the mean: that is not evidence against mu.
  if (value * t <= 0) return 1;
  return Math.min(1, 2 * studentTCdf(-Math.abs(value), sample.df));
}

/**
 * The values of the mean that Johnson's t does not reject: the connected set around the mean.
 *
 * @param level two-sided
 * @returns     an end is infinite where no value on that side is rejected
 * @throws RangeError for a standard error that is not positive, or a level outside (0, 1)
 *
 * @example
 * johnsonInterval({ mean: 0, standardError: 1, skewness: 0, clusters: 9, df: 8 }, 0.95); // => [-2.306, 2.306]
 */
export function johnsonInterval(sample: SkewedMean, level: number): Interval {
  requireLevel('johnsonInterval', level);
  requirePositive('johnsonInterval', 'the standard error', sample.standardError);
  const slope = slopeOf(sample);
  const k = studentTQuantile((1 + level) / 2, sample.df);
  const { mean, standardError } = sample;
  // mu below the mean has t > 0 and is rejected where the adjusted t exceeds k; above it, below −k.
  return [mean - standardError * reach(slope, k), mean + standardError * reach(-slope, k)];
}

/** g/√G. */
function slopeOf({ skewness, clusters }: SkewedMean): number {
  return skewness / Math.sqrt(clusters);
}

function adjusted(t: number, slope: number): number {
  return t + slope * (1 / 6 + (t * t) / 3);
}

/** The smallest t ≥ 0 from which t + slope·(1/6 + t²/3) reaches k; infinite where it never does. */
function reach(slope: number, k: number): number {
  const constant = slope / 6 - k;
  if (constant >= 0) return 0;
  if (Math.abs(slope) < 1e-12) return -constant;
  const discriminant = 1 - (4 * slope * constant) / 3;
  if (discriminant < 0) return Number.POSITIVE_INFINITY;
  // The stable form of the smaller root of (slope/3)·t² + t + constant = 0.
  return (-2 * constant) / (1 + Math.sqrt(discriminant));
}
