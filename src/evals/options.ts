import { z } from 'zod';
import { type EvalOptions, type JsonObject, once } from '../core/index.ts';
import { type KeyPath, readSource } from '../files/index.ts';

/** Options that may be left out, to be described: a text, some names, a number of things. */
export const someText = z.string().min(1).optional();
export const someNames = z.array(z.string().min(1)).min(1).optional();
export const someNumber = z.int().positive().optional();

/** How an eval's entry in a study may be written. The schema is made when it is first asked for. */
export function optionsOf<T extends z.ZodType>(make: () => T) {
  const schema = once(make);
  const locate = (path: KeyPath) => ({ key: ['options', ...path].join('.') });
  return {
    /** The options under `evals:` as a study file may write them: for editors, and for checking a study before it runs. */
    jsonSchema: once(() => z.toJSONSchema(schema(), { io: 'input', target: 'draft-2020-12' }) as JsonObject),
    /**
     * The options with their defaults.
     *
     * @throws InputError naming each unknown key and each wrong value
     */
    parse: ({ values }: EvalOptions): z.infer<T> =>
      readSource({ value: values, name: 'the options', locate }, schema()).value,
  };
}
