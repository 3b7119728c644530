import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KeyPath, Problems } from '../files/index.ts';
import { type ModelRef, parseModelRef } from '../models/index.ts';
import { isRefList, rowsOf, type SoundStudy, type StageRow } from './rows.ts';
import { isModel } from './schema/model.ts';

/** Model refs are well formed, and the files they and their templates name exist. Nothing is opened. */
export function checkModels(study: SoundStudy, folder: string, problems: Problems): void {
  for (const { row, path } of rowsOf(study, 'stages')) {
    const { model, template, stop } = row;
    const ref = checkModel(model, [...path, 'model'], folder, problems);
    for (const [index, run] of (Array.isArray(row.replicates) ? row.replicates : []).entries())
      if (typeof run !== 'number') checkModel(run, [...path, 'replicates', index], folder, problems);
    if (typeof model === 'object' && !isModel(model) && !isRefList(model)) {
      for (const [member, both] of Object.entries({
        template: template !== undefined && model.template !== undefined,
        stop: stop !== undefined && model.stop !== undefined,
      })) {
        const remedy = `Keep one: the stage's \`${member}\` is short for the model's.`;
        if (both)
          problems.addKey([...path, member], `${member} is given both at the stage and at its model`, remedy);
      }
    }
    checkTemplate(template, [...path, 'template'], ref, folder, problems);
  }
  for (const { row, path } of rowsOf(study, 'raters'))
    if (row.kind === 'autorater') checkModel(row.model, [...path, 'model'], folder, problems);
}

type ModelOf = StageRow['row']['model'];

/** @returns the ref, where it can be read */
function checkModel(model: ModelOf, path: KeyPath, folder: string, problems: Problems): ModelRef | undefined {
  // A Model object needs no ref that stemma can open.
  if (model === undefined || isModel(model)) return undefined;
  if (isRefList(model)) {
    const refs = model.map((ref, index) => checkModel(ref, [...path, index], folder, problems));
    return refs[0];
  }
  const [ref, refPath] = typeof model === 'string' ? [model, path] : [model.ref, [...path, 'ref']];
  const parsed = ref === undefined || ref === '' ? undefined : checkRef(ref, refPath, folder, problems);
  if (typeof model === 'object' && model.also !== undefined) {
    for (const [index, other] of model.also.entries())
      checkModel(other, [...path, 'also', index], folder, problems);
  }
  if (typeof model === 'object')
    checkTemplate(model.template, [...path, 'template'], parsed, folder, problems);
  return parsed;
}

function checkRef(ref: string, path: KeyPath, folder: string, problems: Problems): ModelRef | undefined {
  const parsed = problems.attempt(() => parseModelRef(ref), path);
  if (parsed?.protocol !== 'scripted' && parsed?.protocol !== 'replay') return parsed;
  const file = resolve(folder, parsed.endpoint);
  if (existsSync(file)) return parsed;
  const what = parsed.protocol === 'scripted' ? 'scripted module or table' : 'run folder to replay';
  problems.add(
    path,
    `there is no ${what} at ${parsed.endpoint}`,
    `Looked for ${file}: paths start at the study file.`,
  );
  return parsed;
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
