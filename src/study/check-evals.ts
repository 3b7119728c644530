import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { definedOnly } from '../core/defined-only.ts';
import { type Eval, InputError } from '../core/index.ts';
import { evals, findEval } from '../evals/index.ts';
import { type KeyPath, type Problems, zodOf } from '../files/index.ts';
import { DocumentError } from '../files/problems.ts';
import { readShape } from '../files/schema-problems.ts';
import { keysAt } from '../files/schema-tree.ts';
import { checkDuplicateIds } from './check-stages.ts';
import type { InspectTasks } from './inspect-tasks.ts';
import { type EvalRow, rowsOf, type SoundStudy } from './rows.ts';

/** The evals of a study in which nothing is sure yet. */
export interface KnownEvals {
  /** Those that could be told. */
  readonly used: readonly Eval[];
  /** The same; every eval there is, where one could not be told and might be any of them. */
  readonly possible: readonly Eval[];
}

/**
 * Evals exist, have names of their own and options that fit.
 *
 * @param about where relative paths start, and what Inspect told of the tasks
 */
export function checkEvals(
  study: SoundStudy,
  about: { readonly folder: string; readonly tasks: InspectTasks },
  problems: Problems,
): KnownEvals {
  const entries = entriesOf(study);
  checkDuplicateIds(entries, 'entry', problems, (row) => row.id ?? row.eval);
  const used = entries.flatMap((entry) => checkEntry(entry, about, problems) ?? []);
  const complete = used.length > 0 && study.evals?.length === used.length;
  return { used, possible: complete ? used : Object.values(evals) };
}

function checkEntry(
  { row, path, short, index }: EvalRow,
  { folder, tasks }: { readonly folder: string; readonly tasks: InspectTasks },
  problems: Problems,
): Eval | null {
  const { eval: name, options = {} } = row;
  if (name === undefined) return null;
  const known = problems.attempt(() => findEval(name), short ? path : [...path, 'eval']);
  if (known === undefined) return null;
  checkOptions(known, options, [...path, 'options'], problems);
  if (keysAt(known.optionsSchema, [], options).has('path')) {
    checkPath(options.path, [...path, 'options', 'path'], folder, problems);
  }
  const task = tasks.get(index);
  if (task instanceof InputError) problems.addInside(path, inTask(task));
  return task instanceof InputError ? null : (task ?? known);
}

/** What is wrong with a task, unless it says itself which option it is. */
function inTask(error: InputError): InputError {
  const { place, message, remedy } = error;
  if (error instanceof DocumentError || place.key !== undefined) return error;
  return new InputError(message, { place: { ...place, key: 'options.task' }, ...definedOnly({ remedy }) });
}

/** An eval's option that is called `path` is a file or folder of samples, relative to the study file. */
function checkPath(given: unknown, path: KeyPath, folder: string, problems: Problems): void {
  if (typeof given !== 'string' || existsSync(resolve(folder, given))) return;
  const remedy = `Looked for ${resolve(folder, given)}: paths start at the study file.`;
  problems.add(path, `there is no file or folder ${given}`, remedy);
}

function checkOptions(
  { optionsSchema }: Eval,
  value: Readonly<Record<string, unknown>>,
  path: KeyPath,
  problems: Problems,
): void {
  readShape({ schema: zodOf(optionsSchema), json: () => optionsSchema, value, path }, problems);
}

/** The entries under `evals:`. */
function entriesOf(study: SoundStudy): EvalRow[] {
  return rowsOf(study, 'evals').map(({ row, ...place }) =>
    typeof row === 'string' ? { row: { eval: row }, ...place, short: true } : { row, ...place, short: false },
  );
}
