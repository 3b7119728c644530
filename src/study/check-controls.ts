import { anyOf, type Problems } from '../files/index.ts';
import { idsOf, rowsOf, type SoundStudy } from './rows.ts';
import type { AgainArm } from './schema/analysis.ts';
import { againId } from './stages.ts';

/** A/A arms are of stages that are there, each once, and their ids are free. */
export function checkControls(study: SoundStudy, problems: Problems): void {
  const given = study.controls?.again;
  const arms = given === undefined ? [] : [given].flat();
  const ids = idsOf(study, 'stages');
  const armIds: string[] = [];
  for (const [index, row] of arms.entries()) {
    const arm = armOf(row);
    if (arm === null) continue;
    const path = ['controls', 'again', ...(Array.isArray(given) ? [index] : [])];
    const named = [...path, ...(typeof row === 'string' ? [] : ['stage'])];
    const id = arm.stage;
    if (!ids.includes(id)) problems.add(named, `no stage is called "${id}"`, `Write ${anyOf(ids)}.`);
    else if (rowsOf(study, 'stages').some(({ row }) => row.id === id && row.replicates !== undefined))
      problems.add(
        named,
        `"${id}" has replicates, which are not a control of themselves`,
        'Name a stage that is one checkpoint.',
      );
    else if (armIds.includes(againId(arm))) problems.add(named, `"${id}" is named twice`, 'Name it once.');
    else if (ids.includes(againId(arm)))
      problems.add(
        named,
        `its arm would be called "${againId(arm)}", as a stage is`,
        'Give that stage another id.',
      );
    else if (arm.at_once !== undefined && study.sampling?.seed === null)
      problems.add(
        [...path, 'at_once'],
        'without a seed every answer is another one, whatever the load',
        'Give `sampling: { seed: 1 }`.',
      );
    armIds.push(againId(arm));
  }
}

function armOf(row: AgainArm | string | undefined): AgainArm | null {
  if (row === undefined) return null;
  const arm = typeof row === 'string' ? { stage: row } : row;
  return typeof arm.stage === 'string' ? arm : null;
}
