import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import {
  didYouMean,
  type KeyPath,
  type Problems,
  readDocument,
  readSource,
  type Sound,
} from '../../../files/index.ts';
import type { YamlSource } from '../../../files/yaml-source.ts';
import { REWARDS, SOURCES } from '../../../organism/index.ts';

/** What an organism is trained with: a weighted mixture of the world's sources (SFT), or rewards (GRPO). */
export type OrganismRecipe = SftRecipe | RlRecipe;

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
  sources: z.record(z.string(), z.union([weight, entrySchema])),
});
type OrganismMixture = z.infer<typeof mixtureSchema>;

const sftSchema = z.strictObject({
  engine: z.literal('organism'),
  method: z.literal('sft'),
  mixture: z
    .union([z.string().min(1), mixtureSchema])
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

const recipeSchema = z.discriminatedUnion('method', [sftSchema, rlSchema]);

type MixtureEntry = z.infer<typeof entrySchema>;
type SftRecipe = Omit<z.infer<typeof sftSchema>, 'mixture'> & {
  readonly mixture: Readonly<Record<string, MixtureEntry>>;
};
type RlRecipe = z.infer<typeof rlSchema>;

/** @throws DocumentError naming file, line, column and key of all that is missing, unknown or out of range */
export function readOrganismRecipe(source: YamlSource, file: string): OrganismRecipe {
  let mixture: OrganismMixture | undefined;
  const { value } = readSource(source, recipeSchema, {
    check: (recipe, problems) => {
      if (recipe.method === 'grpo') return checkWeights(recipe.rewards, ['rewards'], REWARDS, problems);
      if (recipe.method !== 'sft') return;
      if (typeof recipe.mixture !== 'string') return checkMixture(recipe.mixture, ['mixture'], problems);
      // What is wrong in the mixture's own file is told together with what is wrong here.
      mixture = problems.attempt(() => readMixture(resolve(dirname(file), recipe.mixture as string)));
    },
  });
  if (value.method === 'grpo') return value;
  const { sources } = typeof value.mixture === 'string' ? (mixture as OrganismMixture) : value.mixture;
  return { ...value, mixture: Object.fromEntries(Object.entries(sources).map(entryOf)) };
}

function readMixture(file: string): OrganismMixture {
  return readDocument(file, mixtureSchema, {
    what: 'mixture',
    check: (written, problems) => checkMixture(written, [], problems),
  }).value;
}

function entryOf([name, source]: [string, number | MixtureEntry]): [string, MixtureEntry] {
  return [name, typeof source === 'number' ? { weight: source } : source];
}

function checkMixture(mixture: Sound<OrganismMixture> | undefined, at: KeyPath, problems: Problems): void {
  const sources = mixture?.sources;
  const path = [...at, 'sources'];
  checkWeights(sources, path, SOURCES, problems);
  for (const [name, source] of Object.entries(sources ?? {})) {
    const teacher = typeof source === 'object' ? source.teacher : undefined;
    if (teacher === undefined || !Object.hasOwn(SOURCES, name)) continue;
    const known = SOURCES[name]?.teachers ?? [];
    if (!known.includes(teacher))
      problems.add(
        [...path, name, 'teacher'],
        `source "${name}" has no teacher "${teacher}"`,
        didYouMean(teacher, known, all),
      );
  }
}

/** All names are known, and something is drawn from. */
function checkWeights(
  given: Sound<OrganismMixture['sources']> | undefined,
  path: KeyPath,
  known: Readonly<Record<string, unknown>>,
  problems: Problems,
): void {
  if (given === undefined) return;
  const what = path.at(-1) === 'rewards' ? 'reward' : 'source';
  for (const name of Object.keys(given).filter((name) => !Object.hasOwn(known, name)))
    problems.addKey(
      [...path, name],
      `there is no ${what} "${name}"`,
      didYouMean(name, Object.keys(known), all),
    );
  const weights = Object.values(given).map((entry) => (typeof entry === 'object' ? entry.weight : entry));
  if (weights.every((each) => each === 0))
    problems.add(
      path,
      'nothing would be drawn: no weight is above 0',
      'Give at least one a positive weight.',
    );
}

function all(known: readonly string[]): string {
  return `Known: ${known.join(', ')}.`;
}
