import { resolve } from 'node:path';
import { type Recipe, trainedName } from '../checkpoints/index.ts';
import { withAgain } from './again.ts';
import { isModel, type StageSpec, type Study } from './study.ts';

/** A stage with a recipe, before it is known which checkpoint that makes. */
export interface Trained extends Omit<StageSpec, 'model' | 'training'> {
  readonly file: string;
  readonly recipe: Recipe;
}

/**
 * The stages in training order, each trained one with the name of the checkpoint that its recipe makes of its parent. The
 * name says by what, so that a changed recipe, or a changed parent, is another checkpoint.
 *
 * @param folder where relative checkpoint files start
 */
export function trainedStages(stages: readonly (StageSpec | Trained)[], folder: string): StageSpec[] {
  const names = new Map<string, string>();
  return stages.map((stage) => {
    if (!('recipe' in stage)) {
      const name = organismName(stage, folder);
      if (name !== null) names.set(stage.id, name);
      return stage;
    }
    const { file, recipe, ...about } = stage;
    const parent = names.get(stage.from as string) as string;
    const name = trainedName(stage.id, parent, recipe);
    names.set(stage.id, name);
    return { ...about, model: { ref: `organism:${name}` }, training: { file, recipe, parent, name } };
  });
}

function organismName({ model }: StageSpec, folder: string): string | null {
  if (isModel(model) || !model.ref.startsWith('organism:')) return null;
  const name = model.ref.slice('organism:'.length);
  return name.endsWith('.safetensors') ? resolve(folder, name) : name;
}

/**
 * The same study from other random numbers: every recipe and the sampling get this seed, so that all of its trained stages
 * are other checkpoints.
 */
export function withSeed(study: Study, seed: number): Study {
  const own = study.stages.filter(({ again }) => again === undefined);
  const again = study.stages.flatMap((stage) => stage.again ?? []);
  const stages = own.map((stage): StageSpec | Trained => {
    if (stage.training === undefined) return stage;
    const { model: _, training, ...about } = stage;
    return { ...about, file: training.file, recipe: { ...training.recipe, seed } };
  });
  const trained = withAgain(trainedStages(stages, study.folder), again);
  return { ...study, stages: trained, sampling: { ...study.sampling, seed } };
}
