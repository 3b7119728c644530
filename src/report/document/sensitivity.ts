import type { JudgedVerdict, SensitivityFindings } from '../../findings/rater-findings.ts';
import { counted, inSentence, listed, NONE } from '../../format/index.ts';
import {
  type Block,
  BREAK,
  heading,
  joinTexts,
  numbers,
  paragraph,
  type Text,
  text,
  words,
} from './block.ts';
import type { MeasureScope } from './scope.ts';

type Contrasts = SensitivityFindings['contrasts'];

/** How much a panel's findings depend on who sits on it. */
export function sensitivity({ measure, notation, name, pair, raterTitle }: MeasureScope): Block[] {
  const found = measure.sensitivity;
  if (found === undefined) return [];
  return [
    heading(4, 'What depends on the judges'),
    paragraph(sensitivityInWords(found)),
    {
      kind: 'table',
      page: true,
      caption: `${measure.title} by the panel, and by the panel without each of its judges`,
      columns: [
        words('Stage'),
        numbers('All judges', { strong: true }),
        ...found.judges.map((judge) => numbers(`Without ${raterTitle(judge)}`)),
        numbers('From lowest to highest'),
      ],
      rows: found.stages.map(({ id, without, range }) => ({
        about: { stage: id },
        cells: [
          name(id),
          notation.value(measure.stages.find((stage) => stage.id === id)?.estimate ?? null),
          ...found.judges.map((judge) =>
            notation.value(without.find((one) => one.judge === judge)?.estimate ?? null),
          ),
          notation.interval(range),
        ],
      })),
    },
    ...changes({ raterTitle, pair }, found),
  ];
}

/** The verdicts that another judge would have changed, those that depend on one judge's absence first. */
function changes(
  { raterTitle, pair }: Pick<MeasureScope, 'raterTitle' | 'pair'>,
  { contrasts }: SensitivityFindings,
): Block[] {
  const changed = contrasts
    .filter(({ standsWithout, standsAlone }) => !standsWithout || !standsAlone)
    .toSorted((a, b) => Number(a.standsWithout) - Number(b.standsWithout));
  if (changed.length === 0) return [];
  const others = ({ verdict }: Contrasts[number], judged: readonly JudgedVerdict[]): Text => {
    const dissenting = judged.filter((one) => one.verdict !== verdict);
    if (dissenting.length === 0) return NONE;
    return joinTexts(
      dissenting.map((one) => text`${raterTitle(one.judge)}: ${{ verdict: one.verdict }}`),
      BREAK,
    );
  };
  return [
    {
      kind: 'fold',
      summary: `Verdicts that another judge would have changed (${changed.length})`,
      blocks: [
        {
          kind: 'table',
          caption:
            'Verdicts that depend on the judge: each comparison taken by itself, without the family of comparisons counted',
          columns: ['Comparison', 'The panel, by itself', 'Without', 'By one judge alone'].map((head) =>
            words(head),
          ),
          rows: changed.map((contrast) => ({
            about: { from: contrast.from, to: contrast.to },
            cells: [
              pair(contrast),
              [{ verdict: contrast.verdict }],
              others(contrast, contrast.without),
              others(contrast, contrast.alone),
            ],
          })),
        },
      ],
    },
  ];
}

function sensitivityInWords({ contrasts }: SensitivityFindings): string {
  const all = counted(contrasts.length, 'verdict');
  const without = contrasts.filter(({ standsWithout }) => !standsWithout);
  const alone = contrasts.filter(({ standsAlone }) => !standsAlone);
  if (contrasts.length === 0) return 'No stages were compared.';
  const left =
    without.length === 0
      ? `None of the panel's ${all} changes when any one judge is left out`
      : `Of the panel's ${all}, ${without.length} ${without.length === 1 ? 'changes' : 'change'} when one judge is left out${by(without, 'without')}`;
  const swapped =
    alone.length === 0
      ? 'each judge alone gives the same'
      : `${alone.length} would be another with one of the judges alone in the panel's place${by(alone, 'alone')}`;
  return `Each comparison taken by itself, without the family of comparisons counted: ${inSentence(left)}; ${swapped}.`;
}

/** Which judges, with how many verdicts depend on each. */
function by(contrasts: Contrasts, which: 'without' | 'alone'): string {
  const counts = new Map<string, number>();
  for (const contrast of contrasts) {
    for (const { judge, verdict } of contrast[which])
      if (verdict !== contrast.verdict) counts.set(judge, (counts.get(judge) ?? 0) + 1);
  }
  return ` (${listed([...counts].map(([judge, times]) => `${judge} ${times}`))})`;
}
