import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import { type Digest, digestOfText } from '../../../core/index.ts';
import { type Problems, readSource, readWholeFile, type Sound } from '../../../files/index.ts';
import type { YamlSource } from '../../../files/yaml-source.ts';
import { bindMixture, drawsOf, type FileMixture, fileMixtureSchema } from '../../mixture/mixture.ts';

const mixture = z
  .union([z.string().min(1), fileMixtureSchema])
  .describe('A mixture file, relative to the recipe, or the mixture itself.');

const loraSchema = z.strictObject({
  rank: z.int().min(1).default(16),
  alpha: z.number().positive().default(32),
  dropout: z.number().min(0).max(1).default(0),
  target: z.union([z.literal('all-linear'), z.array(z.string()).min(1)]).default('all-linear'),
});

/** What all three methods share. Every setting has a default of stemma's own, so that no library's default counts. */
const common = {
  engine: z.literal('trl'),
  mixture,
  steps: z.int().min(1).optional().describe('Optimiser steps. Left out where all sources have `draws`.'),
  batch: z.int().min(1).default(8).describe('Examples a step, over all processes; with grpo prompts a step.'),
  micro_batch: z
    .int()
    .min(1)
    .optional()
    .describe('Examples at once on one process, for its memory. Default: batch over processes.'),
  processes: z.int().min(1).default(1).describe('Processes that share a step, one a GPU.'),
  rate: z.number().positive().default(2e-5).describe('Peak learning rate.'),
  schedule: z.enum(['constant', 'linear', 'cosine']).default('cosine'),
  warmup: z.number().min(0).max(1).default(0.03).describe('The share of steps in which the rate rises.'),
  weight_decay: z.number().min(0).default(0),
  clip: z.number().positive().default(1).describe('The largest norm of a gradient.'),
  beta1: z.number().min(0).max(1).default(0.9).describe('AdamW.'),
  beta2: z.number().min(0).max(1).default(0.999).describe('AdamW.'),
  epsilon: z.number().positive().default(1e-8).describe('AdamW.'),
  seed: z.int().min(0).default(1),
  max_length: z.int().min(8).default(1024).describe('Tokens of the longest example.'),
  dtype: z.enum(['float32', 'bfloat16']).default('float32').describe('What the weights are held in.'),
  autocast: z.boolean().default(false).describe('Whether to compute in bfloat16 on weights held in float32.'),
  gradient_checkpointing: z.boolean().default(false),
  save_every: z.int().min(1).default(50).describe('Steps between two saved states.'),
  threads: z.int().min(1).nullable().default(null).describe('CPU threads; null leaves it to PyTorch.'),
  lora: loraSchema
    .nullable()
    .default(null)
    .describe('Train a LoRA, merged at the end; null trains all weights.'),
  chat_template: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('A Jinja file, relative to the recipe. It becomes the checkpoint’s own template.'),
  answer_tokens: z
    .int()
    .min(1)
    .default(256)
    .describe('The longest of the eight answers that are sampled after training.'),
};

const truncated = z
  .number()
  .min(0)
  .max(1)
  .default(0)
  .describe('The share of examples that may be cut at max_length. Default 0: none.');

const recipeSchema = z.discriminatedUnion('method', [
  z.strictObject({ ...common, method: z.literal('sft'), truncated_at_most: truncated }),
  z.strictObject({
    ...common,
    method: z.literal('dpo'),
    truncated_at_most: truncated,
    beta: z.number().positive().default(0.1).describe('How closely it keeps to its parent.'),
  }),
  z.strictObject({
    ...common,
    method: z.literal('grpo'),
    rewards: z
      .record(z.string(), z.number())
      .describe('Weights by `file.py:function`, the file relative to the recipe.'),
    group: z.int().min(2).default(8).describe('Answers sampled to each prompt.'),
    beta: z.number().min(0).default(0.04).describe('What a nat of divergence from the parent costs.'),
    max_tokens: z.int().min(1).default(128).describe('Tokens of the longest sampled answer.'),
    temperature: z.number().positive().default(1),
  }),
]);
type WrittenTrlRecipe = z.output<typeof recipeSchema>;

/** A recipe for TRL, bound to the files that it names. */
export type TrlRecipe = DistributiveOmit<
  WrittenTrlRecipe,
  'mixture' | 'steps' | 'micro_batch' | 'chat_template'
