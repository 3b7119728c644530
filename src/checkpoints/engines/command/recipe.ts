import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { Digest } from '../../../core/index.ts';
import { readSource, type Sound } from '../../../files/index.ts';
import type { YamlSource } from '../../../files/yaml-source.ts';
import { sourceDigest } from '../../mixture/file-source.ts';
import { bindMixture, drawsOf, type FileMixture, fileMixtureSchema } from '../../mixture/mixture.ts';

/** What stands for a path in the command. */
export const PLACES = ['parent', 'adapter', 'order', 'out', 'job', 'seed', 'steps'] as const;

const recipeSchema = z.strictObject({
  engine: z.literal('command'),
  method: z.enum(['sft', 'dpo', 'grpo']).default('sft').describe('What a row of a source looks like.'),
  command: z
    .array(z.string())
    .min(1)
    .describe(
      `The trainer and its arguments. {parent} is the folder of the parent's weights, {out} the folder to write to, {order} the examples in their order (JSONL), {job} the job's own folder; also {adapter}, {seed} and {steps}.`,
    ),
  inputs: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Files that decide what comes of it (settings, scripts), relative to the recipe: their content is recorded.',
    ),
  environment: z
    .record(z.string(), z.string())
    .default({})
    .describe('Variables for the command. No secrets.'),
  mixture: z
    .union([z.string().min(1), fileMixtureSchema])
    .optional()
    .describe('Where stemma draws the examples; needs {order} in the command.'),
  steps: z.int().min(1).default(1).describe('Optimiser steps; with `mixture`, how many examples there are.'),
  batch: z.int().min(1).default(8).describe('Examples a step.'),
  processes: z.int().min(1).default(1).describe('Processes that a Slurm job starts.'),
  seed: z.int().min(0).default(1),
});
type WrittenCommandRecipe = z.output<typeof recipeSchema>;

/** A recipe for any trainer: a command, and the files that decide what comes of it. */
export type CommandRecipe = Omit<WrittenCommandRecipe, 'mixture' | 'inputs'> & {
  readonly mixture: FileMixture;
  /** Digests of the inputs by their path. */
  readonly inputs: Readonly<Record<string, Digest>>;
  /** Where its paths start. It is not part of what is recorded. */
  readonly folder: string;
};

/** @throws DocumentError naming file, line, column and key of all that is missing, unknown or out of range */
export function readCommandRecipe(source: YamlSource, file: string): CommandRecipe {
  const folder = dirname(resolve(file));
  let bound: FileMixture | undefined;
  const inputs: Record<string, Digest> = {};
  const { value } = readSource(source, recipeSchema, {
    check: (recipe, problems) => {
      const words = (recipe.command ?? []).filter((word) => word !== undefined);
      const named = words.flatMap((word) => [...word.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!));
      for (const name of named.filter((name) => !PLACES.some((place) => place === name)))
        problems.add(
          ['command'],
          `{${name}} stands for nothing`,
          `Known: ${PLACES.map((place) => `{${place}}`).join(', ')}.`,
        );
      if (words.length > 0 && !named.includes('out'))
        problems.add(
          ['command'],
          'the command does not say where to write',
          'Put {out} among its arguments.',
        );
      if (recipe.mixture !== undefined) {
        bound = bindMixture(recipe.mixture as Sound<NonNullable<WrittenCommandRecipe['mixture']>>, {
          recipe: resolve(file),
          at: ['mixture'],
          problems,
        });
        if (!named.includes('order'))
          problems.add(
            ['command'],
            'stemma draws the examples, but the command does not take them',
            'Put {order} among its arguments.',
          );
      }
      for (const [index, input] of (recipe.inputs ?? []).entries()) {
        if (input === undefined) continue;
        const digest = problems.attempt(() => sourceDigest(resolve(folder, input)), ['inputs', index]);
        if (digest !== undefined) inputs[input] = digest;
      }
    },
  });
  const mixture = bound ?? {};
  const exact = Object.values(mixture).some(({ draws }) => draws !== undefined);
  const total = Object.values(drawsOf({ mixture, steps: 0, batch: 1 })).reduce((a, b) => a + b, 0);
  const steps = exact ? Math.ceil(total / value.batch) : value.steps;
  return { ...value, steps, mixture, inputs, folder };
}
