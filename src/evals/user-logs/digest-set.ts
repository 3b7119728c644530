import type { Digest } from '../../core/index.ts';

/**
 * A set of digests in little memory: of each the first 64 bits, 8 bytes at a load of at most one half. Two of a million
 * texts fall together with a chance of 3e-8.
 */
export class DigestSet {
  #slots = new Uint32Array(2 << 10);
  #size = 0;

  /** @returns whether it was not there yet */
  add(digest: Digest): boolean {
    const high = Number.parseInt(digest.slice(0, 8), 16);
    // Both zero means empty.
    const low = Number.parseInt(digest.slice(8, 16), 16) | 1;
    if (4 * (this.#size + 1) > this.#slots.length) this.#grow();
    const added = put(this.#slots, high, low >>> 0);
    if (added) this.#size++;
    return added;
  }

  get size(): number {
    return this.#size;
  }

  #grow(): void {
    const larger = new Uint32Array(2 * this.#slots.length);
    for (let at = 0; at < this.#slots.length; at += 2) {
      if (this.#slots[at + 1] !== 0) put(larger, this.#slots[at]!, this.#slots[at + 1]!);
    }
    this.#slots = larger;
  }
}

/** @returns whether it was not there yet */
function put(slots: Uint32Array, high: number, low: number): boolean {
  const places = slots.length / 2;
  for (let place = high % places; ; place = (place + 1) % places) {
    const at = 2 * place;
    if (slots[at + 1] === 0) {
      slots[at] = high;
      slots[at + 1] = low;
      return true;
    }
    if (slots[at] === high && slots[at + 1] === low) return false;
  }
}
