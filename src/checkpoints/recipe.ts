import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type Digest, digestOf, InputError, type JsonObject } from '../core/index.ts';
import { type KeyPath, nearest, parseYaml, validateYaml, type YamlFile } from '../files/index.ts';
import { REWARDS, SOURCES } from '../organism/index.ts';

/**
 * What a stage is trained with: a weighted mixture of named sources (SFT), or rewards (RL). A file of its own, so that two
 * studies can share it; its digest names the checkpoint that comes of it.
 */
export type Recipe = SftRecipeFile | RlRecipeFile;

const weight = z
  .number()
  .min(0)
  .describe('How often this source is drawn from, beside the others. 0 leaves it out.');

const entrySchema = z.strictObject({
  weight,
  teacher: z.string().optional().describe('Who wrote the answers.'),
  drop: z.array(z.string()).optional().describe('Clusters whose examples are filtered out.'),
});

/** `mixture.yaml`, or the `mixture` of a recipe: sources by name, each a weight or a map with more to say. */
const mixtureSchema = z.strictObject({
  sources: z.record(
    z.string(),
    z.preprocess((x) => (typeof x === 'number' ? { weight: x } : x), entrySchema),
  ),
});

const sftSchema = z.strictObject({
  engine: z.literal('organism'),
  method: z.literal('sft'),
  mixture: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())])
    .describe('A mixture file, relative to the recipe, or the mixture itself.'),
  steps: z.int().min(1).default(250),
  rows: z.int().min(1).default(24).describe('Rows of examples a step.'),
  rate: z.number().positive().default(2e-3).describe('Peak learning rate.'),
  seed: z.int().min(0).default(1),
});

const rlSchema = z.strictObject({
  engine: z.literal('organism'),
  method: z.literal('grpo'),
  rewards: z.record(z.string(), weight).describe('Which share of the prompts each reward gets.'),
  steps: z.int().min(1).default(30),
  prompts: z.int().min(1).default(12).describe('Prompts a step.'),
  group: z.int().min(2).default(8).describe('Answers sampled to each prompt.'),
  rate: z.number().positive().default(3e-4),
  beta: z.number().min(0).default(0.15).describe('What a nat of divergence from the parent a token costs.'),
  seed: z.int().min(0).default(1),
});

export type MixtureEntry = z.infer<typeof entrySchema>;
export type SftRecipeFile = Omit<z.infer<typeof sftSchema>, 'mixture'> & {
  readonly mixture: Readonly<Record<string, MixtureEntry>>;
};
export type RlRecipeFile = z.infer<typeof rlSchema>;

/** @throws InputError naming file, line, column and key of what is missing, unknown or out of range */
export function loadRecipe(file: string): Recipe {
  const source = readYamlFile(file, 'recipe');
  const method = memberOf(source.value, 'method');
  if (method !== 'sft' && method !== 'grpo') {
    const what =
      method === undefined ? '"method" is missing' : `there is no method ${JSON.stringify(method)}`;
    source.fail(method === undefined ? [] : ['method'], what, 'Write sft, or grpo (reinforcement learning).');
  }
  if (method === 'grpo') {
    const recipe = validateYaml(source, rlSchema);
    requireKnown(source, ['rewards'], recipe.rewards, REWARDS);
    requireWeight(source, ['rewards'], Object.values(recipe.rewards));
    return recipe;
  }
  const { mixture, ...rest } = validateYaml(source, sftSchema);
  if (typeof mixture !== 'string') return { ...rest, mixture: mixtureOf(source, mixture, ['mixture']) };
  const mixtureFile = resolve(dirname(file), mixture);
  const mixtureSource = readYamlFile(mixtureFile, 'mixture');
  return { ...rest, mixture: mixtureOf(mixtureSource, mixtureSource.value, []) };
}

/** Digest of all that shapes the training, given the weights that it starts from. */
export function recipeDigest(recipe: Recipe): Digest {
  return digestOf(recipe as unknown as JsonObject);
}

function mixtureOf(source: YamlFile, value: unknown, at: KeyPath): Readonly<Record<string, MixtureEntry>> {
  const { sources } = validateYaml({ ...source, value }, mixtureSchema, at);
  const path = [...at, 'sources'];
  requireKnown(source, path, sources, SOURCES);
  requireWeight(
    source,
    path,
    Object.values(sources).map((entry) => entry.weight),
  );
  for (const [name, { teacher }] of Object.entries(sources)) {
    const known = SOURCES[name]?.teachers ?? [];
    if (teacher === undefined || known.includes(teacher)) continue;
    source.fail(
      [...path, name, 'teacher'],
      `source "${name}" has no teacher "${teacher}"`,
      oneOf(teacher, known),
    );
  }
  return sources;
}

function requireKnown(
  source: YamlFile,
  path: KeyPath,
  given: object,
  known: Readonly<Record<string, unknown>>,
): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const what = path.at(-1) === 'rewards' ? 'reward' : 'source';
  source.fail([...path, unknown], `there is no ${what} "${unknown}"`, oneOf(unknown, Object.keys(known)));
}

function requireWeight(source: YamlFile, path: KeyPath, weights: readonly number[]): void {
  if (weights.some((each) => each > 0)) return;
  source.fail(path, 'nothing would be drawn: no weight is above 0', 'Give at least one a positive weight.');
}

function oneOf(typed: string, known: readonly string[]): string {
  const near = nearest(typed, known);
  return near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`;
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}

function readYamlFile(file: string, what: string): YamlFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError(`this ${what} cannot be read`, {
      place: { file },
      remedy: `Paths in a study start at the study file, those in a recipe at the recipe.`,
      cause,
    });
  }
  return parseYaml(text, file);
}
