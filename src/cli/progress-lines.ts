import { styleText } from 'node:util';
import {
  countWords,
  durationWords,
  type Progress,
  type ProgressCounts,
  percentWords,
  plural,
  rateWords,
  tokenWords,
  usdWords,
} from '../run/index.ts';

/** The whole display: the total first, then what is waited for, then a line a stage and eval that is under way. */
export function progressLines(
  progress: Progress,
  { color, cells, now }: { readonly color: boolean; readonly cells: boolean; readonly now: number },
): string[] {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const { state, total, elapsedMs, waitingFor } = progress;
  const states = {
    running: [],
    stopping: [paint('yellow', 'stopping: trials under way are being finished')],
    done: [],
  };
  const lines = [
    [
      `[${durationWords(elapsedMs)}]`,
      [
        `${countWords(total.done)} of ${plural(total.total, 'trial')}`,
        ...details(total, progress.state, paint),
      ].join(', '),
      ...states[state],
    ].join(' '),
    ...waitingFor.map(({ ref, message, nextTryAt }) => {
      const next = nextTryAt > now ? `next try in ${durationWords(nextTryAt - now)}` : 'trying now';
      return paint('yellow', `  waiting for ${ref} (${firstLine(message)}), ${next}`);
    }),
  ];
  if (!cells || progress.cells.length < 2) return lines;
  const shown = progress.cells.filter(
    ({ done, total: planned }) => state === 'done' || (done > 0 && done < planned),
  );
  const named = shown.map((cell) => [`${cell.eval} · ${cell.stage}`, cell] as const);
  const width = Math.max(0, ...named.map(([name]) => name.length));
  const digits = Math.max(0, ...shown.map(({ total: planned }) => countWords(planned).length));
  return [
    ...lines,
    ...named.map(([name, cell]) => {
      const counts = `${countWords(cell.done).padStart(digits)} of ${countWords(cell.total).padStart(digits)}`;
      return `  ${paint('dim', name.padEnd(width))}  ${[counts, ...details(cell, state, paint)].join(', ')}`;
    }),
  ];
}

function details(
  { done, total, perSecond, etaMs, errors, ratings, tokens, usd }: ProgressCounts,
  state: Progress['state'],
  paint: (style: 'red' | 'yellow', text: string) => string,
): string[] {
  const spent = tokens.input + tokens.output;
  return [
    percentWords(done, total),
    ...(perSecond && done < total ? [rateWords(perSecond)] : []),
    ...(etaMs !== null && done < total && state === 'running' ? [`${durationWords(etaMs)} left`] : []),
    ...(spent > 0 ? [`${tokenWords(spent)} tokens`] : []),
    ...(usd !== null && usd > 0 ? [usdWords(usd)] : []),
    ...(errors > 0 ? [paint('red', plural(errors, 'error'))] : []),
    ...(ratings.error > 0 ? [paint('red', plural(ratings.error, 'rater error'))] : []),
    ...(ratings.unparsed > 0 ? [paint('yellow', `${countWords(ratings.unparsed)} unparsed`)] : []),
    ...(ratings.refused > 0 ? [paint('yellow', `${countWords(ratings.refused)} refused`)] : []),
  ];
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}
