import { anyOf, type Problems } from '../files/problems.ts';
import { againId } from './again.ts';
import { isObject } from './input.ts';
import { rowsOf, textOf } from './loose.ts';
import type { StudyFile } from './schema.ts';

/** Ids of the stages that a study wants once more. */
export function againOf({ controls }: Pick<StudyFile, 'controls'>): readonly string[] {
  const { again = [] } = controls ?? {};
  return typeof again === 'string' ? [again] : again;
}

/** A/A arms are of stages that are there, each once, and their ids are free. */
export function checkControls(study: unknown, problems: Problems): void {
  const controls = isObject(study) && isObject(study.controls) ? study.controls : {};
  const given = typeof controls.again === 'string' ? [controls.again] : controls.again;
  if (!Array.isArray(given)) return;
  const ids = rowsOf(study, 'stages').flatMap(({ row }) => textOf(row, 'id') ?? []);
  for (const [index, id] of given.entries()) {
    const path = ['controls', 'again', ...(typeof controls.again === 'string' ? [] : [index])];
    if (!ids.includes(id)) problems.add(path, `no stage is called "${id}"`, `Write ${anyOf(ids)}.`);
    else if (given.indexOf(id) < index) problems.add(path, `"${id}" stands here twice`, 'Name it once.');
    else if (ids.includes(againId(id)))
      problems.add(
        path,
        `its arm would be called "${againId(id)}", as a stage is`,
        'Give that stage another id.',
      );
  }
}
