/** An object whose members that may be undefined are optional instead. */
type DefinedOnly<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/**
 * The members that have a value: what is not known is left out, and is not there as `undefined`.
 *
 * @example definedOnly({ id: 'sft', title: undefined }); // => { id: 'sft' }
 */
export function definedOnly<T extends object>(members: T): DefinedOnly<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as DefinedOnly<T>;
}

/**
 * The members of which something is known: neither `undefined` nor `null`. Every request and every answer asks, so it is a loop,
 * without lists in between. The names are the code's own: `__proto__` is not looked for.
 *
 * @example knownOnly({ temperature: null, seed: 1 }); // => { seed: 1 }
 */
export function knownOnly<T extends object>(members: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  const known: { [Key in keyof T]?: NonNullable<T[Key]> } = {};
  for (const name of Object.keys(members) as (keyof T)[]) {
    const value = members[name];
    if (value !== undefined && value !== null) known[name] = value;
  }
  return known;
}
