import { inSentence, percent } from '../../format/index.ts';
import { areFew, verdictCounts } from '../outline.ts';
import { type Block, heading, numbers, paragraph, words } from './block.ts';
import type { MeasureScope } from './scope.ts';

/** The differences among samples that both stages answered: a stage that does not answer is neither safe nor unsafe. */
export function amongAnswered(scope: MeasureScope): Block[] {
  const { measure, notation, unit, pair, name, raterTitle } = scope;
  const { amongAnswered: among } = measure;
  if (among === undefined) return [];
  const acted = among.control.endsWith('/acted');
  const shares = among.stages
    .filter(({ trials }) => trials > 0)
    .map(
      ({ id, trials, answered }) => `${name(id)} ${percent(answered / trials)} (${answered} of ${trials})`,
    );
  const what = acted ? 'in which the agent acted' : 'that were answered';
  const intro = paragraph(
    `Trials ${what}, by ${raterTitle(among.rater)}: ${shares.join(', ')}. Among these alone the differences${
      among.values === measure.rater ? '' : `, by ${raterTitle(among.values)},`
    } are:`,
  );
  const blocks: Block[] = [
    heading(4, acted ? 'Among trials in which both acted' : 'Among samples that both answered'),
    intro,
  ];
  if (!areFew(among.contrasts, among.stages)) {
    const times = verdictCounts(among.contrasts).map(({ verdict, times: n }) => `${n} ${verdict}`);
    return [...blocks, paragraph(`${among.contrasts.length} pairs: ${times.join(', ')}.`)];
  }
  return [
    ...blocks,
    {
      kind: 'table',
      caption: `Differences in ${inSentence(measure.title)} among samples that both stages ${acted ? 'acted on' : 'answered'}`,
      columns: [
        words('Comparison'),
        words('Verdict'),
        numbers(`Difference${unit}`, { strong: true }),
        numbers('95% interval'),
        numbers('Samples'),
      ],
      rows: among.contrasts.map((contrast) => ({
        about: { from: contrast.from, to: contrast.to },
        cells: [
          pair(contrast),
          [{ verdict: contrast.verdict }],
          notation.change(contrast.difference),
          notation.changeInterval(contrast.interval),
          String(contrast.n),
        ],
      })),
    },
  ];
}
