import { anyOf, type Problems } from '../files/index.ts';
import { idsOf, rowsOf, type SoundStudy } from './rows.ts';
import { againId } from './stages.ts';

/** A/A arms are of stages that are there, each once, and their ids are free. */
export function checkControls(study: SoundStudy, problems: Problems): void {
  const given = study.controls?.again;
  const single = typeof given === 'string';
  const wanted = single ? [given] : (given ?? []);
  const ids = idsOf(study, 'stages');
  for (const [index, id] of wanted.entries()) {
    if (id === undefined) continue;
    const path = ['controls', 'again', ...(single ? [] : [index])];
    if (!ids.includes(id)) problems.add(path, `no stage is called "${id}"`, `Write ${anyOf(ids)}.`);
    else if (rowsOf(study, 'stages').some(({ row }) => row.id === id && row.replicates !== undefined))
      problems.add(
        path,
        `"${id}" has replicates, which are not a control of themselves`,
        'Name a stage that is one checkpoint.',
      );
    else if (wanted.indexOf(id) < index) problems.add(path, `"${id}" is named twice`, 'Name it once.');
    else if (ids.includes(againId(id)))
      problems.add(
        path,
        `its arm would be called "${againId(id)}", as a stage is`,
        'Give that stage another id.',
      );
  }
}
