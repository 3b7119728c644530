import {
  clipped,
  compact,
  count,
  counted,
  labelInWords,
  left,
  painter,
  reached,
  terminalLine,
  cells as widthOf,
} from '../format/index.ts';
import { FAILURES_SHOWN, failureLine } from './failures.ts';
import { signsInWords } from './sign-words.ts';
import type { RunStatus, StatusCell, StatusCounts } from './status.ts';

/** A run's status as a page for a terminal: the total, then a line a stage and eval with its raters below. */
export function renderStatus(status: RunStatus, { color, width }: { color: boolean; width: number }): string {
  const paint = painter(color);
  const { name, folder, total, cells, complete } = status;
  const state = complete ? 'complete' : total.done >= total.planned ? 'ratings are missing' : 'not complete';
  const names = Math.max(0, ...cells.map((cell) => widthOf(titleOf(cell))));
  return [
    paint('bold', `${terminalLine(`${name} (${folder})`)}: ${state}`),
    `${count(total.done)} of ${counted(total.planned, 'trial')} (${reached(total.done, total.planned)})${aside(total)}${uncounted(status)}`,
    ...cells.flatMap((cell) => [
      `  ${left(titleOf(cell), names)}  ${count(cell.done)} of ${count(cell.planned)}${aside(cell)}`,
      ...signLines(cell).map((line) => `    ${line}`),
      ...raterLines(cell).map((line) => paint('dim', `    ${line}`)),
    ]),
    ...failureLines(status),
    ...damageLines(status),
    ...status.growth.map(({ at, what }) => paint('dim', terminalLine(`added ${at.slice(0, 10)}: ${what}`))),
  ]
    .map((line) => (color ? line : clipped(line, Math.max(1, width))))
    .join('\n');
}

const DAMAGE_SHOWN = 10;

function damageLines({ damaged, origin }: RunStatus): string[] {
  if (damaged.length === 0) return [];
  const shown = damaged.slice(0, DAMAGE_SHOWN).map(({ file, line, what, key }) => {
    const about =
      what === 'line feed'
        ? ', only its line end; nothing is lost'
        : key === null
          ? ''
          : `, perhaps of ${key}`;
    return terminalLine(`  ${file}:${line}${about}`);
  });
  const more = damaged.length - shown.length;
  const lost = damaged.some(({ what }) => what !== 'line feed');
  const remedy =
    origin === 'import'
      ? '; restore the file from a copy, or import again'
      : ', and the same `stemma run` again asks what they held';
  return [
    `${counted(damaged.length, 'line')} of the records damaged; all others are read${lost ? remedy : ''}:`,
    ...shown,
    ...(more > 0 ? [`  and ${count(more)} more`] : []),
  ];
}

/** What makes answers doubtful, in one line. */
function signLines({ signs }: StatusCell): string[] {
  const said = signsInWords(signs);
  return said === null ? [] : [`answers: ${said}`];
}

function failureLines({ failures, origin }: RunStatus): string[] {
  if (failures.length === 0) return [];
  const shown = failures.slice(0, FAILURES_SHOWN).map((failure) => terminalLine(failureLine(failure).trim()));
  return [
    origin === 'import'
      ? 'What failed (`stemma rate` tries ratings again with --retry-errors):'
      : 'What failed (`stemma run` tries it again with --retry-errors):',
    ...shown.map((line) => `  ${line}`),
  ];
}

function titleOf({ eval: name, stage }: StatusCell): string {
  return terminalLine(`${name} · ${stage}`);
}

function aside({ errors, limits, tokens }: StatusCounts): string {
  const spent = (tokens.input ?? 0) + (tokens.output ?? 0);
  const parts = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(limits > 0 ? [`${count(limits)} ran into a limit`] : []),
    ...(spent > 0 ? [`${compact(spent)} tokens`] : []),
  ];
  return parts.map((part) => `, ${part}`).join('');
}

/** What a judge takes is in the ratings, and not in the index that a status is read from; a budget counts it. */
function uncounted({ cells, total: { tokens } }: RunStatus): string {
  const judged =
    (tokens.input ?? 0) + (tokens.output ?? 0) > 0 &&
    cells.some(({ raters }) => raters.some(({ kind }) => kind === 'autorater'));
  return judged ? ' (those of judges not counted)' : '';
}

function raterLines({ raters }: StatusCell): string[] {
  return raters.map(({ rater, ratings, missing, labelsAlone: alone = { count: 0, labels: [] } }) => {
    const unparsed = ratings.unparsed - alone.count;
    const labels = terminalLine(alone.labels.map(labelInWords).join(', '));
    const parts = [
      `${count(ratings.rated)} rated`,
      ...(alone.count > 0 ? [`${count(alone.count)} without a value (${labels})`] : []),
      ...(unparsed > 0 ? [`${count(unparsed)} unparsed`] : []),
      ...(ratings.refused > 0 ? [`${count(ratings.refused)} refused`] : []),
      ...(ratings.error > 0 ? [counted(ratings.error, 'error')] : []),
      ...(missing > 0 ? [`${counted(missing, 'trial')} not rated yet`] : []),
    ];
    return `${terminalLine(rater)}: ${parts.join(', ')}`;
  });
}
