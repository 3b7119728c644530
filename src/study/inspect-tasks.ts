import { type Eval, InputError, type JsonObject, MissingPartError } from '../core/index.ts';
import { isObject } from '../core/parsed-json.ts';
import { addEval } from '../evals/index.ts';
import { inspectEval, openTask } from '../interchange/inspect/task/task-eval.ts';
import type { RaterSpec } from './study.ts';

addEval(inspectEval);

/** By the place of its entry under `evals:`: the task as Inspect tells it, or why it could not. */
export type InspectTasks = ReadonlyMap<number, Eval | InputError>;

/** The evals that Inspect told. */
export function toldTask(tasks: InspectTasks, index: number): Eval | undefined {
  const task = tasks.get(index);
  return task instanceof InputError ? undefined : task;
}

/**
 * Asks Inspect what the tasks of a study hold. It runs the tasks' code: only for a study file that the user named.
 *
 * @param study as it was read, not checked yet: what is not written as an Inspect task is left to the checks
 */
export async function openTasks(study: unknown, folder: string): Promise<InspectTasks> {
  const entries = isObject(study) && Array.isArray(study.evals) ? (study.evals as readonly unknown[]) : [];
  const tasks = new Map<number, Eval | InputError>();
  await Promise.all(
    entries.map(async (entry, index) => {
      if (!isObject(entry) || entry.eval !== inspectEval.name || !isObject(entry.options)) return;
      if (typeof entry.options.task !== 'string') return;
      try {
        tasks.set(index, await openTask({ values: entry.options as JsonObject, folder }));
      } catch (error) {
        tasks.set(index, faultOf(error));
      }
    }),
  );
  return tasks;
}

function faultOf(error: unknown): InputError {
  if (error instanceof InputError) return error;
  if (!(error instanceof MissingPartError)) throw error;
  const { message, remedy } = error;
  return new InputError(message, { ...(remedy === undefined ? {} : { remedy }), cause: error });
}

/**
 * The raters of a study with those that its evals bring: the scorers of Inspect tasks rate what they scored, whether or not the
 * study lists them.
 */
export function withOwnRaters(raters: readonly RaterSpec[], evals: readonly Eval[]): RaterSpec[] {
  const all = [...raters];
  for (const rule of new Set(evals.flatMap(({ ownRules = [] }) => ownRules))) {
    if (all.some((rater) => rater.kind === 'rule' && rater.rule === rule)) continue;
    const id = all.some((rater) => rater.id === rule) ? `inspect-${rule}` : rule;
    all.push({ id, kind: 'rule', rule });
  }
  return all;
}
