import { z } from 'zod';
import { type EvalOptions, InputError, type JsonObject } from '../core/index.ts';

/** An eval's options as a study file may write them: for editors, and for checking a study before it runs. */
export function optionsJsonSchema(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) as JsonObject;
}

/**
 * The options of an eval's entry in a study, with their defaults.
 *
 * @throws InputError naming the key, for an unknown key or a wrong value
 */
export function parseOptions<T extends z.ZodType>(schema: T, { values }: EvalOptions): z.infer<T> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const key = ['options', ...issue.path.map(String), ...unknown].join('.');
  throw new InputError(issue.message, { place: { key } });
}
