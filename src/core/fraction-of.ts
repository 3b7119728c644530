import type { Digest } from './digest.ts';

/** A number in [0, 1), even over digests: their first 52 bits. */
export function fractionOf(digest: Digest): number {
  return Number.parseInt(digest.slice(0, 13), 16) / 2 ** 52;
}
