import { normalCdf } from '../numerics/distributions.ts';

/** Units of one stratum, and which of them were chosen. */
export interface ChosenPart {
  readonly values: ArrayLike<number>;
  readonly chosen: ArrayLike<boolean>;
}

/**
 * Whether the chosen units are like a random part of their strata in a value that is known of all: the sum of the chosen
 * values against its expectation under sampling without replacement, added up over strata. With values of 0 and 1 it is
 * the Cochran–Mantel–Haenszel test without its continuity correction.
 *
 * @param strata the chosen and the others, within each the values
 * @returns two-sided p; `null` where nothing could differ: all or none were chosen, or all values of a stratum are alike
 * @throws RangeError where a stratum's arrays differ in length
 * @see Cochran (1954); Mantel & Haenszel (1959); Agresti (2013), Categorical Data Analysis, §6.4
 *
 * @example
 * randomPart([{ values: [1, 1, 1, 0, 0, 0], chosen: [true, true, true, false, false, false] }]); // => 0.0253
 */
export function randomPart(strata: readonly ChosenPart[]): number | null {
  let excess = 0;
  let variance = 0;
  for (const { values, chosen } of strata) {
    const n = values.length;
    if (chosen.length !== n) throw new RangeError('randomPart: arrays that belong together differ in length');
    let total = 0;
    let picked = 0;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      total += values[i]!;
      if (!chosen[i]) continue;
      picked++;
      sum += values[i]!;
    }
    if (n < 2 || picked === 0 || picked === n) continue;
    const center = total / n;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (values[i]! - center) ** 2;
    excess += sum - picked * center;
    variance += (picked * (1 - picked / n) * squares) / (n - 1);
  }
  if (!(variance > 0)) return null;
  return 2 * normalCdf(-Math.abs(excess) / Math.sqrt(variance));
}
