import { relative, resolve } from 'node:path';
import { z } from 'zod';
import { InputError, type Json } from '../../core/index.ts';
import type { OrganismRecipe } from '../engines/organism/recipe.ts';
import type { Recipe } from '../recipe.ts';
import { exactCounts } from './draw.ts';
import { type FileSource, readRows, sourceDigest } from './file-source.ts';
import { drawsOf, type FileMixture, type Learning } from './mixture.ts';

const TIMES = /^[×x](\d+(?:\.\d+)?)$/;

/** What an intervention does to one source of a recipe. */
export const changeSchema = z.union([
  z.literal('drop'),
  z.string().regex(TIMES, 'must be drop, ×2 (or x2), or a map'),
  z.strictObject({
    where: z.record(z.string(), z.json()).describe('Only rows whose columns hold these values.'),
  }),
  z.strictObject({
    replace: z.string().min(1).describe('Another source of the recipe, or a file, in its place.'),
  }),
  z.strictObject({ teacher: z.string().min(1).describe('Who answers its prompts.') }),
  z.strictObject({
    swap: z
      .strictObject({
        teacher: z.string().min(1).describe('Who answers some of its prompts.'),
        share: z.number().gt(0).max(1).describe('The exact share of its rows that are swapped.'),
      })
      .describe('An exact share of its rows with the answers of another teacher.'),
  }),
]);
type SourceChange = z.output<typeof changeSchema>;
export type Changes = Readonly<Record<string, SourceChange>>;

/**
 * What stays the same where the amount of a source changes. Dropping one of two equal sources at the same number of steps
 * doubles the other one: which of the two is meant has to be said.
 */
export const HOLDS = ['steps', 'others', 'tokens'] as const;
export type Hold = (typeof HOLDS)[number];

/**
 * Whether a change alters how many examples a source gives. One source in the place of another grows by as much as the other
 * one shrinks; a file in its place gives as many as before.
 */
export function changesAmount(changes: Changes, recipe: Recipe | undefined): boolean {
  const sources = recipe !== undefined && 'mixture' in recipe ? recipe.mixture : {};
  return Object.values(changes).some(
    (change) => typeof change === 'string' || ('replace' in change && Object.hasOwn(sources, change.replace)),
  );
}

/**
 * The recipe with its sources changed. What is drawn from each source is then an exact number.
 *
 * @param hold needed where an amount changes
 * @throws InputError where a source, a teacher or a file is not there, or the engine cannot do it
 */
export function changedRecipe(recipe: Recipe, changes: Changes, hold: Hold | undefined): Recipe {
  if (recipe.engine === 'organism') return changedOrganism(recipe, changes, hold);
  if (Object.keys(recipe.mixture).length === 0)
    throw new InputError('this recipe has no mixture that could be changed', {
      remedy: 'Let stemma draw the examples: `mixture:` in the recipe, and {order} in the command.',
    });
  requireSources(recipe.mixture, changes);
  const before = drawsOf(recipe);
  const mixture: Record<string, FileSource> = { ...recipe.mixture };
  const weights = Object.fromEntries(Object.entries(before).map(([name, count]) => [name, count as number]));
  for (const [name, change] of Object.entries(changes)) {
    const source = mixture[name]!;
    if (typeof change === 'string') weights[name] = weights[name]! * factorOf(change);
    else if ('replace' in change) {
      if (Object.hasOwn(recipe.mixture, change.replace)) {
        weights[change.replace]! += weights[name]!;
        weights[name] = 0;
      } else mixture[name] = withFile(source, change.replace, recipe.folder);
    } else mixture[name] = changedSource(name, source, change, recipe.folder);
  }
  const counts = changesAmount(changes, recipe) ? held(recipe, weights, hold ?? 'steps') : weights;
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  if (total === 0) throw new InputError('this change leaves nothing to learn from');
  const bound = Object.fromEntries(
    Object.entries(mixture).map(([name, source]) => [name, { ...source, draws: counts[name]! }]),
  );
  return { ...recipe, mixture: bound, steps: total / recipe.batch };
}

function factorOf(change: string): number {
  return change === 'drop' ? 0 : Number(TIMES.exec(change)![1]);
}

