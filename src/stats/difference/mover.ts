import type { Interval } from '../numerics/interval.ts';

/** An estimate with its interval, at the level that is wanted of the difference. */
interface Estimated {
  readonly estimate: number;
  readonly interval: Interval;
}

/**
 * The interval of a difference `to` − `from` from the intervals of its two parts (MOVER, the method of variance estimates
 * recovery): each end is as far from the difference as the ends of the parts that lead there, squared and added. With
 * Wilson's intervals it is Newcombe's hybrid score interval.
 *
 * @param correlation of the two estimates, where they have clusters in common; 0 for independent ones
 * @see Zou & Donner (2008), "Construction of confidence limits about effect measures"; Newcombe (1998), method 10
 *
 * @example
 * mover({ estimate: 0.6, interval: [0.49, 0.70] }, { estimate: 0.8, interval: [0.69, 0.88] }); // => [0.0513, 0.3360]
 */
export function mover(from: Estimated, to: Estimated, correlation = 0): Interval {
  const difference = to.estimate - from.estimate;
  const reach = (a: number, b: number) => Math.sqrt(Math.max(0, a * a + b * b - 2 * correlation * a * b));
  const below = reach(to.estimate - to.interval[0], from.interval[1] - from.estimate);
  const above = reach(to.interval[1] - to.estimate, from.estimate - from.interval[0]);
  return [difference - below, difference + above];
}
