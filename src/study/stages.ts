import { resolve } from 'node:path';
import {
  type CheckpointSource,
  engineOf,
  loadRecipe,
  type Recipe,
  type TrainingJob,
  trainedName,
} from '../checkpoints/index.ts';
import { trialSeed } from '../core/index.ts';
import { replicateId } from '../core/replicate.ts';
import type { ModelSpec } from '../models/index.ts';
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
  const bound = withRuns(stages).map(({ from, recipe: file, ...stage }): UnboundStage => {
    const about = { ...stage, from: from ?? null };
    if (file === undefined) return about;
    return { ...about, training: { file, recipe: loadRecipe(resolve(folder, file)) } };
  });
  return withAgain(withCheckpoints(bound, folder), controls.again ?? []);
}

type WrittenStage = StudySettings['stages'][number];

/**
 * The stages with their parents, and behind each the further training runs of its `replicates`, as stages of their own: run k
 * comes from run k of the parent, where that has as many.
 */
function withRuns(stages: readonly WrittenStage[]): Omit<WrittenStage, 'replicates'>[] {
  const runs = new Map(stages.map(({ id, replicates }) => [id, replicates?.length ?? 1]));
  return stages.flatMap(({ replicates, ...stage }, index) => {
    const from = stage.from === undefined ? (stages[index - 1]?.id ?? null) : stage.from;
    if (replicates === undefined) return [{ ...stage, from }];
    return replicates.map((model, at) => {
      const run = at + 1;
      if (run === 1) return { ...stage, from, model };
      const parent = from !== null && runs.get(from) === replicates.length ? replicateId(from, run) : from;
      return {
        ...stage,
        id: replicateId(stage.id, run),
        title: `${stage.title ?? stage.id}, run ${run}`,
        from: parent,
        model,
        replicateOf: stage.id,
      };
    });
  });
}

/** The same study from other random numbers: every recipe and the sampling get this seed, so all trained stages differ. */
export function withSeed(study: Study, seed: number): Study {
  const seeded = study.stages
    .filter(({ again }) => again === undefined)
    .map(({ model, training, checkpoint: _, ...stage }): UnboundStage => {
      if (training === undefined) return { ...stage, model };
      const { file, recipe } = training;
      return {
        ...stage,
        ...(isOwnRef(model.ref, true) ? {} : { model }),
        training: { file, recipe: { ...recipe, seed } },
      };
    });
  const again = study.stages.flatMap((stage) => stage.again ?? []);
  const stages = withAgain(withCheckpoints(seeded, study.folder), again);
  return { ...study, stages, sampling: { ...study.sampling, seed } };
}

/** Whether a ref is stemma's own word for a checkpoint that it trains or serves, so that no study says it. */
export function isOwnRef(ref: string, trained: boolean): boolean {
  return ref.startsWith('served:') || (trained && ref.startsWith('organism:'));
}

/** A stage of which it is not known yet which checkpoint its recipe makes. */
type UnboundStage = Omit<StageSpec, 'model' | 'training' | 'checkpoint'> & {
  readonly model?: StageSpec['model'] | undefined;
  readonly training?: { readonly file: string; readonly recipe: Recipe };
};

/**
 * The stages in training order, each with its checkpoint. The name of a trained one says of what it was made: after a
 * changed recipe, or of a changed parent, it is another checkpoint.
 */
function withCheckpoints(stages: readonly UnboundStage[], folder: string): StageSpec[] {
  const sources = new Map<string, CheckpointSource>();
  return stages.map(({ model, training, ...stage }) => {
    const job = training && jobOf(stage, training.recipe, sources);
    const checkpoint = job === undefined ? givenSource(stage, model, folder) : engineOf(job.recipe).made(job);
    if (checkpoint !== null) sources.set(stage.id, checkpoint);
    return {
      ...stage,
      model: model ?? ownModel(stage, checkpoint),
      ...(checkpoint === null ? {} : { checkpoint }),
      ...(job === undefined ? {} : { training: { ...training!, parent: job.parent, name: job.name } }),
    };
  });
}

function jobOf(
  { id, from }: UnboundStage,
  recipe: Recipe,
  sources: ReadonlyMap<string, CheckpointSource>,
): TrainingJob {
  const parent = sources.get(from as string) as CheckpointSource;
  return { stage: id, parent, recipe, name: trainedName(id, parent, recipe) };
}

/** The files that a study names for a stage; `null` where it names an address alone. */
function givenSource(
  { weights, adapter, gguf }: UnboundStage,
  model: StageSpec['model'] | undefined,
  folder: string,
): CheckpointSource | null {
  if (weights !== undefined || gguf !== undefined)
    return {
      kind: 'given',
      folder,
      ...(weights === undefined ? {} : { weights }),
      ...(adapter === undefined ? {} : { adapter }),
      ...(gguf === undefined ? {} : { gguf }),
    };
  if (model === undefined || isModel(model) || !model.ref.startsWith('organism:')) return null;
  const name = model.ref.slice('organism:'.length);
  return { kind: 'organism', name: name.endsWith('.safetensors') ? resolve(folder, name) : name };
}

/** How a checkpoint is asked that no address was given for. */
function ownModel({ id, template, stop }: UnboundStage, checkpoint: CheckpointSource | null): ModelSpec {
  if (checkpoint?.kind === 'organism') return { ref: `organism:${checkpoint.name}` };
  return {
    ref: `served:${id}`,
    ...(template === undefined ? {} : { template }),
    ...(stop === undefined ? {} : { stop }),
  };
}

function withAgain(stages: readonly StageSpec[], ids: readonly string[]): StageSpec[] {
  const arms = ids.map((id): StageSpec => {
    const { training: _, ...stage } = stages.find((one) => one.id === id) as StageSpec;
    return { ...stage, id: againId(id), title: `${stage.title ?? id}, again`, from: null, again: id };
  });
  return [...stages, ...arms];
}
