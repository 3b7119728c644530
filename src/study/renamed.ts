import { z } from 'zod';
import { definedOnly } from '../core/defined-only.ts';

/** The type without `undefined` in its optional members. */
export type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The type with its keys renamed: `Renamed<{ top_p: number }, { top_p: 'topP' }>` is `{ topP: number }`. */
type Renamed<T, N> = {
  readonly [K in keyof T as K extends keyof N ? (N[K] extends string ? N[K] : K) : K]: Exclude<
    T[K],
    undefined
  >;
};

/**
 * A codec of an object whose keys have other names in a file than in code. Members that are `undefined` are left out.
 *
 * @param names for the keys that differ: the name in code by the name in the file
 *
 * @example
 * const sampling = renamed(z.strictObject({ top_p: z.number() }), { top_p: 'topP' });
 * z.decode(sampling, { top_p: 1 }); // => { topP: 1 }
 * z.encode(sampling, { topP: 1 }); // => { top_p: 1 }
 */
export function renamed<
  S extends z.ZodObject,
  const N extends { readonly [K in keyof z.output<S>]?: string },
>(schema: S, names: N): z.ZodCodec<S, z.ZodCustom<Renamed<z.output<S>, N>, Renamed<z.output<S>, N>>> {
  const inCode = new Map(Object.entries(names as Readonly<Record<string, string>>));
  const inFile = new Map([...inCode].map(([file, code]) => [code, file]));
  return z.codec(schema, z.custom<Renamed<z.output<S>, N>>(), {
    decode: (written) => withKeys(written, inCode) as Renamed<z.output<S>, N>,
    encode: (value) => withKeys(value, inFile) as z.output<S>,
  });
}

function withKeys(value: object, names: ReadonlyMap<string, string>): object {
  return definedOnly(
    Object.fromEntries(Object.entries(value).map(([key, member]) => [names.get(key) ?? key, member])),
  );
}
