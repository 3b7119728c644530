import { resolve } from 'node:path';
import {
  askedSources,
  type Changes,
  type CheckpointSource,
  changedRecipe,
  changesAmount,
  engineOf,
  type Hold,
  loadRecipe,
  type Recipe,
} from '../checkpoints/index.ts';
import { areSeeds } from '../core/replicate.ts';
import { didYouMean, type KeyPath, type Problems } from '../files/index.ts';
import { isHubRef, parseHubRef } from '../hub/index.ts';
import { expandedIds } from './expand.ts';
import { isRefList, rowsOf, type SoundStudy, type StageRow } from './rows.ts';
import { isModel } from './schema/model.ts';

/** Every stage has a model, weights, a recipe or replicates; a recipe can be read, and its engine can start from the parent. */
export function checkRecipes(study: SoundStudy, folder: string, problems: Problems): void {
  const stages = rowsOf(study, 'stages');
  const kinds = new Map<string, CheckpointSource | null>();
  for (const stage of stages) {
    checkWeights(stage, problems);
    const recipe = checkRecipe(stage, folder, problems);
    if (recipe !== undefined) checkParent(stage, recipe, { stages, kinds }, problems);
    if (recipe !== undefined && stage.row.change === undefined)
      checkTeachers(recipe, [...stage.path, 'recipe'], kinds, problems);
    for (const arm of changedArms(stage)) checkChange(arm, { recipe, folder, kinds }, problems);
    const { id } = stage.row;
    if (id === undefined) continue;
    const made = recipe === undefined ? kindOf(stage) : madeBy(recipe);
    for (const each of expandedIds({ ...stage.row, id })) kinds.set(each, made);
  }
}

/** A model or recipe of a wrong type is there as `undefined`, and has been told. */
function has(
  { row }: StageRow,
  key: 'model' | 'recipe' | 'weights' | 'adapter' | 'gguf' | 'replicates',
): boolean {
  return key in row;
}

function checkWeights(stage: StageRow, problems: Problems): void {
  const { row, path } = stage;
  const seeds = areSeeds(row.replicates);
  const own = ['weights', 'gguf', 'recipe', ...(seeds ? [] : ['replicates'])].filter((key) =>
    has(stage, key as 'weights'),
  );
  if (seeds && !has(stage, 'recipe') && row.grid === undefined)
    problems.addKey(
      [...path, 'replicates'],
      'only what a recipe trains can be trained from other seeds',
      'Give the stage a recipe, or name the checkpoint of each run.',
    );
  if (own.length > 1)
    problems.addKey(
      [...path, own[1]!],
      `a stage has ${own[0]} or ${own[1]}, not both`,
      'Keep one: they name its checkpoint in different ways.',
    );
  if (!seeds && has(stage, 'replicates') && has(stage, 'model'))
    problems.addKey(
      [...path, 'model'],
      'a stage has replicates or a model, not both',
      'Keep one: one checkpoint, or those of several runs.',
    );
  if (own.length === 0 && !has(stage, 'model'))
    problems.add(
      [...path, 'model'],
      '"model" is missing',
      'The checkpoint, such as "openai:NAME"; or `weights`: its folder; or `recipe`: the file that it is to be trained with.',
    );
  if (has(stage, 'adapter') && !has(stage, 'weights'))
    problems.addKey(
      [...path, 'adapter'],
      'an adapter goes on top of weights',
      'Name its base: weights: FOLDER.',
    );
  if (row.weights !== undefined && isHubRef(row.weights) && parseHubRef(row.weights) === null)
    problems.add(
      [...path, 'weights'],
      `"${row.weights}" does not name a repository and a revision`,
      'Write hf:ORG/NAME@REVISION: a commit, a tag or a branch.',
    );
}

function checkRecipe(stage: StageRow, folder: string, problems: Problems): Recipe | undefined {
  const { row, path } = stage;
  if (row.recipe === undefined) return undefined;
  const recipe = problems.attempt(() => loadRecipe(resolve(folder, row.recipe!)));
  if (has(stage, 'model') && (recipe === undefined || recipe.engine === 'organism')) {
    const remedy = 'Keep one: a model that is there, or the recipe that trains it.';
    problems.addKey([...path, 'recipe'], 'a stage has a model or a recipe, not both', remedy);
  }
  return recipe;
}

/** A change as the file writes it: at a stage, or at a level of its grid. */
interface ChangedArm {
  readonly path: KeyPath;
  readonly change: Changes;
  readonly hold: Hold | undefined;
  /** The recipe of the level, where it has one of its own. */
  readonly recipe: string | undefined;
}

