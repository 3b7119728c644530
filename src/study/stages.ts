import { resolve } from 'node:path';
import {
  boundTeachers,
  type CheckpointSource,
  changedRecipe,
  engineOf,
  loadRecipe,
  type Recipe,
  sourceName,
  type TrainingJob,
  trainedName,
} from '../checkpoints/index.ts';
import { definedOnly } from '../core/defined-only.ts';
import { trialSeed } from '../core/index.ts';
import type { ModelSpec } from '../models/index.ts';
import { expandStages } from './expand.ts';
import type { AgainArm } from './schema/analysis.ts';
import type { StudySettings } from './schema.ts';
import { isModel, type StageSpec, type Study } from './study.ts';

/** The id of the arm that is a stage once more. */
export function againId({ stage, at_once: atOnce }: AgainArm): string {
  return atOnce === undefined ? `${stage}-again` : `${stage}-at-once-${atOnce}`;
}

/** The A/A arms among the stages of a study, as `controls` declares them. */
export function againArms(stages: readonly StageSpec[]): AgainArm[] {
  return stages.flatMap(({ again, atOnce }) =>
    again === undefined ? [] : [{ stage: again, ...(atOnce === undefined ? {} : { at_once: atOnce }) }],
  );
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
  const bound = expandStages(stages).map(({ from = null, recipe: file, ...stage }): UnboundStage => {
    const about = { ...stage, from };
    if (file === undefined) return about;
    return { ...about, training: { file, ...recipesOf(loadRecipe(resolve(folder, file)), stage) } };
  });
  return withAgain(withCheckpoints(bound, folder), controls.again ?? []);
}

/** The recipe of a stage: with its own seed, and with its sources changed; and what it was before the change. */
function recipesOf(
  written: Recipe,
  { change, hold, seed }: Pick<StageSpec, 'change' | 'hold' | 'seed'>,
): { readonly recipe: Recipe; readonly unchanged?: Recipe } {
  const recipe = seed === undefined ? written : { ...written, seed };
  return change === undefined
    ? { recipe }
    : { recipe: changedRecipe(recipe, change, hold), unchanged: recipe };
}

/** The same study from other random numbers: every recipe and the sampling get this seed, so all trained stages differ. */
export function withSeed(study: Study, seed: number): Study {
  const seeded = study.stages
    .filter(({ again }) => again === undefined)
    .map(({ model, training, checkpoint: _, ...stage }): UnboundStage => {
      if (training === undefined) return { ...stage, model };
      const own = stage.seed === undefined ? seed : seed + SEEDS_APART * stage.seed;
      return {
        ...stage,
        ...(stage.seed === undefined ? {} : { seed: own }),
        ...(isOwnRef(model.ref, true) ? {} : { model }),
        training: { ...training, recipe: { ...training.recipe, seed: own } },
      };
    });
  const stages = withAgain(withCheckpoints(seeded, study.folder), againArms(study.stages));
  return { ...study, stages, sampling: { ...study.sampling, seed } };
}

/** Replicates keep seeds apart from each other under every seed of the study. */
const SEEDS_APART = 1_000_003;

/** Whether a ref is stemma's own word for a checkpoint that it trains or serves, so that no study says it. */
export function isOwnRef(ref: string, trained: boolean): boolean {
  return ref.startsWith('served:') || (trained && ref.startsWith('organism:'));
}

/** A stage of which it is not known yet which checkpoint its recipe makes. */
type UnboundStage = Omit<StageSpec, 'model' | 'training' | 'checkpoint'> & {
  readonly model?: StageSpec['model'] | undefined;
  readonly training?: Pick<NonNullable<StageSpec['training']>, 'file' | 'recipe' | 'unchanged'>;
};

/**
 * The stages in training order, each with its checkpoint. The name of a trained one says of what it was made: after a
 * changed recipe, or of a changed parent, it is another checkpoint.
 */
function withCheckpoints(stages: readonly UnboundStage[], folder: string): StageSpec[] {
  const sources = new Map<string, CheckpointSource>();
  /** What the study says of each checkpoint, for those that learn from its answers. */
  const teachers = new Map<string, string>();
  return stages.map(({ model, training, ...stage }) => {
    const job = training && jobOf(stage, training.recipe, { sources, teachers });
    const checkpoint = job === undefined ? givenSource(stage, model, folder) : engineOf(job.recipe).made(job);
    if (checkpoint !== null) sources.set(stage.id, checkpoint);
    const asked = model ?? ownModel(stage, checkpoint);
    teachers.set(stage.id, checkpoint === null ? asked.ref : `${checkpoint.kind} ${sourceName(checkpoint)}`);
    return {
      ...stage,
      model: asked,
      ...(checkpoint === null ? {} : { checkpoint }),
      ...(job === undefined
        ? {}
        : { training: { ...training!, recipe: job.recipe, parent: job.parent, name: job.name } }),
    };
  });
}

function jobOf(
  { id, from }: UnboundStage,
  recipe: Recipe,
  {
    sources,
    teachers,
  }: {
    readonly sources: ReadonlyMap<string, CheckpointSource>;
    readonly teachers: ReadonlyMap<string, string>;
  },
): TrainingJob {
  const parent = sources.get(from as string) as CheckpointSource;
  const bound = boundTeachers(recipe, (stage) => teachers.get(stage)!);
  return { stage: id, parent, recipe: bound, name: trainedName(id, parent, bound) };
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
      ...definedOnly({ weights, adapter, gguf }),
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
    ...definedOnly({ template, stop }),
  };
}

function withAgain(stages: readonly StageSpec[], arms: readonly AgainArm[]): StageSpec[] {
  const specs = arms.map((arm): StageSpec => {
    const { training: _, ...stage } = stages.find(({ id }) => id === arm.stage) as StageSpec;
    const { at_once: atOnce } = arm;
    return {
      ...stage,
      id: againId(arm),
      title: `${stage.title ?? stage.id}, ${atOnce === undefined ? 'again' : `${atOnce} at once`}`,
      from: null,
      again: stage.id,
      ...(atOnce === undefined ? {} : { atOnce }),
    };
  });
  return [...stages, ...specs];
}
