import { hash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** The first 128 bits of a SHA-256, as 32 hex digits. Says which content something is. */
export type Digest = string;

/** Digest of a text or of bytes as they are. */
export function digestOfText(text: string | Uint8Array): Digest {
  return hash('sha256', text, 'hex').slice(0, 32);
}

/** Digest of a JSON value by its canonical text: key order and white space do not count. */
export function digestOf(value: unknown): Digest {
  return digestOfText(canonicalJson(value));
}
