import { z } from 'zod';
import { changeSchema, HOLDS } from '../../checkpoints/index.ts';
import { definedOnly } from '../../core/defined-only.ts';
import { areSeeds, FEWEST_REPLICATES } from '../../core/replicate.ts';
import type { Defined } from '../renamed.ts';
import { isModel, MODEL_FORMS, modelSchema, type StageModel } from './model.ts';
import { samplingSchema } from './sampling.ts';
import { ID_FORM, id, text, texts } from './values.ts';

/** What one level of a factor changes at its stage. */
const levelSchema = z
  .strictObject({
    from: id.describe('The stage it is trained from.'),
    recipe: text.describe('The recipe that trains it.'),
    change: z
      .record(text, changeSchema)
      .describe('An intervention on the mixture, added to the stage’s own.'),
    hold: z.enum(HOLDS).describe('What stays the same where the change alters an amount.'),
    weights: text.describe('The checkpoint’s own files.'),
    model: modelSchema.describe('The checkpoint, or the server that you started with it.'),
  })
  .partial();

/** The levels of each factor by name; `from` is a factor whose levels are stages. An alias, so that declarations can spell it out. */
type Grid<Level> = {
  from?: string[] | undefined;
  seeds?: number[] | undefined;
  [factor: string]: string[] | number[] | Record<string, Level> | undefined;
};

// The type is written by hand: zod's own says of `from` and `seeds` that they are levels too, which no user's project compiles.
const gridSchema: z.ZodType<Grid<z.output<typeof levelSchema>>, Grid<z.input<typeof levelSchema>>> = z
  .object({
    from: z.array(id).min(2).optional().describe('Stages that it is trained from, each a level.'),
    seeds: z
      .array(z.int().min(0))
      .min(2)
      .optional()
      .describe('Replicates of each combination; never a factor.'),
  })
  .catchall(z.record(id, levelSchema));

const stageFileSchema = z.strictObject({
  id: id.describe(`The stage’s name in records and on screen: ${ID_FORM}.`),
  kind: id
    .describe('What kind of training it was.')
    .meta({ examples: ['pretrain', 'sft', 'dpo', 'rl', 'rlvr'] }),
  from: id
    .nullable()
    .optional()
    .describe(
      'The stage it was trained from. Default: the stage above it (null for the first). null: the root of a tree.',
    ),
  title: text.optional().describe('Its name for people. Default: the id.'),
  factors: z
    .record(id, text)
    .optional()
    .describe(
      'Its level of each factor of the experiment: { base: sft, prompts: diverse }. `grid` writes them itself.',
    ),
  step: z
    .number()
    .min(0)
    .optional()
    .describe(
      'At which step (or after how many tokens) of its training the checkpoint was taken. Three or more of one kind make a curve.',
    ),
  replicate_of: id
    .optional()
    .describe('The stage that was trained in the same way from another seed. `replicates` writes it itself.'),
  family: text
    .optional()
    .describe(
      'Who made it (openai, anthropic, …), so that a panel can keep judges from rating their own family.',
    ),
  model: modelSchema
    .optional()
    .describe(
      `The checkpoint: ${MODEL_FORMS}; or { ref, template, stop, body }. Or give weights, or a recipe; a model beside them is the server that you started with them.`,
    ),
  weights: text
    .optional()
    .describe(
      'The checkpoint’s own files: a folder of safetensors with its tokenizer, relative to the study file, or hf:ORG/NAME@REVISION.',
    ),
  adapter: text.optional().describe('A folder of LoRA weights (peft) that go on top of `weights`.'),
  gguf: text.optional().describe('The checkpoint as a GGUF file, instead of `weights`.'),
  replicates: z
    .union([
      z.array(modelSchema).min(FEWEST_REPLICATES),
      z.int().min(FEWEST_REPLICATES).max(100),
      z.array(z.int().min(0)).min(FEWEST_REPLICATES),
    ])
    .optional()
    .describe(
      'The training runs of this stage, at least three. Instead of a model: the checkpoint of each. Beside a recipe: how many (3 stands for the seeds 1, 2, 3), or a list of seeds. Run k comes from run k of the stage in `from`, where that has as many. How they differ is counted in every interval.',
    ),
  recipe: text
    .optional()
    .describe(
      'Instead of a model: the recipe file that trains this stage from the one in `from`, relative to the study file. It is trained before the first trial.',
    ),
  change: z
    .record(text, changeSchema)
    .optional()
    .describe(
      'An intervention on the mixture of its recipe, by source: drop, ×2 (or x2), { where: … }, { replace: SOURCE or FILE }, { teacher: NAME }, or { swap: { teacher: NAME, share: 0.1 } }.',
    ),
  hold: z
    .enum(HOLDS)
    .optional()
    .describe(
      'What stays the same where a change alters an amount (drop, ×2, replace by another source): steps (others grow), others (fewer or more steps), or tokens. There is no default.',
    ),
  seed: z.int().min(0).optional().describe('The seed of its training, instead of its recipe’s.'),
  grid: gridSchema
    .optional()
    .describe(
      'Factors with their levels: each combination becomes a stage. A level says what differs: { from, recipe, change, hold, weights, model }; `from: [a, b]` is a factor too; `seeds: [1, 2, 3]` are replicates.',
    ),
  template: text
    .optional()
    .describe(
      'A prompt template file for text completions, relative to the study file (short for model.template).',
    ),
  stop: texts.optional().describe('Stop sequences for this stage alone (short for model.stop).'),
  system: text
    .optional()
    .describe(
      'A system prompt for this stage alone. It stands before the system messages of the samples; comparisons with stages that are told something else say so.',
    ),
  sampling: samplingSchema
    .optional()
    .describe('Where it is sampled differently. Comparisons between stages sampled differently are refused.'),
});

export const stageSchema = z.codec(
  stageFileSchema,
  z.custom<
    Defined<Omit<z.output<typeof stageFileSchema>, 'replicate_of'>> & {
      readonly replicateOf?: string;
    }
  >(),
  {
    decode: ({ template, stop, model, replicates, replicate_of: replicateOf, ...stage }) => {
      const told = (one: StageModel) =>
        isModel(one) ? one : definedOnly({ ...one, ...definedOnly({ template, stop }) });
      return definedOnly({
        ...stage,
        // Of a stage that stemma serves itself, they go with the server's own address later.
        ...(model === undefined && replicates === undefined ? { template, stop } : {}),
        replicateOf,
        model: model === undefined ? undefined : told(model),
        replicates:
          replicates === undefined || areSeeds(replicates)
            ? replicates
            : (replicates as StageModel[]).map(told),
      });
    },
    encode: ({ replicateOf, ...stage }) => definedOnly({ ...stage, replicate_of: replicateOf }),
  },
);
