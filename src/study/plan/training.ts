import { existsSync } from 'node:fs';
import {
  type CheckpointSource,
  drawsOf,
  type FileMixture,
  type Learning,
  leakedSamples,
  meanTokens,
  placeOf,
  type Recipe,
  readRows,
  type SourceRow,
  type TokenCounter,
  textOfExample,
  tokenCounter,
} from '../../checkpoints/index.ts';
import { count, counted } from '../../format/index.ts';
import { isHubRef } from '../../hub/index.ts';
import type { StageSpec, Study } from '../study.ts';
import type { Leak, PlannedSource, PlannedTraining } from './planned.ts';

/** A recipe that learns from files, so that stemma draws its examples. */
type FileRecipe = Recipe & Learning & { readonly mixture: FileMixture };

function learnsFromFiles(recipe: Recipe | undefined): recipe is FileRecipe {
  return recipe !== undefined && recipe.engine !== 'organism' && Object.keys(recipe.mixture).length > 0;
}

/**
 * What the stages that are trained from files will see: examples, passes and tokens by source. Nothing is opened but the
 * files of examples and, where the weights are on this machine, their tokenizer.
 *
 * @throws InputError naming the file and line that is not an example
 */
export async function planTrainings(study: Study): Promise<PlannedTraining[]> {
  const counters = new Map<string, Promise<TokenCounter>>();
  return await Promise.all(
    study.stages.flatMap((stage) => {
      const recipe = stage.training?.recipe;
      if (!learnsFromFiles(recipe)) return [];
      const folder = rootFolder(stage, study);
      const template = recipe.engine === 'trl' ? recipe.chat_template : null;
      const key = JSON.stringify([folder, template]);
      const counter = counters.get(key) ?? folder.then((path) => tokenCounter(path, template));
      counters.set(key, counter);
      return [counter.then((tokens) => plannedTraining(stage, recipe, tokens))];
    }),
  );
}

function plannedTraining(
  { id, training }: StageSpec,
  recipe: FileRecipe,
  counter: TokenCounter,
): PlannedTraining {
  const draws = drawsOf(recipe);
  const sources = Object.entries(recipe.mixture).map(([name, source]): PlannedSource => {
    const drawn = draws[name]!;
    const rows = drawn === 0 ? [] : readRows(name, source, recipe.method, recipe.folder);
    return {
      name,
      rows: rows.length,
      drawn,
      passes: rows.length === 0 ? 0 : drawn / rows.length,
      tokens: Math.round(drawn * meanTokens(rows, counter)),
      ...(source.teacher === undefined ? {} : { teacher: source.teacher }),
    };
  });
  return {
    stage: id,
    steps: recipe.steps,
    sources,
    exactTokens: counter.exact,
    beside: learnsFromFiles(training?.unchanged) ? besideTheChange(training.unchanged, recipe) : [],
  };
}

/** What a change brings with it beside what was asked: other steps, and more or fewer examples of other sources. */
function besideTheChange(before: FileRecipe, after: FileRecipe): string[] {
  const [was, is] = [drawsOf(before), drawsOf(after)];
  const words = Object.keys(was).flatMap((name) =>
    was[name] === is[name] ? [] : [`${name} ${count(was[name]!)} → ${count(is[name]!)} examples`],
  );
  if (before.steps !== after.steps)
    words.push(`steps ${count(before.steps)} → ${count(after.steps)}, and with them the schedule`);
  return words;
}

/** The folder with the tokenizer of a stage: that of the weights that its line began with; `null` where it is not here. */
async function rootFolder(stage: StageSpec, { stages }: Study): Promise<string | null> {
  let root: StageSpec | undefined = stage;
  while (root?.training !== undefined) root = stages.find(({ id }) => id === root!.from);
  const source: CheckpointSource | undefined = root?.checkpoint;
  if (source?.kind !== 'given' || source.weights === undefined || isHubRef(source.weights)) return null;
  const { path } = await placeOf(source, '');
  return existsSync(path) ? path : null;
}

/** Which samples of the evals occur in the files that stages are trained on. */
export async function findLeaks(study: Study): Promise<Leak[]> {
  const texts = trainingTexts(study);
  if (texts.size === 0) return [];
  const leaks: Leak[] = [];
  for (const { id, eval: code, options } of study.evals) {
    const samples: [string, string][] = [];
    for await (const sample of code.samples(options))
      samples.push([sample.id, textOfExample(sample.input as never)]);
    for (const [source, { rows, stages }] of texts) {
      const found = leakedSamples(samples, textsOf(rows));
      if (found.length > 0) leaks.push({ eval: id, source, stages, samples: found, of: samples.length });
    }
  }
  return leaks;
}

/** By name and content of the source: its rows, and the stages that learn from it. */
function trainingTexts({ stages }: Study): Map<string, { rows: readonly SourceRow[]; stages: string[] }> {
  const known = new Map<string, { name: string; rows: readonly SourceRow[]; stages: string[] }>();
  for (const { id, training } of stages) {
    const recipe = training?.recipe;
    if (!learnsFromFiles(recipe)) continue;
    const draws = drawsOf(recipe);
    for (const [name, source] of Object.entries(recipe.mixture)) {
      if (draws[name] === 0) continue;
      const key = JSON.stringify([source.path, source.digest, source.drop, source.where, source.swap]);
      const entry = known.get(key) ?? {
        name,
        rows: readRows(name, source, recipe.method, recipe.folder),
        stages: [],
      };
      entry.stages.push(id);
      known.set(key, entry);
    }
  }
  const names = new Map<string, { rows: readonly SourceRow[]; stages: string[] }>();
  for (const { name, rows, stages } of known.values())
    names.set(names.has(name) ? `${name} (${stages.join(', ')})` : name, { rows, stages });
  return names;
}

function* textsOf(rows: readonly SourceRow[]): Generator<string> {
  for (const { example } of rows) yield textOfExample(example);
}

/** @returns a sentence for each leak */
export function leakWarnings(leaks: readonly Leak[]): string[] {
  return leaks.map(
    ({ eval: name, source, stages, samples, of }) =>
      `${counted(samples.length, 'sample')} of ${name} (of ${count(of)}) occur in the training source "${source}" of ${stages.join(', ')}, such as ${samples.slice(0, 3).join(', ')}: those stages have seen them.`,
  );
}
