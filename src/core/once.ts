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
 * A function of an object that keeps what it gave for the object that came last: what several measures ask about one transcript
 * is worked out once. (To keep it for every object takes the garbage collector longer than most such functions take.)
 *
 * @example
 * const lengthOf = keepLatest((text: { readonly words: string }) => text.words.length);
 * const text = { words: 'as they are' };
 * lengthOf(text); // counts
 * lengthOf(text); // the same value
 */
export function keepLatest<Of extends object, T>(make: (of: Of) => T): (of: Of) => T {
  let latest: { readonly of: Of; readonly value: T } | undefined;
  return (of) => {
    if (latest?.of !== of) latest = { of, value: make(of) };
    return latest.value;
  };
}
