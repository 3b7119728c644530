import { resolve } from 'node:path';
import { loadRecipe } from '../checkpoints/index.ts';
import type { Problems } from '../files/index.ts';
import { rowsOf, type SoundStudy, type StageRow } from './rows.ts';
import { isModel } from './schema.ts';

/** Every stage has a model or a recipe; a recipe can be read, and trains an organism from an organism. */
export function checkRecipes(study: SoundStudy, folder: string, problems: Problems): void {
  const stages = rowsOf(study, 'stages');
  for (const stage of stages) {
    const { row, path } = stage;
    // A model or recipe of a wrong type is there as `undefined`, and has been told.
    const has = (key: 'model' | 'recipe') => key in row;
    if (!has('recipe')) {
      const remedy =
        'The checkpoint, such as "openai:NAME"; or `recipe`: the file that it is to be trained with.';
      if (!has('model')) problems.add([...path, 'model'], '"model" is missing', remedy);
    } else if (row.recipe !== undefined) {
      const { recipe } = row;
      if (has('model')) {
        const remedy = 'Keep one: a model that is there, or the recipe that trains it.';
        problems.addKey([...path, 'recipe'], 'a stage has a model or a recipe, not both', remedy);
      }
      problems.attempt(() => loadRecipe(resolve(folder, recipe)));
      checkParent(stage, stages, problems);
    }
  }
}

function checkParent({ row, path, index }: StageRow, stages: readonly StageRow[], problems: Problems): void {
  const above = stages.find((stage) => stage.index === index - 1);
  const from = row.from === undefined ? above?.row.id : (row.from ?? undefined);
  const parent = stages.find((stage) => stage.row.id === from);
  const remedy = 'An organism comes from an organism: begin with a stage whose model is organism:base.';
  if (from === undefined)
    problems.add([...path, 'recipe'], 'this stage is trained, but comes from none', remedy);
  // A `from` that names no stage has been told.
  else if (parent !== undefined && parent.index < index && !isOrganism(parent)) {
    problems.add(
      [...path, 'recipe'],
      `this stage is trained from "${from}", which is not an organism`,
      remedy,
    );
  }
}

function isOrganism({ row: { model, recipe } }: StageRow): boolean {
  if (recipe !== undefined) return true;
  if (model === undefined || isModel(model)) return false;
  const ref = typeof model === 'string' ? model : model.ref;
  return ref?.startsWith('organism:') ?? false;
}
