import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** A seeded stream of random choices: the same seed gives the same choices on every machine. */
export class Chance {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** Uniform in [0, 1). */
  number(): number {
    return uniformFloat64(this.#generator);
  }

  /** Uniform whole number in [0, n). */
  below(n: number): number {
    return uniformInt(this.#generator, 0, n - 1);
  }

  /** True with probability `p`. */
  happens(p: number): boolean {
    return this.number() < p;
  }

  /** One of the items, each as likely. @throws RangeError for none */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('Chance.pick: there is nothing to pick from');
    return items[this.below(items.length)] as T;
  }

  /** One of the keys, each as likely as its weight says. @throws RangeError when no weight is positive */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
    if (!(total > 0)) throw new RangeError('Chance.weighted: no weight is positive');
    let rest = this.number() * total;
    for (const [key, weight] of entries) {
      rest -= weight;
      if (rest < 0) return key;
    }
    return (entries.findLast(([, weight]) => weight > 0) as [K, number])[0];
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.number())) * Math.cos(2 * Math.PI * this.number());
  }
}

/**
 * A stream for one sample, from any seed: xoroshiro's first outputs are its seed itself, which people choose small and
 * trials below 2³¹, so that the first draws would lie in a corner of [0, 1). The seed is mixed (MurmurHash3's finalizer) and
 * the first outputs are passed over.
 */
export function sampleChance(seed: number): Chance {
  let mixed = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  const chance = new Chance((mixed ^ (mixed >>> 16)) >>> 0);
  for (let i = 0; i < 16; i++) chance.number();
  return chance;
}

/** A whole number in [0, 2³²) that depends on the text alone (FNV-1a): seeds a stream by what it is for. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
