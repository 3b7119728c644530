import { z } from 'zod';
import type { EvalOptions, JsonObject } from '../core/index.ts';
import { type KeyPath, readSource } from '../files/index.ts';

/** An eval's options as a study file may write them: for editors, and for checking a study before it runs. */
export function optionsJsonSchema(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) as JsonObject;
}

/**
 * The options of an eval's entry in a study, with their defaults.
 *
 * @throws InputError naming each unknown key and each wrong value
 */
export function parseOptions<T extends z.ZodType>(schema: T, { values }: EvalOptions): z.infer<T> {
  const locate = (path: KeyPath) => ({ key: ['options', ...path].join('.') });
  return readSource({ value: values, name: 'the options', locate }, schema).value;
}
