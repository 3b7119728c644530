import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

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
 * @param seed a whole number in [−2³¹, 2³²)
 * @throws RangeError for any other seed
 */
export function randomSource(seed: number): RandomSource {
  if (!Number.isInteger(seed) || seed < -(2 ** 31) || seed >= TWO_32) {
    throw new RangeError(`the seed ${seed} is not a whole number of 32 bits`);
  }
  const generator = xoroshiro128plus(seed | 0);
  // Seeds that are near each other start out alike; the state needs some steps to spread.
  for (let i = 0; i < 32; i++) generator.next();
  const bits = () => generator.next() >>> 0;
  /** The high part of bits·n, drawn again in the few cases that would favour some numbers (Lemire 2019). */
  const below = (n: number) => {
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
  };
  const fraction = () => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992;
  return { bits, below, fraction };
}
