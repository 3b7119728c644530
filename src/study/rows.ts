import type { KeyPath, Sound } from '../files/index.ts';
import { expandedIds } from './expand.ts';
import type { StudyInput } from './schema.ts';

/** A study of which only the parts with the right types are left: what the checks across keys read. */
export type SoundStudy = Sound<StudyInput>;

/** An entry of a list in the study, and the path to it. */
export interface Row<T> {
  readonly row: T;
  readonly index: number;
  readonly path: KeyPath;
}

type Entry<K extends 'stages' | 'evals' | 'raters' | 'expect'> = NonNullable<
  NonNullable<SoundStudy[K]>[number]
>;
export type StageRow = Row<Entry<'stages'>>;
export type RaterRow = Row<Entry<'raters'>>;
/** A bare name is an entry with no other keys. */
export type EvalRow = Row<Exclude<Entry<'evals'>, string>> & { readonly short: boolean };

/** The entries of a list that have the right type. */
export function rowsOf<K extends 'stages' | 'evals' | 'raters' | 'expect'>(
  study: SoundStudy,
  key: K,
): Row<Entry<K>>[] {
  const list = (study[key] ?? []) as readonly (Entry<K> | undefined)[];
  return list.flatMap((row, index) => (row === undefined ? [] : [{ row, index, path: [key, index] }]));
}

/** The ids of a list's entries, where they have one. */
export function idsOf(study: SoundStudy, key: 'stages' | 'raters'): string[] {
  return rowsOf(study, key).flatMap(({ row }) => {
    if (row.id === undefined) return [];
    return key === 'stages' ? expandedIds({ ...(row as StageRow['row']), id: row.id }) : [row.id];
  });
}

/** Whether a model is written as a list of refs: several servers of one checkpoint. */
export function isRefList(model: unknown): model is readonly (string | undefined)[] {
  return Array.isArray(model);
}
