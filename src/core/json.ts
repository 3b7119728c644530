/** A value that survives `JSON.stringify` and back unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };
export type JsonSchema = JsonObject;

/**
 * The one text of a JSON value: keys sorted by code unit, no white space, `undefined` members left out.
 * Two values that mean the same have the same canonical text, so their digests are equal.
 *
 * @throws TypeError for a number that JSON can't hold (NaN, ±Infinity)
 * @see RFC 8785 (JSON Canonicalization Scheme), without its number formatting corner cases: ECMAScript's own is used
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`canonicalJson: ${value} has no JSON form`);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  let members = '';
  const keys = Object.keys(value);
  // Without a comparison, `sort` orders by code unit.
  if (!isInOrder(keys)) keys.sort();
  for (const key of keys) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** Most objects have few members, and to look takes less time than to sort. */
function isInOrder(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) if (keys[i - 1]! > keys[i]!) return false;
  return true;
}
