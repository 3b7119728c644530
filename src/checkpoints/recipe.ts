import { z } from 'zod';
import { type Digest, digestOf, type JsonObject } from '../core/index.ts';
import { readDocumentText, readSource } from '../files/index.ts';
import { readYaml } from '../files/yaml-source.ts';
import type { CommandRecipe } from './engines/command/recipe.ts';
import { readCommandRecipe } from './engines/command/recipe.ts';
import { type OrganismRecipe, readOrganismRecipe } from './engines/organism/recipe.ts';
import { readTrlRecipe, type TrlRecipe } from './engines/trl/recipe.ts';

/**
 * What a stage is trained with, and by which engine. A file of its own, so that two studies can share it; its digest names
 * the checkpoint that comes of it.
 */
export type Recipe = OrganismRecipe | TrlRecipe | CommandRecipe;

const READERS = { organism: readOrganismRecipe, trl: readTrlRecipe, command: readCommandRecipe };
const headSchema = z.looseObject({ engine: z.enum(Object.keys(READERS) as (keyof typeof READERS)[]) });

/** @throws InputError naming file, line, column and key of all that is missing, unknown or out of range */
export function loadRecipe(file: string): Recipe {
  const source = readYaml(readDocumentText(file, 'recipe'), file);
  const engine = (source.value as { engine?: unknown } | null)?.engine;
  if (typeof engine === 'string' && Object.hasOwn(READERS, engine))
    return READERS[engine as keyof typeof READERS](source, file);
  readSource(source, headSchema, { begins: 'A recipe begins with `engine:` and `method:`.' });
  throw new Error(`${file}: the engine is known and unknown at once`);
}

/** Digest of all that shapes the training, given the weights that it starts from. */
export function recipeDigest(recipe: Recipe): Digest {
  return digestOf(writtenRecipe(recipe));
}

/** A recipe as it is recorded: without where its files lie on this machine. */
export function writtenRecipe(recipe: Recipe): JsonObject {
  const { folder: _, ...written } = recipe as Recipe & { readonly folder?: string };
  return JSON.parse(JSON.stringify(written));
}
