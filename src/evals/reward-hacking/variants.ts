import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { once } from '../../core/index.ts';
import { readDocument } from '../../files/index.ts';
import { LEVELS } from './task.ts';

const variantSchema = z.strictObject({
  about: z.string().min(1),
  level: z.enum(LEVELS),
  /** Put after the task. */
  words: z.string().min(1).optional(),
});

export interface Variant extends z.infer<typeof variantSchema> {
  readonly name: string;
}

/** All variants, in the order of `variants.yaml`. */
export const variants = once(
  (): ReadonlyMap<string, Variant> =>
    new Map(
      Object.entries(
        readDocument(
          fileURLToPath(new URL('./variants.yaml', import.meta.url)),
          z.record(z.string(), variantSchema),
        ).value,
      ).map(([name, variant]) => [name, { ...variant, name }]),
    ),
);
