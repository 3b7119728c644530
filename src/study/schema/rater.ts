import { z } from 'zod';
import { renamed } from '../renamed.ts';
import { MODEL_FORMS, modelSchema } from './model.ts';
import { samplingSchema } from './sampling.ts';
import { id, text } from './values.ts';

const autoraterSchema = renamed(
  z.strictObject({
    id: id.describe('The rater’s name in records.'),
    kind: z.literal('autorater').describe('A language model that rates by the eval’s rubric.'),
    model: modelSchema.describe(`The judge: ${MODEL_FORMS}; or { ref, template, stop, body }.`),
    family: text
      .optional()
      .describe('Who made the judge, so that a panel can keep it from rating its own family.'),
    sampling: samplingSchema
      .optional()
      .describe(
        'Where the judge is sampled differently from a judge’s defaults (temperature 0, max_tokens 4096, seed 1).',
      ),
    context_tokens: z
      .int()
      .min(1)
      .optional()
      .describe(
        'Tokens that the judge’s context holds, prompt and answer together: longer transcripts are shortened to fit. Default: not known; shortened to 400,000 characters.',
      ),
    judging: z
      .enum(['one-by-one', 'together'])
      .optional()
      .describe(
        'Where an eval asks many things of one text: a call for each (one-by-one, the default, careful), or all in one call (together, cheap).',
      ),
  }),
  { context_tokens: 'contextTokens' },
);

const ruleSchema = z.strictObject({
  id: id.describe('The rater’s name in records.'),
  kind: z.literal('rule').describe('A rule in code that the eval brings.'),
  rule: text.describe('The rule’s name, such as string-match.'),
});

const panelSchema = renamed(
  z.strictObject({
    id: id.describe('The rater’s name in findings.'),
    kind: z.literal('panel').describe('Other raters combined when findings are made; rates nothing itself.'),
    members: z.array(id).min(2).describe('Ids of the raters that sit on it; at least two.'),
    combine: z
      .enum(['median', 'majority', 'any'])
      .default('median')
      .describe(
        'How their values become one: median (the default), majority, or any (the largest: one that finds it is enough).',
      ),
    exclude_own_family: z
      .boolean()
      .default(true)
      .describe('Whether a member does not count for a stage of its own family. Default true.'),
  }),
  { exclude_own_family: 'excludeOwnFamily' },
);

export const raterSchema = z.discriminatedUnion('kind', [autoraterSchema, ruleSchema, panelSchema]);
