import { styleText } from 'node:util';
import type { RunStatus, StatusCell, StatusCounts } from './status.ts';
import { countWords, percentWords, plural, tokenWords } from './words.ts';

/** A run's status as a page for a terminal: the total, then a line a stage and eval with its raters below. */
export function renderStatus(status: RunStatus, { color, width }: { color: boolean; width: number }): string {
  const paint = (style: 'bold' | 'dim', text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const { name, folder, total, cells, complete } = status;
  const state = complete ? 'complete' : total.done >= total.planned ? 'ratings are missing' : 'not complete';
  const names = Math.max(0, ...cells.map((cell) => titleOf(cell).length));
  return [
    paint('bold', `${name} (${folder}): ${state}`),
    `${countWords(total.done)} of ${plural(total.planned, 'trial')} (${percentWords(total.done, total.planned)})${aside(total)}${uncounted(status)}`,
    ...cells.flatMap((cell) => [
      `  ${titleOf(cell).padEnd(names)}  ${countWords(cell.done)} of ${countWords(cell.planned)}${aside(cell)}`,
      ...raterLines(cell).map((line) => paint('dim', `    ${line}`)),
    ]),
  ]
    .map((line) => (color || line.length <= width ? line : `${line.slice(0, Math.max(1, width - 1))}…`))
    .join('\n');
}

function titleOf({ eval: name, stage }: StatusCell): string {
  return `${name} · ${stage}`;
}

function aside({ errors, limits, tokens }: StatusCounts): string {
  const spent = (tokens.input ?? 0) + (tokens.output ?? 0);
  const parts = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(limits > 0 ? [`${countWords(limits)} ran into a limit`] : []),
    ...(spent > 0 ? [`${tokenWords(spent)} tokens`] : []),
  ];
  return parts.map((part) => `, ${part}`).join('');
}

/** What a judge takes stands in the ratings, and not in the index that a status is read from; a budget counts it. */
function uncounted({ cells, total: { tokens } }: RunStatus): string {
  const judged =
    (tokens.input ?? 0) + (tokens.output ?? 0) > 0 &&
    cells.some(({ raters }) => raters.some(({ kind }) => kind === 'autorater'));
  return judged ? ' (those of judges not counted)' : '';
}

function raterLines({ raters }: StatusCell): string[] {
  return raters.map(({ rater, ratings, missing }) => {
    const parts = [
      `${countWords(ratings.rated)} rated`,
      ...(ratings.unparsed > 0 ? [`${countWords(ratings.unparsed)} unparsed`] : []),
      ...(ratings.refused > 0 ? [`${countWords(ratings.refused)} refused`] : []),
      ...(ratings.error > 0 ? [plural(ratings.error, 'error')] : []),
      ...(missing > 0 ? [`${plural(missing, 'trial')} not rated yet`] : []),
    ];
    return `${rater}: ${parts.join(', ')}`;
  });
}