function changedArms({ row, path }: StageRow): ChangedArm[] {
  const own = { change: row.change, hold: row.hold, recipe: row.recipe };
  const levels = Object.entries(row.grid ?? {}).flatMap(([factor, given]) =>
    Array.isArray(given)
      ? []
      : Object.entries((given ?? {}) as Record<string, typeof own | undefined>).map(([name, level]) => ({
          path: [...path, 'grid', factor, name],
          change: level?.change,
          hold: level?.hold ?? row.hold,
          recipe: level?.recipe,
        })),
  );
  return [{ path, ...own }, ...levels].flatMap((arm) =>
    arm.change === undefined || Object.values(arm.change).includes(undefined as never)
      ? []
      : [{ ...arm, change: arm.change as Changes }],
  );
}

function checkChange(
  { path, change, hold, recipe: own }: ChangedArm,
  stage: { readonly recipe: Recipe | undefined; readonly folder: string; readonly kinds: Above['kinds'] },
  problems: Problems,
): void {
  const { recipe: given, folder, kinds } = stage;
  const at = [...path, 'change'];
  const recipe = own === undefined ? given : problems.attempt(() => loadRecipe(resolve(folder, own)));
  const amounts = changesAmount(change, recipe);
  if (amounts && hold === undefined)
    problems.add(
      at,
      'this changes an amount, and does not say what stays the same',
      'Write hold: steps (the other sources grow), others (there are fewer or more steps) or tokens.',
    );
  if (!amounts && hold !== undefined && path.at(-2) !== 'grid')
    problems.addKey(
      [...path, 'hold'],
      'no amount is changed, so there is nothing to hold',
      'Take `hold` away.',
    );
  if (recipe === undefined) {
    if (own === undefined)
      problems.addKey(at, 'only what a recipe trains can be changed', 'Give the stage a recipe.');
    return;
  }
  problems.attempt(() => checkTeachers(changedRecipe(recipe, change, hold), at, kinds, problems), at);
}

/** A teacher that is a stage is asked before its pupil is trained, so it is above it. */
function checkTeachers(recipe: Recipe, at: KeyPath, kinds: Above['kinds'], problems: Problems): void {
  for (const { name, teacher } of askedSources(recipe)) {
    if (kinds.has(teacher.stage)) continue;
    const known = [...kinds.keys()];
    problems.add(
      at,
      `the teacher of the source "${name}" is the stage "${teacher.stage}", and no stage above has this id`,
      didYouMean(teacher.stage, known, () => `Above are: ${known.join(', ') || 'none'}.`),
    );
  }
}

interface Above {
  readonly stages: readonly StageRow[];
  /** Of the stages above: their checkpoints; `null` where only an address is known. */
  readonly kinds: ReadonlyMap<string, CheckpointSource | null>;
}

function checkParent(
  { row, path, index }: StageRow,
  recipe: Recipe,
  { stages, kinds }: Above,
  problems: Problems,
): void {
  const above = stages.find((stage) => stage.index === index - 1)?.row;
  const aboveId = above?.id === undefined ? undefined : expandedIds({ ...above, id: above.id })[0];
  const own = row.from === undefined ? aboveId : (row.from ?? undefined);
  const froms = (row.grid?.from ?? [own]) as readonly (string | undefined)[];
  for (const from of froms) checkOneParent(from, { path, recipe, kinds }, problems);
}

function checkOneParent(
  from: string | undefined,
  { path, recipe, kinds }: { path: KeyPath; recipe: Recipe; kinds: Above['kinds'] },
  problems: Problems,
): void {
  const remedy =
    recipe.engine === 'organism'
      ? 'An organism comes from an organism: begin with a stage whose model is organism:base.'
      : 'Begin with a stage that says `weights:`, the folder of its safetensors.';
  if (from === undefined) {
    problems.add([...path, 'recipe'], 'this stage is trained, but comes from none', remedy);
    return;
  }
  // A `from` that names no stage, or a later one, has been told.
  const parent = kinds.get(from);
  if (parent === undefined) return;
  const why = parent === null ? 'has a model and no weights' : engineOf(recipe).refusal(parent);
  const words = recipe.engine === 'organism' ? 'is not an organism' : why;
  if (why !== null)
    problems.add([...path, 'recipe'], `this stage is trained from "${from}", which ${words}`, remedy);
}

/** What a stage without a recipe is, as far as its keys say. */
function kindOf({ row: { model, weights, gguf } }: StageRow): CheckpointSource | null {
  if (weights !== undefined) return { kind: 'given', folder: '', weights };
  if (gguf !== undefined) return { kind: 'given', folder: '', gguf };
  if (model === undefined || isModel(model)) return null;
  const ref = isRefList(model) ? model[0] : typeof model === 'string' ? model : model.ref;
  return ref?.startsWith('organism:') ? { kind: 'organism', name: ref } : null;
}

function madeBy(recipe: Recipe): CheckpointSource {
  return { kind: recipe.engine === 'organism' ? 'organism' : 'trained', name: '' };
}
