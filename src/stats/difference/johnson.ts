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
 * Two-sided p of "the mean is mu", by Johnson's skewness-adjusted t in the monotone form of Hall: the parabola of the former
 * comes back towards 0 far from the mean, so that it rejects nothing there.
 *
 * @returns in [0, 1]
 * @throws RangeError for a standard error that is not positive
 * @see Johnson (1978), Journal of the American Statistical Association 73, 536–544; Hall (1992), Journal of the Royal
 *   Statistical Society B 54, 221–228
 *
 * @example
 * johnsonP({ mean: 0, standardError: 1, skewness: 0, clusters: 9, df: 8 }, 0); // => 1
 */
export function johnsonP(sample: SkewedMean, mu: number): number {
  requirePositive('johnsonP', 'the standard error', sample.standardError);
  const t = (sample.mean - mu) / sample.standardError;
  const value = adjusted(t, slopeOf(sample));
  // The shift by g/(6√G) puts a value of the other sign close to the mean: that is not evidence against mu.
  if (value * t <= 0) return 1;
  return Math.min(1, 2 * studentTCdf(-Math.abs(value), sample.df));
}

/**
 * The values of the mean that Johnson's t, in Hall's form, does not reject.
 *
 * @param level two-sided
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

/** t + slope·(1/6 + t²/3) + slope²·t³/27, which rises with t everywhere. */
function adjusted(t: number, slope: number): number {
  return t + slope * (1 / 6 + (t * t) / 3) + (slope * slope * t ** 3) / 27;
}

/** The t ≥ 0 from which the adjusted t exceeds k. */
function reach(slope: number, k: number): number {
  if (Math.abs(slope) < 1e-9) return Math.max(0, k - slope / 6);
  const t = (3 / slope) * (Math.cbrt(1 + slope * (k - slope / 6)) - 1);
  return Math.max(0, t);
}
