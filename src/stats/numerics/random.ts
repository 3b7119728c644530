import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers that is the same for the same seed, on every machine. */
export interface RandomSource {
  /** A whole number in [0, 2³²), all equally likely. */
  bits(): number;
  /** A whole number in [0, n), all equally likely; n whole, in [1, 2²¹]. */
  below(n: number): number;
  /** A number in [0, 1) with 53 random bits. */
  fraction(): number;
}

const TWO_32 = 2 ** 32;

/**
 * @param seed a safe integer
 * @throws RangeError for any other seed
 *
 * @example
 * randomSource(1).below(6); // => 4
 */
export function randomSource(seed: number): RandomSource {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`the seed ${seed} is not a safe integer`);
  const generator = xoroshiro128plusFromState(spread(seed));
  const bits = () => generator.next() >>> 0;
  const below = (n: number) => indexFrom(bits, n);
  const fraction = () => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992;
  return { bits, below, fraction };
}

/**
 * The high part of bits·n, drawn again in the few cases that would favour some numbers.
 *
 * @param bits gives whole numbers in [0, 2³²), all equally likely
 * @param n    whole, in [1, 2²¹], so that the product is exact
 * @see Lemire (2019), Fast random integer generation in an interval
 */
export function indexFrom(bits: () => number, n: number): number {
  let product = bits() * n;
  let high = Math.floor(product / TWO_32);
  let low = product - high * TWO_32;
  if (low < n) {
    const unfair = TWO_32 % n;
    while (low < unfair) {
      product = bits() * n;
      high = Math.floor(product / TWO_32);
      low = product - high * TWO_32;
    }
  }
  return high;
}

/**
 * Four words of state from one seed, by SplitMix with a 32-bit mixer (Wellons' lowbias32): a seed used as it is would
 * leave the streams of neighbouring seeds correlated for long.
 */
function spread(seed: number): number[] {
  const high = Math.imul(Math.floor(seed / TWO_32), 0x85ebca6b);
  return [1, 2, 3, 4].map((step) => {
    let word = ((seed | 0) + Math.imul(step, 0x9e3779b9)) ^ high;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return word ^ (word >>> 15);
  });
}
