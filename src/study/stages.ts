import { resolve } from 'node:path';
import { loadRecipe, type Recipe, trainedName } from '../checkpoints/index.ts';
import { trialSeed } from '../core/index.ts';
import type { StudySettings } from './schema.ts';
import { isModel, type StageSpec, type Study } from './study.ts';

/** The id of the arm that is a stage once more. */
export function againId(stage: string): string {
  return `${stage}-again`;
}

/** The study's seed as an A/A arm has it. `null` stays: without a seed every answer is another one anyway. */
export function seedAgain(seed: number | null): number | null {
  return seed === null ? null : trialSeed(seed, { eval: 'again', sample: '', epoch: 1 });
}

/**
 * The stages of a study, each with its parent and its checkpoint, and behind them the A/A arms: a checkpoint once more,
 * asked from other seeds. Nothing differs between the two, so a difference that is found there is the method's mistake or
 * chance.
 *
 * @param folder where relative files start
 */
export function bindStages({ stages, controls }: StudySettings, folder: string): StageSpec[] {
  const bound = stages.map(({ from, model, recipe: file, ...stage }, index): Untrained => {
    const about = { ...stage, from: from === undefined ? (stages[index - 1]?.id ?? null) : from };
    if (file === undefined) return { ...about, model: model as StageSpec['model'] };
    return { ...about, training: { file, recipe: loadRecipe(resolve(folder, file)) } };
  });
  return withAgain(withCheckpoints(bound, folder), controls.again ?? []);
}

/** The same study from other random numbers: every recipe and the sampling get this seed, so all trained stages differ. */
export function withSeed(study: Study, seed: number): Study {
  const seeded = study.stages
    .filter(({ again }) => again === undefined)
    .map((stage): Untrained => {
      if (stage.training === undefined) return stage;
      const { file, recipe } = stage.training;
      return { ...stage, training: { file, recipe: { ...recipe, seed } } };
    });
  const again = study.stages.flatMap((stage) => stage.again ?? []);
  const stages = withAgain(withCheckpoints(seeded, study.folder), again);
  return { ...study, stages, sampling: { ...study.sampling, seed } };
}

/** A stage of which it is not known yet which checkpoint its recipe makes. */
type Untrained = Omit<StageSpec, 'model' | 'training'> & {
  readonly model?: StageSpec['model'];
  readonly training?: { readonly file: string; readonly recipe: Recipe };
};

/**
 * The stages in training order, each trained one with the name of the checkpoint that its recipe makes of its parent. The
 * name says of what it was made: after a changed recipe, or of a changed parent, it is another checkpoint.
 */
function withCheckpoints(stages: readonly Untrained[], folder: string): StageSpec[] {
  const names = new Map<string, string>();
  return stages.map(({ model, training, ...stage }) => {
    if (training === undefined) {
      const given = model as StageSpec['model'];
      const name = organismName(given, folder);
      if (name !== null) names.set(stage.id, name);
      return { ...stage, model: given };
    }
    const parent = names.get(stage.from as string) as string;
    const name = trainedName(stage.id, parent, training.recipe);
    names.set(stage.id, name);
    return { ...stage, model: { ref: `organism:${name}` }, training: { ...training, parent, name } };
  });
}

function organismName(model: StageSpec['model'], folder: string): string | null {
  if (isModel(model) || !model.ref.startsWith('organism:')) return null;
  const name = model.ref.slice('organism:'.length);
  return name.endsWith('.safetensors') ? resolve(folder, name) : name;
}

function withAgain(stages: readonly StageSpec[], ids: readonly string[]): StageSpec[] {
  const arms = ids.map((id): StageSpec => {
    const { training: _, ...stage } = stages.find((one) => one.id === id) as StageSpec;
    return { ...stage, id: againId(id), title: `${stage.title ?? id}, again`, from: null, again: id };
  });
  return [...stages, ...arms];
}