> & {
  readonly mixture: FileMixture;
  readonly steps: number;
  readonly micro_batch: number;
  /** The text of the template. */
  readonly chat_template: string | null;
  /** Content of the files with reward functions. */
  readonly files: Readonly<Record<string, Digest>>;
  /** Where its paths start. It is not part of what is recorded. */
  readonly folder: string;
};
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** @throws DocumentError naming file, line, column and key of all that is missing, unknown or out of range */
export function readTrlRecipe(source: YamlSource, file: string): TrlRecipe {
  const folder = dirname(resolve(file));
  let bound: FileMixture | undefined;
  let template: string | null = null;
  const files: Record<string, Digest> = {};
  const { value } = readSource(source, recipeSchema, {
    check: (recipe, problems) => {
      bound = bindMixture(recipe.mixture as Sound<WrittenTrlRecipe['mixture']>, {
        recipe: resolve(file),
        at: ['mixture'],
        problems,
      });
      if (bound !== undefined) checkSteps(recipe, bound, problems);
      checkBatch(recipe, problems);
      if (typeof recipe.chat_template === 'string')
        template = textAt(resolve(folder, recipe.chat_template), ['chat_template'], problems);
      if (recipe.method === 'grpo') checkRewards(recipe.rewards, folder, files, problems);
    },
  });
  const { mixture: _, steps, micro_batch, ...rest } = value;
  const rows = rest.batch * (rest.method === 'grpo' ? rest.group : 1);
  return {
    ...rest,
    mixture: bound!,
    steps: steps ?? stepsOf(bound!, rest.batch),
    micro_batch: micro_batch ?? rows / rest.processes,
    chat_template: template,
    files,
    folder,
  };
}

/** The steps that exact draws take. */
function stepsOf(mixture: FileMixture, batch: number): number {
  const total = Object.values(drawsOf({ mixture, steps: 0, batch })).reduce((a, b) => a + b, 0);
  return total / batch;
}

type RecipeParts = Sound<z.input<typeof recipeSchema>>;

function checkSteps({ steps, batch = 8 }: RecipeParts, mixture: FileMixture, problems: Problems): void {
  const exact = Object.values(mixture).some(({ draws }) => draws !== undefined);
  if (!exact && steps === undefined)
    problems.add(['steps'], '"steps" is missing', 'Write how many optimiser steps to take.');
  if (exact && steps !== undefined)
    problems.addKey(
      ['steps'],
      'sources with draws say themselves how many steps there are',
      'Take `steps` or the draws away.',
    );
  if (exact && typeof batch === 'number' && !Number.isInteger(stepsOf(mixture, batch)))
    problems.add(
      ['mixture'],
      `the draws do not fill whole steps of ${batch} examples`,
      'Change the draws or the batch.',
    );
}

function checkBatch(
  { batch = 8, micro_batch, processes = 1, ...rest }: RecipeParts,
  problems: Problems,
): void {
  const group = rest.method === 'grpo' ? (rest.group ?? 8) : 1;
  const share = (batch * group) / processes;
  if (!Number.isInteger(share))
    problems.add(
      ['batch'],
      `${batch * group} examples a step cannot be shared by ${processes} processes`,
      'Make it a multiple of processes.',
    );
  else if (micro_batch !== undefined && share % micro_batch !== 0)
    problems.add(
      ['micro_batch'],
      `${share} examples a process are not a multiple of it`,
      'Make it a divisor.',
    );
}

function checkRewards(
  rewards: Sound<Record<string, number>> | undefined,
  folder: string,
  files: Record<string, Digest>,
  problems: Problems,
): void {
  for (const name of Object.keys(rewards ?? {})) {
    const [path, file] = /^(.+\.py):[A-Za-z_]\w*$/.exec(name) ?? [];
    if (path === undefined || file === undefined) {
      problems.addKey(['rewards', name], `"${name}" does not name a function`, 'Write file.py:function.');
      continue;
    }
    const text = textAt(resolve(folder, file), ['rewards', name], problems);
    if (text !== null) files[relative(folder, resolve(folder, file))] = digestOfText(text);
  }
  if (rewards !== undefined && Object.keys(rewards).length === 0)
    problems.add(['rewards'], 'no reward is named', 'Give at least one function.');
}

function textAt(file: string, path: readonly string[], problems: Problems): string | null {
  return problems.attempt(() => readWholeFile(file).toString('utf8'), path) ?? null;
}
