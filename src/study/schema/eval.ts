import { z } from 'zod';
import type { JsonObject } from '../../core/index.ts';
import { id, jsonObject, text } from './values.ts';

const evalFileSchema = z.strictObject({
  id: id.optional().describe('The entry’s name in records. Default: the eval’s name.'),
  eval: text.describe('Which eval: the name of a family.'),
  options: jsonObject
    .optional()
    .describe('The eval’s own options: which samples, from where. Relative paths start at the study file.'),
  epochs: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'How often each sample is put to each stage. Default 1. Epochs sharpen each sample’s value; they add no cluster.',
    ),
});

/** An eval's name alone, or with its settings; the code always has the long form. */
export const evalSchema = z.codec(z.union([text, evalFileSchema]), z.custom<EvalSettings>(), {
  decode: (written) => {
    const {
      id,
      eval: name,
      options = {},
      epochs = 1,
    } = typeof written === 'string' ? { eval: written } : written;
    return { id: id ?? name, eval: name, options, epochs };
  },
  encode: (settings) => settings,
});

/** An alias, so that declarations can spell it out. */
type EvalSettings = {
  readonly id: string;
  readonly eval: string;
  readonly options: JsonObject;
  readonly epochs: number;
};
