import type { ConditionalFindings, ConditionalPart } from '../../findings/part-findings.ts';
import { count, inSentence, NONE, notation as notationFor, percent } from '../../format/index.ts';
import { type Block, type Cell, heading, numbers, paragraph, soft, text, words } from './block.ts';
import type { Scope } from './scope.ts';

/** Measures where another one of the same trial has a value, and where not. */
export function conditional(scope: Scope): Block[] {
  const all = scope.findings.conditional ?? [];
  if (all.length === 0) return [];
  return [
    heading(2, 'Under a condition', { id: 'conditional', contents: true }),
    ...all.flatMap((one) => partsOf(scope, one)),
  ];
}

function partsOf({ name, raterTitle }: Scope, found: ConditionalFindings): Block[] {
  const notation = notationFor(found.kind);
  const unit = notation.unit === null ? '' : `, ${notation.unit}`;
  const given = inSentence(found.givenTitle);
  const cell = ({ estimate, interval, trials }: ConditionalPart): Cell =>
    estimate === null
      ? NONE
      : text`${notation.value(estimate)} ${soft(`${notation.interval(interval)}, ${count(trials)} trials`)}`;
  const at = found.atLeast === 1 ? '' : ` of at least ${found.atLeast}`;
  return [
    heading(3, `${found.title}, with and without ${given}`, { contents: true }),
    paragraph(
      `As ${raterTitle(found.rater)} rates ${inSentence(found.title)} and ${raterTitle(found.givenRater)} rates ${given}, on the same trials.`,
      { tone: 'soft' },
    ),
    {
      kind: 'table',
      caption: `${found.title} on trials with ${given}${at}, and on the others`,
      columns: [
        words('Stage'),
        numbers('Trials with it'),
        numbers('With it'),
        numbers('Without it'),
        numbers(`Difference${unit}`, { strong: true }),
        numbers('95% interval'),
      ],
      rows: found.stages.map(({ id, share, holds, not, difference, interval }) => ({
        about: { stage: id },
        cells: [
          name(id),
          percent(share),
          cell(holds),
          cell(not),
          notation.change(difference),
          notation.changeInterval(interval),
        ],
      })),
    },
    paragraph(
      `${found.givenTitle} is itself affected by the stage: the trials on which it is seen are not the same kind of trials at two stages. So a difference between stages in one of these columns is not what a stage does to such trials, and a difference between the columns is not what ${given} does.`,
      { tone: 'warning' },
    ),
  ];
}
