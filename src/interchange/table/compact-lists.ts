import type { Digest } from '../../core/index.ts';

/** Whole numbers by a place, 0 where none was set: four bytes each. */
export class NumberList {
  #numbers = new Int32Array(1024);

  get(place: number): number {
    return this.#numbers[place] ?? 0;
  }

  set(place: number, number: number): void {
    if (place >= this.#numbers.length) {
      const longer = new Int32Array(Math.max(place + 1, 2 * this.#numbers.length));
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[place] = number;
  }
}

const DIGEST_BYTES = 16;

/**
 * Digests one after the other: sixteen bytes each.
 *
 * @example
 * const list = new DigestList();
 * list.push('0123456789abcdef0123456789abcdef');
 * list.get(0); // => '0123456789abcdef0123456789abcdef'
 */
export class DigestList {
  #bytes = Buffer.alloc(1024 * DIGEST_BYTES);
  #length = 0;

  get(place: number): Digest {
    return this.#bytes.toString('hex', place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES);
  }

  push(digest: Digest): void {
    const at = this.#length++ * DIGEST_BYTES;
    if (at === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * at);
    this.#bytes.write(digest, at, 'hex');
  }

  sorted(): Digest[] {
    return Array.from({ length: this.#length }, (_, place) => this.get(place)).sort();
  }
}
