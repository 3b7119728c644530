import type { CheckpointSource, Recipe } from '../checkpoints/index.ts';
import type { Eval, EvalOptions, Sampling } from '../core/index.ts';
import type { Locate } from '../files/problems.ts';
import type { StageSettings, StudySettings } from './schema.ts';

export { isModel } from './schema/model.ts';

/** One experiment: stages × evals × settings, checked, with every default in. */
export interface Study extends Readonly<Omit<StudySettings, 'stages' | 'evals' | 'controls'>> {
  /** The study file as it was named; `null` for one defined in TypeScript. */
  readonly file: string | null;
  /** Absolute; relative paths and model refs start here. */
  readonly folder: string;
  /** In training order: a stage comes after the one it comes from. */
  readonly stages: readonly StageSpec[];
  readonly evals: readonly EvalEntry[];
  /** Where a key of the study is in its file, for errors found later on. */
  readonly locate: Locate;
}

export interface StageSpec
  extends Readonly<Omit<StageSettings, 'from' | 'model' | 'recipe' | 'grid' | 'replicates'>> {
  /** The stage it was trained from; `null` for the first of a tree. */
  readonly from: string | null;
  readonly model: NonNullable<StageSettings['model']>;
  /** The stage that this is once more: a control. From other seeds, or with the same ones and `atOnce`. */
  readonly again?: string;
  /** Trials at its server at once, while nothing else is asked there: a control of what the load does. */
  readonly atOnce?: number;
  /** Its files, where stemma knows them: an organism, weights that the study names, or what its recipe makes. */
  readonly checkpoint?: CheckpointSource;
  /** How it is trained, where it is: `checkpoint` is then what comes of it. */
  readonly training?: StageTraining;
}

interface StageTraining {
  /** The recipe file as the study names it. */
  readonly file: string;
  /** As it is carried out: with the stage's own seed, and with its sources changed. */
  readonly recipe: Recipe;
  /** What it was before its sources were changed; absent where they are not. */
  readonly unchanged?: Recipe;
  /** The checkpoint that it starts from. */
  readonly parent: CheckpointSource;
  /** The name of the checkpoint that it makes. */
  readonly name: string;
}

/** One thing that must be found, because it was planted. */
export type Expectation = StudySettings['expect'][number];

/** One entry under `evals:`. The same eval may be there more than once with other options, under other ids. */
export interface EvalEntry {
  readonly id: string;
  readonly eval: Eval;
  readonly options: EvalOptions;
  readonly epochs: number;
}

export type RaterSpec = StudySettings['raters'][number];
export type AutoraterSpec = Extract<RaterSpec, { kind: 'autorater' }>;

/** What a run may use up before it stops, cleanly and resumably. Absent: no limit. */
export type Budget = Study['budget'];

/** How a stage is sampled: the study's settings with the stage's own over them. */
export function samplingOf(study: Pick<Study, 'sampling'>, stage: Pick<StageSpec, 'sampling'>): Sampling {
  return { ...study.sampling, ...stage.sampling };
}
