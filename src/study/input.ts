import type { Model } from '../core/index.ts';
import type { Locate } from '../files/problems.ts';
import type { EvalFile, ModelFile, RaterFile, StudyFile } from './schema.ts';

/** A model of a TypeScript study: as the file writes it, or the object itself. */
type ModelInput = ModelFile | Model;

/** One shape for both: a study in TypeScript has the study file's keys; stages and judges may also be `Model` objects. */
export type StudyInput = Omit<StudyFile, 'stages' | 'raters' | 'evals'> & {
  readonly stages: readonly StageInput[];
  readonly evals: readonly EvalFile[];
  readonly raters: readonly RaterInput[];
};
export type StageInput = Omit<StudyFile['stages'][number], 'model'> & { readonly model?: ModelInput };
export type RaterInput =
  | Exclude<RaterFile, { kind: 'autorater' }>
  | (Omit<Extract<RaterFile, { kind: 'autorater' }>, 'model'> & { readonly model: ModelInput });

/** A study as it was written, before anything in it is believed. */
export interface WrittenStudy {
  /** The keys and values; every `Model` object in it replaced by `{ ref }`. */
  readonly value: unknown;
  /** The `Model` objects that stood there, by the list and the place in it. */
  readonly models: GivenModels;
  /** As it was named; `null` for a study without a file. */
  readonly file: string | null;
  /** Absolute. */
  readonly folder: string;
  readonly locate: Locate;
}

export interface GivenModels {
  readonly stages: ReadonlyMap<number, Model>;
  readonly raters: ReadonlyMap<number, Model>;
}

export const noModels: GivenModels = { stages: new Map(), raters: new Map() };

/** Takes the `Model` objects out of a study, leaving in their place what a study file could hold. */
export function takeModels(input: unknown): { value: unknown; models: GivenModels } {
  if (!isObject(input)) return { value: input, models: noModels };
  const [stages, stageModels] = takeFrom(input.stages);
  const [raters, raterModels] = takeFrom(input.raters);
  return {
    value: { ...input, ...(stages && { stages }), ...(raters && { raters }) },
    models: { stages: stageModels, raters: raterModels },
  };
}

function takeFrom(rows: unknown): [rows: readonly unknown[] | undefined, models: Map<number, Model>] {
  const models = new Map<number, Model>();
  if (!Array.isArray(rows)) return [undefined, models];
  const plain = rows.map((row: unknown, index) => {
    if (!isObject(row) || !isObject(row.model) || typeof row.model.generate !== 'function') return row;
    const model = row.model as unknown as Model;
    models.set(index, model);
    return { ...row, model: { ref: model.ref } };
  });
  return [plain, models];
}

/** The study without its keys that begin with `x-`: places for YAML anchors, which mean nothing by themselves. */
export function withoutExtras(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
