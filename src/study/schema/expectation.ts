import { z } from 'zod';
import { definedOnly } from '../../core/defined-only.ts';
import { type DifferenceVerdict, VERDICTS } from '../../stats/index.ts';
import { BOUND_FORM, type Bound, boundOf, boundText } from '../bound.ts';
import type { Defined } from '../renamed.ts';
import { id, text } from './values.ts';

const bound = z.codec(
  z.string().refine((value) => boundOf(value) !== null, `must be ${BOUND_FORM}`),
  z.custom<Bound>(),
  { decode: (written) => boundOf(written) as Bound, encode: boundText },
);

const bounds = z.record(id, bound);

const expectationFileSchema = z.strictObject({
  measure: text.describe('The measure that it is about.'),
  from: id.optional().describe('The first stage of the contrast that `verdict` and `change` are about.'),
  to: id.optional().describe('Its second stage.'),
  verdict: z
    .union([z.enum(VERDICTS), z.array(z.enum(VERDICTS)).min(1)])
    .optional()
    .describe('The verdict that must come out, or any of several.'),
  change: z.enum(['rises', 'falls']).optional().describe('Which way the measure must go.'),
  share: bounds
    .default({})
    .describe('How much of the whole change a stage must carry: { sft: at least 0.8 }.'),
  estimate: bounds.default({}).describe('What a stage itself must come out at: { base: at least 0.9 }.'),
  seeds: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('The share of seeds in which it must come out. Default 1: all of them.'),
});

/** `verdict` in a file is one or several; in code always a list. */
export const expectationSchema = z.codec(
  expectationFileSchema,
  z.custom<
    Omit<Defined<z.output<typeof expectationFileSchema>>, 'verdict'> & {
      readonly verdicts: readonly DifferenceVerdict[];
    }
  >(),
  {
    decode: ({ verdict = [], ...others }) =>
      definedOnly({ ...others, verdicts: typeof verdict === 'string' ? [verdict] : verdict }),
    encode: ({ verdicts, ...others }) => ({
      ...others,
      verdict: verdicts.length === 0 ? undefined : [...verdicts],
    }),
  },
);
