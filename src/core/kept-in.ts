/** Where values are kept by key: a `Map` or a `WeakMap`. */
interface Kept<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): unknown;
}

/**
 * What is kept under a key; where there is nothing, it is made and kept.
 *
 * @example
 * const files = new Map<string, string[]>();
 * keptIn(files, 'a.csv', () => []).push('a line');
 */
export function keptIn<Key, Value>(map: Kept<Key, Value>, key: Key, make: () => Value): Value {
  const kept = map.get(key);
  if (kept !== undefined) return kept;
  const made = make();
  map.set(key, made);
  return made;
}
