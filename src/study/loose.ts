import type { KeyPath } from '../files/problems.ts';
import { isObject } from './input.ts';

/*
 * Reading a study of which nothing is believed yet. The checks look at it through these, so that a mistake in one key
 * hides no mistake in another.
 */

/** An entry of a list in the study, and the path to it. */
export interface Row {
  readonly row: Readonly<Record<string, unknown>>;
  readonly index: number;
  readonly path: KeyPath;
}

/** The entries of `study[key]` that are maps. */
export function rowsOf(study: unknown, key: string): Row[] {
  const list = memberOf(study, key);
  if (!Array.isArray(list)) return [];
  return list.flatMap((row: unknown, index) => (isObject(row) ? [{ row, index, path: [key, index] }] : []));
}

export function memberOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function textOf(value: unknown, key: string): string | undefined {
  const member = memberOf(value, key);
  return typeof member === 'string' ? member : undefined;
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
