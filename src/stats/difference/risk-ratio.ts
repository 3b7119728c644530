import type { Interval } from '../numerics/interval.ts';
import { requireNonNegative, requirePositive } from '../numerics/requirements.ts';

/** Shares of the pairs by what each arm says; the rest is 0 in both. */
export interface PairShares {
  /** 1 in both arms. */
  readonly both: number;
  /** From 0 to 1. */
  readonly up: number;
  /** From 1 to 0. */
  readonly down: number;
}

/** A ratio of two paired rates, second arm over first. */
export interface RiskRatio {
  /** `null` where both rates are 0; infinite where only the first is. */
  readonly estimate: number | null;
  /** The upper end is infinite where the data allow a first rate of 0. */
  readonly interval: Interval;
}

/**
 * The ratio of two paired rates with its score interval: the ratios φ that the statistic
 * (p₂ − φp₁)·√n / √(φ(p̃₁₀ + p̃₀₁)) does not reject, p̃ the most likely shares under φ.
 *
 * @param shares of the pairs, each in [0, 1], at most 1 together
 * @param n      pairs, or their effective number, > 0
 * @param k      critical value (normal or t quantile) for the two-sided level wanted, > 0
 * @throws RangeError for negative shares, shares above 1 together, n ≤ 0 or k ≤ 0
 * @see Nam & Blackwelder (2002), Statistics in Medicine 21, 689–699; Tang, Tang & Chan (2003), 22, 1217–1233
 *
 * @example
 * riskRatio({ both: 0.02, up: 0.1, down: 0.01 }, 150, normalQuantile(0.975)); // => { estimate: 4, interval: [1.7470, 9.8221] }
 */
export function riskRatio(shares: PairShares, n: number, k: number): RiskRatio {
  const { both, up, down } = shares;
  for (const [name, share] of Object.entries({ both, up, down }))
    requireNonNegative('riskRatio', name, share);
  if (both + up + down > 1 + 1e-12) throw new RangeError('riskRatio: the shares exceed 1');
  requirePositive('riskRatio', 'n', n);
  requirePositive('riskRatio', 'k', k);
  const [first, second] = [both + down, both + up];
  if (first === 0 && second === 0) return { estimate: null, interval: [0, Number.POSITIVE_INFINITY] };
  const estimate = first === 0 ? Number.POSITIVE_INFINITY : second / first;
  const rejected = (logRatio: number) => Math.abs(riskRatioScore(shares, n, Math.exp(logRatio))) > k;
  const center = Math.log(estimate);
  const lower = second === 0 ? 0 : Math.exp(limit(rejected, Number.isFinite(center) ? center : LARGEST, -1));
  const upper =
    first === 0 ? Number.POSITIVE_INFINITY : Math.exp(limit(rejected, second === 0 ? -LARGEST : center, 1));
  return { estimate, interval: [lower, upper] };
}

/**
 * The score statistic of the hypothesis that the second rate is `ratio` times the first; about standard normal if it
 * is. 0 where the hypothesis fits perfectly.
 *
 * @param ratio > 0
 *
 * @example
 * riskRatioScore({ both: 0.1, up: 0.1, down: 0.1 }, 100, 1); // => 0
 */
function riskRatioScore({ both, up, down }: PairShares, n: number, ratio: number): number {
  const gap = both + up - ratio * (both + down);
  if (gap === 0) return 0;
  const discordant = constrainedDiscordance({ both, up, down }, ratio);
  return (gap * Math.sqrt(n)) / Math.sqrt(ratio * discordant);
}

/**
 * p̃₁₀ + p̃₀₁: the most likely share of discordant pairs if the second rate is φ times the first. The share s of pairs with
 * a 1 is free, so it is the observed one. Then p̃₁₁ = (s − (1 + φ)x)/φ and p̃₀₁ = (x + (φ − 1)s)/φ with x = p̃₁₀, and the
 * likelihood has its maximum at the larger root of
 * (1 + φ)x² + ((φ² − 1)(p₁₁ + p₁₀) − p₀₁ − p₁₀)x − (φ − 1)·p₁₀·s = 0.
 */
function constrainedDiscordance({ both, up, down }: PairShares, ratio: number): number {
  const some = both + up + down;
  const linear = (ratio * ratio - 1) * (both + down) - up - down;
  const constant = (ratio - 1) * down * some;
  const root = Math.sqrt(Math.max(0, linear * linear + 4 * (1 + ratio) * constant));
  const fell = linear > 0 ? (2 * constant) / (root + linear) : (root - linear) / (2 * (1 + ratio));
  const rose = (fell + (ratio - 1) * some) / ratio;
  return Math.max(0, fell) + Math.max(0, rose);
}

/** e to the power of this is as large a ratio as is looked at. */
const LARGEST = 40;

/** The last log ratio on one side of the center that is not rejected: bisection. */
function limit(rejected: (logRatio: number) => boolean, center: number, side: 1 | -1): number {
  let inside = center;
  let outside = side * LARGEST;
  if (!rejected(outside)) return side * Number.POSITIVE_INFINITY;
  for (
    let step = 0;
    step < 200 && Math.abs(outside - inside) > 1e-13 * Math.max(1, Math.abs(inside));
    step++
  ) {
    const middle = (inside + outside) / 2;
    if (rejected(middle)) outside = middle;
    else inside = middle;
  }
  return inside;
}
