import { SIGN_WORDS } from '../../core/index.ts';
import { counted, listed, percent, pInWords } from '../../format/index.ts';
import { type Block, type Cell, heading, numbers, paragraph, words } from './block.ts';
import type { Scope } from './scope.ts';

/** What makes answers doubtful, counted by stage. */
export function signs({ findings, name, pair }: Scope): Block[] {
  const found = findings.signs;
  if (found.length === 0) return [];
  const cell = (stages: (typeof found)[number]['stages'], id: string): Cell => {
    const stage = stages.find((one) => one.id === id);
    if (stage === undefined || stage.trials === 0) return '—';
    return `${stage.count} of ${stage.trials} (${percent(stage.count / stage.trials)})`;
  };
  const differing = found.flatMap(({ eval: id, sign, contrasts }) =>
    contrasts
      .filter(({ differs }) => differs)
      .map((contrast) => `${id}, ${SIGN_WORDS[sign]}: ${pair(contrast)} (${pInWords(contrast.p)})`),
  );
  return [
    heading(3, 'Doubtful answers'),
    paragraph(
      differing.length === 0
        ? 'No two stages differ in how often an answer is doubtful.'
        : `${counted(differing.length, 'pair')} of stages differ: ${listed(differing)}.`,
    ),
    {
      kind: 'table',
      caption: 'How often answers are doubtful, as far as code can see',
      columns: [words('Answers'), words('Eval'), ...findings.stages.map(({ id }) => numbers(name(id)))],
      rows: found.map(({ eval: id, sign, stages }) => ({
        cells: [SIGN_WORDS[sign], id, ...findings.stages.map((stage) => cell(stages, stage.id))],
      })),
    },
  ];
}