/** How many examples each source gives, so that whole steps are filled. */
function held(
  recipe: Learning,
  weights: Readonly<Record<string, number>>,
  hold: Hold,
): Record<string, number> {
  const before = drawsOf(recipe);
  const total = recipe.steps * recipe.batch;
  if (hold === 'steps') return exactCounts(weights, total);
  if (hold === 'tokens') {
    const lengths = meanLengths(recipe);
    const sum = (counts: Readonly<Record<string, number>>) =>
      Object.entries(counts).reduce((all, [name, count]) => all + count * (lengths[name] ?? 0), 0);
    const wanted = Object.values(weights).reduce((a, b) => a + b, 0);
    const perExample = sum(weights) / wanted;
    const steps = Math.max(1, Math.round(sum(before) / perExample / recipe.batch));
    return exactCounts(weights, steps * recipe.batch);
  }
  const counts = Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, Math.round(weight)]),
  );
  const given = Object.values(counts).reduce((a, b) => a + b, 0);
  const missing = Math.ceil(given / recipe.batch) * recipe.batch - given;
  // The last step is filled from what did not change.
  const unchanged = Object.entries(counts).filter(([name, count]) => count > 0 && count === before[name]);
  const fill = exactCounts(
    Object.fromEntries(unchanged.length > 0 ? unchanged : Object.entries(counts)),
    missing,
  );
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count + (fill[name] ?? 0)]));
}

/** Characters of an example of each source: tokens are taken to be in proportion, so that no tokenizer is needed. */
function meanLengths({ mixture, method, folder }: Learning): Record<string, number> {
  return Object.fromEntries(
    Object.entries(mixture).map(([name, source]) => {
      const rows = readRows(name, source, method, folder);
      const length = rows.reduce(
        (sum, { example }) => sum + lengthOf(example.messages ?? example.chosen ?? example.prompt),
        0,
      );
      return [name, rows.length === 0 ? 0 : length / rows.length];
    }),
  );
}

function lengthOf(messages: Json | undefined): number {
  const list = (messages ?? []) as readonly { readonly content: string }[];
  return list.reduce((sum, { content }) => sum + content.length, 0);
}

function changedSource(
  name: string,
  source: FileSource,
  change: Exclude<SourceChange, string | { replace: string }>,
  folder: string,
): FileSource {
  if ('where' in change)
    return { ...source, where: { ...source.where, ...(change.where as FileSource['where']) } };
  const teacher = 'teacher' in change ? change.teacher : change.swap.teacher;
  const given = source.teachers?.[teacher];
  if (given === undefined)
    throw new InputError(`the source "${name}" has no answers of the teacher "${teacher}"`, {
      remedy: `Its teachers: ${Object.keys(source.teachers ?? {}).join(', ') || 'none'}. Give \`teachers: { ${teacher}: FILE }\` or \`{ ${teacher}: { stage: ID } }\` in the mixture.`,
    });
  const { path, digest } = source;
  if ('teacher' in change)
    return typeof given === 'string'
      ? { ...withFile(source, given, folder), teacher }
      : { ...source, teacher, asked: given };
  const { share } = change.swap;
  return typeof given === 'string'
    ? { ...source, swap: { teacher, path: given, digest: sourceDigest(resolve(folder, given)), share } }
    : { ...source, swap: { teacher, path, digest, share, asked: given } };
}

function withFile({ asked: _, ...source }: FileSource, path: string, folder: string): FileSource {
  const file = resolve(folder, path);
  return { ...source, path: relative(folder, file), digest: sourceDigest(file) };
}

function requireSources(mixture: FileMixture | Readonly<Record<string, unknown>>, changes: Changes): void {
  const unknown = Object.keys(changes).find((name) => !Object.hasOwn(mixture, name));
  if (unknown !== undefined)
    throw new InputError(`the recipe has no source "${unknown}"`, {
      remedy: `Its sources: ${Object.keys(mixture).join(', ')}.`,
    });
}

/** An organism's rows are drawn by weight, a step at a time: what is held is the number of steps that a source fills. */
function changedOrganism(recipe: OrganismRecipe, changes: Changes, hold: Hold | undefined): OrganismRecipe {
  if (recipe.method !== 'sft') throw new InputError('only the mixture of an SFT recipe can be changed');
  requireSources(recipe.mixture, changes);
  const mixture = { ...recipe.mixture };
  for (const [name, change] of Object.entries(changes)) {
    const source = mixture[name]!;
    if (typeof change === 'string') mixture[name] = { ...source, weight: source.weight * factorOf(change) };
    else if ('teacher' in change) mixture[name] = { ...source, teacher: change.teacher };
    else if ('replace' in change && Object.hasOwn(mixture, change.replace)) {
      mixture[change.replace] = {
        ...mixture[change.replace]!,
        weight: mixture[change.replace]!.weight + source.weight,
      };
      mixture[name] = { ...source, weight: 0 };
    } else
      throw new InputError(`an organism's source "${name}" cannot be changed like this`, {
        remedy: 'Use drop, ×2, teacher, or replace with another source of the recipe.',
      });
  }
  const sum = (of: typeof mixture) => Object.values(of).reduce((all, { weight }) => all + weight, 0);
  if (sum(mixture) === 0) throw new InputError('this change leaves nothing to learn from');
  if (hold !== 'others') return { ...recipe, mixture };
  return {
    ...recipe,
    mixture,
    steps: Math.max(1, Math.round((recipe.steps * sum(mixture)) / sum(recipe.mixture))),
  };
}
