import type { Findings } from '../../findings/findings.ts';
import { listed, NONE } from '../../format/index.ts';
import { type Block, type Cell, type Column, heading, paragraph, words } from './block.ts';
import { familyTree } from './family-tree.ts';

const ROLES = { 'first-trained': 'first trained stage', last: 'last stage', other: null } as const;

/** Who the stages are, with the colours that they have in every figure; columns that would say nothing are left out. */
export function stages(findings: Findings): Block[] {
  const { stages: all } = findings;
  const tree = familyTree(findings);
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  const title = new Map(all.map((stage) => [stage.id, stage.title]));
  const colored = all.some(({ role }) => role !== 'other');
  const optional = (said: boolean, column: Column, cell: (stage: Findings['stages'][number]) => Cell) =>
    said ? [{ column, cell }] : [];
  const more = [
    ...optional(
      all.some((stage) => stage.id !== stage.title),
      words('Id'),
      ({ id }) => id,
    ),
    ...optional(kinds.length > 1 || kinds[0] !== '' || colored, words('Kind'), ({ kind, role }) =>
      [kind, ROLES[role]].filter(Boolean).join(', '),
    ),
    ...optional(
      all.some(({ from }) => from !== null),
      words('Trained from'),
      ({ from }) => (from === null ? NONE : (title.get(from) ?? from)),
    ),
    ...optional(
      all.some(({ model }) => model !== null),
      words('Model', { on: 'page' }),
      ({ model }) => model ?? NONE,
    ),
  ];
  const plain = all.every(({ id, title: name }) => id === name) && !colored && more.length < 2;
  return [
    heading(2, 'Stages', { id: 'stages', contents: true }),
    plain
      ? paragraph(
          `${listed(all.map(({ id }) => id))}${kinds.length === 1 && kinds[0] !== '' ? ` (${kinds[0]})` : ''}.`,
        )
      : {
          kind: 'table',
          caption: 'The stages that were compared',
          columns: [words('Stage'), ...more.map(({ column }) => column)],
          rows: all.map((stage) => ({
            about: { stage: stage.id },
            cells: [
              colored ? [{ swatch: stage.role }, stage.title] : stage.title,
              ...more.map(({ cell }) => cell(stage)),
            ],
          })),
        },
    ...(tree === null ? [] : [tree]),
  ];
}
