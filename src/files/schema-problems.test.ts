import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Problems } from './problems.ts';
import { readShape } from './schema-problems.ts';

/** What each kind of schema says to each kind of wrong value; zod writes its messages in the same places. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  string: z.string(),
  'string of a length': z.string().min(2).max(3),
  'string of a form': z.string().regex(/^x$/),
  'string beginning': z.string().startsWith('/'),
  date: z.iso.date(),
  url: z.url(),
  number: z.number(),
  range: z.number().gt(0).lt(1),
  int: z.int().min(1),
  step: z.number().multipleOf(2),
  boolean: z.boolean(),
  null: z.null(),
  enum: z.enum(['a', 'b']),
  literal: z.literal('a'),
  array: z.array(z.number()).min(1).max(2),
  tuple: z.tuple([z.number(), z.string()]),
  object: z.strictObject({ a: z.number(), b: z.string().optional() }),
  record: z.record(z.string().min(1), z.number()),
  'record of names': z.record(z.enum(['a', 'b']), z.number()),
  union: z.union([z.string(), z.strictObject({ a: z.number() })]),
  forms: z.union([z.strictObject({ a: z.number() }), z.strictObject({ b: z.number() })]),
  kinds: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('a'), x: z.number() }),
    z.strictObject({ kind: z.literal('b'), y: z.number() }),
  ]),
  json: z.json(),
  refined: z.string().refine((text) => text === 'x'),
  custom: z.custom<object>((value) => value instanceof Date),
  never: z.never(),
  map: z.map(z.string(), z.number()),
  set: z.set(z.string()),
  codec: z.codec(z.string().min(1), z.number().min(5), { decode: Number, encode: String }),
  intersection: z.strictObject({ a: z.number() }).and(z.strictObject({ b: z.number() })),
};
const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e300,
  '',
  'c',
  'a long text',
  [],
  [1, 2, 3],
  ['a', {}],
  {},
  { a: 'x' },
  { a: 1, b: 2, c: 3 },
  { kind: 'c' },
  { kind: 'a', y: 1 },
  { '': 1 },
  new Date(),
  () => 0,
  10n,
  Symbol('s'),
];
/** What zod 4 writes by itself. */
const OF_ZOD = /Invalid|expected|received|Too (small|big)|Unrecognized|Required/;

describe('no message that zod wrote reaches a user', () => {
  test.each(Object.keys(SCHEMAS))('%s', (name) => {
    const schema = z.strictObject({ key: SCHEMAS[name] as z.ZodType });
    let wrong = 0;
    for (const value of VALUES) {
      const problems = new Problems(() => ({}));
      const { output } = readShape({ schema, value: { key: value }, path: [] }, problems);
      if (output !== null) continue;
      wrong++;
      expect(problems.count, String(value)).toBeGreaterThan(0);
      for (const message of problemsOf(problems)) {
        expect(message).not.toMatch(OF_ZOD);
        expect(message.length).toBeGreaterThan(5);
      }
    }
    if (name !== 'json') expect(wrong).toBeGreaterThan(0);
  });
});

function problemsOf(problems: Problems): string[] {
  try {
    problems.throwIfAny('it');
    return [];
  } catch (error) {
    return (error as { problems: readonly { message: string }[] }).problems.map(({ message }) => message);
  }
}
