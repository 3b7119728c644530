import { createHash } from 'node:crypto';

/**
 * Numbers in (0, 1) that are a function of a name and look random: SHA-256 in counter mode, eight numbers a hash. The same name
 * gives the same numbers, so it does not matter in which order trials run.
 */
export class Chance {
  readonly #name: string;
  #block = Buffer.alloc(0);
  #at = 0;
  #blocks = 0;

  constructor(...name: readonly (string | number)[]) {
    this.#name = JSON.stringify(name);
  }

  next(): number {
    if (this.#at === this.#block.length) {
      this.#block = createHash('sha256')
        .update(`${this.#blocks++}${this.#name}`)
        .digest();
      this.#at = 0;
    }
    const number = (this.#block.readUInt32BE(this.#at) + 0.5) / 2 ** 32;
    this.#at += 4;
    return number;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }
}
