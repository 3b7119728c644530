import type { Interval } from '../../findings/findings.ts';
import type { CorrectedFindings } from '../../findings/label-findings.ts';
import { count, inSentence, listed, percent, percentInterval, pInWords, pValue } from '../../format/index.ts';
import { areFew, reasonsAt } from '../outline.ts';
import { type Block, heading, numbers, paragraph, soft, strong, type Table, text, words } from './block.ts';
import type { MeasureScope } from './scope.ts';
import { correctedShares } from './shares.ts';

/** Below this a judge's errors are said to differ between two stages. */
const ERRORS_DIFFER = 0.05;

/** The estimates beside those that human labels correct, and whether the rater errs alike at every stage. */
export function corrected(scope: MeasureScope): Block[] {
  const { measure, name } = scope;
  const found = measure.corrected;
  if (found === undefined) return [];
  return [
    heading(4, 'Corrected by labels'),
    ...mistakes(scope, found),
    stagesTable(scope, found),
    ...reasonsAt(found.stages, name).map((reason) => paragraph(reason, { tone: 'soft' })),
    ...differences(scope, found),
    ...correctedShares(scope, found),
  ];
}

function mistakes({ name, raterTitle, measure }: MeasureScope, found: CorrectedFindings): Block[] {
  const { contrasts } = found;
  const differing = contrasts.filter(({ errorP }) => errorP !== null && errorP < ERRORS_DIFFER);
  if (differing.length === 0) return [];
  const pairs = differing.map(
    ({ from, to, errorP }) => `${name(from)} and ${name(to)} (${pInWords(errorP!)})`,
  );
  const named = pairs.length > 3 ? `${pairs.length} of ${contrasts.length} pairs of stages` : listed(pairs);
  const also = found.shares ? ', and the shares made of them,' : '';
  return [
    paragraph(
      text`${strong(`The mistakes of ${raterTitle(measure.rater)} differ by stage`)}: between ${named}. Its own differences there${also} are partly its mistakes.`,
      { tone: 'warning' },
    ),
  ];
}

function stagesTable(
  { measure, notation, name, raterTitle, number }: MeasureScope,
  found: CorrectedFindings,
): Table {
  const binary = found.stages.some(
    ({ sensitivity, specificity }) => sensitivity !== null || specificity !== null,
  );
  return {
    kind: 'table',
    caption: `${measure.title} as ${raterTitle(measure.rater)} rated it and as corrected by ${raterTitle(found.labeller)}`,
    columns: [
      words('Stage'),
      numbers('As rated'),
      numbers('Corrected', { strong: true }),
      numbers('95% interval'),
      numbers('Labels'),
      numbers('Disagree', { on: 'wide' }),
      ...(binary ? [numbers('Sensitivity', { on: 'page' }), numbers('Specificity', { on: 'page' })] : []),
    ],
    rows: found.stages.map((stage, index) => {
      const to = (written: string) => number('corrected', written, index);
      const right = (share: number | null, interval: Interval | null) =>
        text`${to(percent(share))} ${interval && soft(percentInterval(interval))}`;
      const alone = stage.lambda === null && stage.estimate !== null ? ' alone' : '';
      return {
        about: { stage: stage.id },
        cells: [
          name(stage.id),
          notation.value(stage.raw),
          [to(notation.value(stage.estimate))],
          [to(notation.interval(stage.interval))],
          [to(`${count(stage.labels)}${alone}`)],
          [to(count(stage.disagreements))],
          ...(binary
            ? [
                right(stage.sensitivity, stage.sensitivityInterval),
                right(stage.specificity, stage.specificityInterval),
              ]
            : []),
        ],
      };
    }),
  };
}

function differences(
  { measure, notation, unit, pair, number }: MeasureScope,
  { contrasts, stages }: CorrectedFindings,
): Block[] {
  if (contrasts.length === 0) return [];
  const table: Table = {
    kind: 'table',
    caption: `Corrected differences in ${inSentence(measure.title)}, and whether the rater's mean error differs`,
    columns: [
      words('Comparison'),
      words('Verdict'),
      numbers(`Corrected difference${unit}`, { strong: true }),
      numbers('95% interval'),
      numbers(`Change of the rater's error${unit}`, { on: 'page' }),
      numbers('95% interval', { on: 'page' }),
      numbers('p', { on: 'page' }),
    ],
    rows: contrasts.map((contrast, index) => {
      const to = (written: string) => [number('corrected-difference', written, index)];
      return {
        about: { from: contrast.from, to: contrast.to },
        cells: [
          pair(contrast),
          [{ verdict: contrast.verdict }],
          to(notation.change(contrast.difference)),
          to(notation.changeInterval(contrast.interval)),
          to(notation.change(contrast.errorDifference)),
          to(notation.changeInterval(contrast.errorInterval)),
          to(pValue(contrast.errorP)),
        ],
      };
    }),
  };
  if (areFew(contrasts, stages)) return [table];
  return [
    { kind: 'fold', summary: `Corrected differences of all ${contrasts.length} pairs`, blocks: [table] },
  ];
}
