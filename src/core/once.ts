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

/**
 * A function of an object that is carried out once for each object, for as long as the object is in use.
 *
 * @example
 * const lengthOf = oncePer((text: { readonly words: string }) => text.words.length);
 * const text = { words: 'as they are' };
 * lengthOf(text); // counts
 * lengthOf(text); // the same value
 */
export function oncePer<Of extends object, T>(make: (of: Of) => T): (of: Of) => T {
  const made = new WeakMap<Of, { readonly value: T }>();
  return (of) => {
    let known = made.get(of);
    if (known === undefined) {
      known = { value: make(of) };
      made.set(of, known);
    }
    return known.value;
  };
}
