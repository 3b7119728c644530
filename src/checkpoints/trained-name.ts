import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { digestOf, digestOfText } from '../core/index.ts';
import { readWholeFile } from '../files/index.ts';
import { sourceName } from './engines/job-folder.ts';
import { checkpointFile, SHIPPED_BASE } from './engines/organism/train-organism.ts';
import { type Recipe, recipeDigest } from './recipe.ts';
import type { CheckpointSource } from './source.ts';

/**
 * The name of the checkpoint that a recipe makes of another. It says of what and by what, so a changed recipe, a changed
 * file of examples, or another parent is another name.
 */
export function trainedName(stage: string, parent: CheckpointSource, recipe: Recipe): string {
  return `${stage}-${digestOf({ parent: originOf(parent), recipe: recipeDigest(recipe) }).slice(0, 12)}`;
}

function originOf(parent: CheckpointSource): string {
  if (parent.kind !== 'organism') return sourceName(parent);
  const given = parent.name === SHIPPED_BASE || isAbsolute(parent.name);
  return given ? digestOfFile(checkpointFile('', parent.name)) : parent.name;
}

/** The bytes of a checkpoint that nobody named by what it was made of. A missing one has its own error later. */
function digestOfFile(file: string): string {
  return existsSync(file) ? digestOfText(readWholeFile(file)) : file;
}
