import { resolve } from 'node:path';
import { loadRecipe } from '../checkpoints/index.ts';
import type { Problems } from '../files/problems.ts';
import { isObject, type WrittenStudy } from './input.ts';
import { memberOf, type Row, rowsOf, textOf } from './loose.ts';

/** Every stage has a model or a recipe; a recipe can be read, and trains an organism from an organism. */
export function checkRecipes({ value, models, folder }: WrittenStudy, problems: Problems): void {
  const stages = rowsOf(value, 'stages');
  for (const stage of stages) {
    const { row, path, index } = stage;
    const modelled = memberOf(row, 'model') !== undefined || models.stages.has(index);
    const recipe = textOf(row, 'recipe');
    if (recipe === undefined) {
      if (!modelled && memberOf(row, 'recipe') === undefined) {
        const remedy =
          'The checkpoint, such as "openai:NAME"; or `recipe`: the file that it is to be trained with.';
        problems.add([...path, 'model'], '"model" is missing', remedy);
      }
      continue;
    }
    if (modelled) {
      const remedy = 'Keep one: a model that is there, or the recipe that trains it.';
      problems.addKey([...path, 'recipe'], 'a stage has a model or a recipe, not both', remedy);
    }
    problems.attempt(() => loadRecipe(resolve(folder, recipe)));
    checkParent(stage, stages, problems);
  }
}

function checkParent({ row, path, index }: Row, stages: readonly Row[], problems: Problems): void {
  const above = stages.find((stage) => stage.index === index - 1);
  const from = memberOf(row, 'from') === undefined ? textOf(above?.row, 'id') : textOf(row, 'from');
  const parent = stages.find((stage) => textOf(stage.row, 'id') === from);
  const remedy = 'An organism comes from an organism: begin with a stage whose model is organism:base.';
  if (from === undefined)
    problems.add([...path, 'recipe'], 'this stage is trained, but comes from none', remedy);
  // A `from` that names no stage has been told.
  else if (parent !== undefined && parent.index < index && !isOrganism(parent)) {
    problems.add([...path, 'recipe'], `this stage is trained from "${from}", which is no organism`, remedy);
  }
}

function isOrganism({ row }: Row): boolean {
  const model = memberOf(row, 'model');
  const ref = isObject(model) ? textOf(model, 'ref') : model;
  return textOf(row, 'recipe') !== undefined || (typeof ref === 'string' && ref.startsWith('organism:'));
}
