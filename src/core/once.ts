/**
 * A value that is made when it is first asked for, and then kept: a short command does not make what it does not use.
 *
 * @example
 * const rules = once(() => readRules());
 * rules(); // reads them
 * rules(); // the same value
 */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
