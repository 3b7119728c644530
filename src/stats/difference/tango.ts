import type { Interval } from '../numerics/interval.ts';

/**
 * Tango's score interval for the difference of two paired proportions, up − down. Holds its level with few
 * discordant pairs, and has a width where there are none at all. On an effective n the shares come from the first two
 * moments of the differences and one may be slightly negative; the score's variance is then continued to it.
 *
 * @param up   share of pairs that changed from 0 to 1
 * @param down share of pairs that changed from 1 to 0
 * @param n    all pairs (or their effective number)
 * @param k    critical value (normal or t quantile) for the two-sided level wanted, ≥ 0
 * @returns [lower, upper], in [−1, 1]; contains up − down
 * @see Tango (1998), Statistics in Medicine 17, 891–908
 *
 * @example
 * tangoInterval(7 / 40, 1 / 40, 40, 1.96); // => [0.0144, 0.3011]
 */
export function tangoInterval(up: number, down: number, n: number, k: number): Interval {
  return [-upperLimit(down, up, n, k), upperLimit(up, down, n, k)];
}

/**
 * Tango's score statistic for the hypothesis that the difference is `delta`; about standard normal if it is.
 * NaN where the hypothesis allows no variance and the data show no difference from it.
 *
 * @param up    share of pairs that changed from 0 to 1
 * @param down  share of pairs that changed from 1 to 0
 * @param n     effective number of pairs
 * @param delta in [−1, 1]
 *
 * @example
 * tangoScore(0.175, 0.025, 40, 0); // => 2.1213
 */
export function tangoScore(up: number, down: number, n: number, delta: number): number {
  return ((up - down - delta) * Math.sqrt(n)) / Math.sqrt(scoreVariance(up, down, delta));
}

/**
 * The least extreme of the scores of all hypotheses from `delta` on outwards: what speaks for "at least delta" at its
 * best. That is the score of `delta` itself for shares that are counts; only the continuation to a negative share can
 * have a dip, where a hypothesis nearer to the estimate fits worse than one farther out.
 */
export function leastTangoScore(up: number, down: number, n: number, delta: number): number {
  const own = tangoScore(up, down, n, delta);
  if (up >= 0 && down >= 0) return own;
  const outward = delta > up - down ? 1 : -1;
  let least = Math.abs(own);
  for (const point of acrossZero(up, down)) {
    if ((point - delta) * outward > 0) least = Math.min(least, Math.abs(tangoScore(up, down, n, point)));
  }
  return -outward * least;
}

/**
 * Points from the estimate to its mirror image, in order, the lowest point of every dip among them: a dip lies between the
 * estimate and zero, and ends before that.
 */
function acrossZero(up: number, down: number): readonly number[] {
  const estimate = up - down;
  const size = (delta: number) => Math.abs(tangoScore(up, down, 1, delta));
  const points = Array.from({ length: 128 }, (_, i) => estimate * (1 - (i + 1) / 64));
  const sizes = points.map(size);
  return points.flatMap((point, i) => {
    const [before, own, after] = [sizes[i - 1], sizes[i]!, sizes[i + 1]];
    if (before === undefined || after === undefined || before < own || after <= own) return [point];
    const lowest = lowestBetween(size, points[i - 1]!, points[i + 1]!);
    return Math.abs(lowest - estimate) < Math.abs(point - estimate) ? [lowest, point] : [point, lowest];
  });
}

/** Where a function with one dip between two points is lowest: each step keeps two thirds. */
function lowestBetween(f: (x: number) => number, first: number, last: number): number {
  let [from, to] = [first, last];
  for (let step = 0; step < 60; step++) {
    const [near, far] = [from + (to - from) / 3, to - (to - from) / 3];
    if (f(near) <= f(far)) to = far;
    else from = near;
  }
  return (from + to) / 2;
}

/** The difference above the estimate where the score is −k: bisection to the last digit. */
function upperLimit(up: number, down: number, n: number, k: number): number {
  const estimate = up - down;
  if (estimate >= 1 || k === 0) return Math.min(estimate, 1);
  const rejected = (delta: number) => n * (delta - estimate) ** 2 > k * k * scoreVariance(up, down, delta);
  let inside = estimate;
  let outside = 1;
  if (up < 0 && estimate < 0) {
    const points = acrossZero(up, down);
    const last = points.findLastIndex((point) => !rejected(point));
    inside = points[last] ?? estimate;
    outside = points[last + 1] ?? 1;
  }
  for (;;) {
    const middle = (inside + outside) / 2;
    if (middle === inside || middle === outside || outside - inside <= 1e-16 * Math.abs(middle))
      return middle;
    if (rejected(middle)) outside = middle;
    else inside = middle;
  }
}

/**
 * The variance of one pair's difference if the true difference were `delta`: 2q + δ(1 − δ), q the most likely share
 * of 1 → 0 changes under that hypothesis. Written for δ ≥ 0, where its terms do not cancel, and mirrored.
 */
function scoreVariance(up: number, down: number, delta: number): number {
  if (delta < 0) return scoreVariance(down, up, -delta);
  const spread = delta * (1 - delta);
  const slope = (2 - up + down) * delta - up - down;
  const root = Math.sqrt(Math.max(0, slope * slope + 8 * down * spread));
  const q = slope > 0 && down > 0 ? (2 * down * spread) / (root + slope) : (root - slope) / 4;
  return Math.max(0, 2 * q + spread);
}
