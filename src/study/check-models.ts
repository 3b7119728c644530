import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '../core/index.ts';
import type { KeyPath, Problems } from '../files/problems.ts';
import { type ModelRef, parseModelRef } from '../models/index.ts';
import { isObject, type WrittenStudy } from './input.ts';
import { memberOf, type Row, rowsOf, textOf } from './loose.ts';

/** Model refs are well formed, and the files they and their templates name exist. Nothing is opened. */
export function checkModels({ value, models, folder }: WrittenStudy, problems: Problems): void {
  const check = (rows: readonly Row[], given: ReadonlyMap<number, unknown>) => {
    // A Model object needs no ref that stemma can open.
    for (const row of rows) if (!given.has(row.index)) checkModel(row, folder, problems);
  };
  check(rowsOf(value, 'stages'), models.stages);
  check(rowsOf(value, 'raters'), models.raters);
}

function checkModel({ row, path }: Row, folder: string, problems: Problems): void {
  const { model } = row;
  const refPath = isObject(model) ? [...path, 'model', 'ref'] : [...path, 'model'];
  const ref = isObject(model) ? textOf(model, 'ref') : typeof model === 'string' ? model : undefined;
  if (ref !== undefined && ref !== '') checkRef(ref, refPath, folder, problems);
  const parsed = ref === undefined ? undefined : parsedRef(ref);
  for (const member of ['template', 'stop'] as const) {
    if (memberOf(row, member) !== undefined && memberOf(model, member) !== undefined) {
      const remedy = `Keep one: the stage's \`${member}\` is short for the model's.`;
      problems.addKey([...path, member], `${member} stands both at the stage and at its model`, remedy);
    }
  }
  checkTemplate(textOf(row, 'template'), [...path, 'template'], parsed, folder, problems);
  checkTemplate(textOf(model, 'template'), [...path, 'model', 'template'], parsed, folder, problems);
}

function checkRef(ref: string, path: KeyPath, folder: string, problems: Problems): void {
  try {
    const { protocol, endpoint } = parseModelRef(ref);
    if (protocol !== 'scripted' && protocol !== 'replay') return;
    const file = resolve(folder, endpoint);
    if (existsSync(file)) return;
    const what = protocol === 'scripted' ? 'scripted module or table' : 'run folder to replay';
    problems.add(
      path,
      `there is no ${what} at ${endpoint}`,
      `Looked for ${file}: paths start at the study file.`,
    );
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    problems.addError(path, error);
  }
}

function parsedRef(ref: string): ModelRef | undefined {
  try {
    return parseModelRef(ref);
  } catch {
    return undefined; // checkRef has told.
  }
}

function checkTemplate(
  template: string | undefined,
  path: KeyPath,
  ref: ModelRef | undefined,
  folder: string,
  problems: Problems,
): void {
  if (template === undefined) return;
  const file = resolve(folder, template);
  if (!existsSync(file)) {
    problems.add(
      path,
      `there is no template file ${template}`,
      `Looked for ${file}: paths start at the study file.`,
    );
  }
  if (ref !== undefined && ref.protocol !== 'openai-completions') {
    problems.addKey(
      path,
      'a template means something only for text completions: elsewhere the server applies the model’s own',
      ref.baseUrl === undefined
        ? 'Remove it.'
        : `Remove it, or ask for text completions: completions+${ref.baseUrl}#${ref.model}`,
    );
  }
}
