import { randomSource } from '../numerics/random.ts';
import { AT_ONCE, signedSums } from './signed-sums.ts';

/** One comparison of a family: how much every cluster of its block differs. */
export interface JointDifference {
  /** Sum of the paired differences in each cluster of the block, 0 where it has none. */
  readonly sums: Float64Array;
  /** Comparisons of one block have their clusters in common, in the same order; those of others have none in common. */
  readonly block: number;
}

/** With at most this many patterns, and one block, all are looked at. */
const EXHAUSTIVE_PATTERNS = 4096;

/**
 * Step-down max-T over joint sign flips of whole clusters: the p values of "no difference" of a family of comparisons,
 * adjusted so that the chance of any false claim among all of them keeps its level. All comparisons of a block are
 * flipped together, so what depends on each other stays so, and little is lost where they say much the same.
 *
 * @param family one comparison or more
 * @param options how many patterns to draw, and a seed
 * @returns adjusted p values, in the order given; 1 for a comparison in which nothing differs
 * @throws RangeError for no flips
 * @see Westfall & Young (1993), Resampling-based multiple testing, algorithm 4.1; Romano & Wolf (2005)
 *
 * @example
 * const sums = Float64Array.from([1, 2, 3, 4, 5, 6]);
 * jointSignFlips([{ sums, block: 0 }, { sums: new Float64Array(6), block: 0 }], { flips: 999, seed: 1 }); // => [0.03125, 1]
 */
export function jointSignFlips(
  family: readonly JointDifference[],
  options: { readonly flips: number; readonly seed: number },
): number[] {
  const { flips, seed } = options;
  if (!(Number.isInteger(flips) && flips >= 1))
    throw new RangeError(`jointSignFlips: ${flips} is not a number of flips`);
  const blocks = [...new Set(family.map(({ block }) => block))];
  const clusters = family[0]?.sums.length ?? 0;
  const exhaustive = blocks.length === 1 && clusters <= 30 && 2 ** (clusters - 1) <= EXHAUSTIVE_PATTERNS;
  const patterns = exhaustive ? 2 ** (clusters - 1) : flips;
  const signs = new Map(
    blocks.map((block) => {
      const { sums } = family.find((one) => one.block === block)!;
      const groups = Math.ceil(sums.length / AT_ONCE);
      return [block, exhaustive ? allSigns(patterns, groups) : drawnSigns(patterns, groups, seed + block)];
    }),
  );
  const tested = family
    .map(({ sums, block }, index) => ({ index, ...statistics(sums, signs.get(block)!, patterns) }))
    .filter(({ observed }) => observed > 0)
    .sort((a, b) => a.observed - b.observed);
  const adjusted = family.map(() => 1);
  // From the smallest statistic up: the largest of all that are not larger, in every pattern.
  const largest = new Float64Array(patterns);
  const raw: number[] = [];
  for (const { observed, flipped } of tested) {
    let hits = 0;
    for (let pattern = 0; pattern < patterns; pattern++) {
      if (flipped[pattern]! > largest[pattern]!) largest[pattern] = flipped[pattern]!;
      if (largest[pattern]! >= observed * (1 - 1e-12)) hits++;
    }
    raw.push(exhaustive ? hits / patterns : (1 + hits) / (1 + patterns));
  }
  let least = 0;
  for (let rank = tested.length - 1; rank >= 0; rank--) {
    least = Math.max(least, raw[rank]!);
    adjusted[tested[rank]!.index] = least;
  }
  return adjusted;
}

/** |Σ ± s_g| / √Σ s_g², as observed and for every pattern: the denominator is the same for all patterns. */
function statistics(sums: Float64Array, signs: Uint8Array, patterns: number) {
  let [total, squares] = [0, 0];
  for (const sum of sums) {
    total += sum;
    squares += sum * sum;
  }
  const scale = Math.sqrt(squares);
  const groups = Math.ceil(sums.length / AT_ONCE);
  const table = signedSums(sums, groups);
  const flipped = new Float64Array(patterns);
  if (scale === 0) return { observed: 0, flipped };
  for (let pattern = 0; pattern < patterns; pattern++) {
    let sum = 0;
    const start = pattern * groups;
    for (let group = 0; group < groups; group++) sum += table[(group << AT_ONCE) | signs[start + group]!]!;
    flipped[pattern] = Math.abs(sum) / scale;
  }
  return { observed: Math.abs(total) / scale, flipped };
}

function allSigns(patterns: number, groups: number): Uint8Array {
  const signs = new Uint8Array(patterns * groups);
  for (let pattern = 0; pattern < patterns; pattern++) {
    for (let group = 0; group < groups; group++) {
      signs[pattern * groups + group] = (pattern >>> (group * AT_ONCE)) & 255;
    }
  }
  return signs;
}

function drawnSigns(patterns: number, groups: number, seed: number): Uint8Array {
  const random = randomSource(seed);
  const signs = new Uint8Array(patterns * groups);
  let bits = 0;
  for (let i = 0; i < signs.length; i++) {
    if (i % 4 === 0) bits = random.bits();
    signs[i] = bits & 255;
    bits >>>= AT_ONCE;
  }
  return signs;
}
