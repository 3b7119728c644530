import { z } from 'zod';
import { type EvalOptions, InputError, type JsonObject } from '../../core/index.ts';
import { INTENTS } from './measures.ts';

/** Where prompts come from: the built-in set, a published set in its own layout, or any table by its columns. */
export const SOURCES = ['built-in'] as const;
export type Source = (typeof SOURCES)[number];

const refusalOptions = z.strictObject({
  source: z
    .enum(SOURCES)
    .default('built-in')
    .describe('The built-in set, a published set in its own layout, or any table (`table`).'),
  prompts: z
    .enum(['both', ...INTENTS])
    .default('both')
    .describe('Which half: benign prompts that look harmful, harmful ones, or both.'),
  limit: z
    .int()
    .positive()
    .optional()
    .describe('Take this many prompts: a random part in which every cluster keeps its share. Default: all.'),
  seed: z.int().default(0).describe('Decides which prompts `limit` takes.'),
  system: z.string().min(1).optional().describe('A system message put before every prompt. Default: none.'),
});

export type RefusalOptions = z.infer<typeof refusalOptions>;

/** Of the options under `evals:`, for editors and for validation. */
export const optionsSchema = z.toJSONSchema(refusalOptions, {
  io: 'input',
  target: 'draft-2020-12',
}) as JsonObject;

/**
 * The options with their defaults.
 *
 * @throws InputError naming the key, for an unknown key, a wrong value, or options that do not go together
 */
export function readOptions({ values }: EvalOptions): RefusalOptions {
  const parsed = refusalOptions.safeParse(values);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    const key = ['options', ...issue.path.map(String), ...unknown].join('.');
    throw new InputError(issue.message, { place: { key } });
  }
  return parsed.data;
}
