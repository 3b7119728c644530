import { inSentence, percent, percentInterval, pInWords } from '../../format/index.ts';
import { type Block, heading, numbers, paragraph, text, words } from './block.ts';
import type { RowChart } from './chart.ts';
import { estimatesScale } from './estimates.ts';
import type { MeasureScope } from './scope.ts';

/** A curve over the checkpoints of one kind of training, its trend, and the shares of its stretches. */
export function steps(scope: MeasureScope): Block[] {
  const { measure, notation, name, unit } = scope;
  return (measure.steps ?? []).flatMap(({ kind, points, trend, shares }) => {
    const scale = estimatesScale(measure);
    const chart: RowChart = {
      kind: 'rows',
      scale: { ...scale, holds: [...scale.holds, ...points.flatMap(({ band }) => band ?? [])] },
      rows: points.map(({ id, step, estimate, band }) => ({
        label: `${name(id)} (${step})`,
        shape: { bar: scope.stageOf(id).role },
        value: estimate,
        interval: band,
        words: [{ strong: notation.value(estimate), soft: notation.interval(band) }],
      })),
    };
    const parts = shares?.identified ? shares.parts : null;
    return [
      heading(4, `Along ${kind}`),
      ...(trend === undefined
        ? []
        : [
            paragraph(
              text`A straight line through the checkpoints changes by ${notation.changeInWords(trend.change)} ${notation.changeInterval(trend.interval)} from the first to the last${trend.p !== null && ` (trend: ${pInWords(trend.p)})`}.`,
            ),
          ]),
      {
        kind: 'figure',
        chart,
        alternative: `${measure.title} along ${kind}: ${points.map(({ id, estimate, band }) => `${name(id)} ${notation.value(estimate)} ${notation.interval(band)}`).join('; ')}.`,
        caption: `${measure.title} at the checkpoints of ${kind}, by step. The band holds at all of them at once (95%).`,
        table: {
          kind: 'table',
          caption: `${measure.title} by step`,
          columns: [
            words('Checkpoint'),
            numbers('Step'),
            numbers('Estimate', { strong: true }),
            numbers('Simultaneous band'),
            ...(parts
              ? [numbers(`Share of the change${unit && ' from the one before'}`), numbers('95% interval')]
              : []),
          ],
          rows: points.map(({ id, step, estimate, band }) => {
            const part = parts?.find(({ to }) => to === id);
            return {
              about: { stage: id },
              cells: [
                name(id),
                String(step),
                notation.value(estimate),
                notation.interval(band),
                ...(parts ? [percent(part?.share ?? null), percentInterval(part?.interval ?? null)] : []),
              ],
            };
          }),
        },
      },
      ...(shares !== undefined && !shares.identified && shares.why !== undefined
        ? [paragraph(`Shares along ${inSentence(kind)} are not identified: ${shares.why}.`, { tone: 'soft' })]
        : []),
    ];
  });
}
