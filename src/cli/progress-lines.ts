import {
  cells,
  compact,
  count,
  counted,
  dollars,
  durationText,
  left,
  type Paint,
  painter,
  reached,
  speed,
  terminalLine,
} from '../format/index.ts';
import type { Progress, ProgressCounts } from '../run/index.ts';

/** The whole display: the total, what is waited for, the last error, and a line per stage and eval under way. */
export function progressLines(
  progress: Progress,
  { color, cells: each, now }: { readonly color: boolean; readonly cells: boolean; readonly now: number },
): string[] {
  const paint = painter(color);
  const { state, total, elapsedMs, waitingFor, otherRaters, lastError } = progress;
  const states = {
    running: [],
    stopping: [paint('yellow', 'stopping: trials under way are being finished')],
    done: [],
  };
  const lines = [
    [
      `[${durationText(elapsedMs)}]`,
      [
        `${count(total.done)} of ${counted(total.total, 'trial')}`,
        ...details(total, progress.state, paint),
      ].join(', '),
      ...states[state],
    ].join(' '),
    ...waitingFor.map(({ ref, message, nextTryAt }) => {
      const next = nextTryAt > now ? `next try in ${durationText(nextTryAt - now)}` : 'trying now';
      return paint('yellow', `  waiting for ${terminalLine(ref)} (${firstLine(message)}), ${next}`);
    }),
    ...(otherRaters.length > 0 && state !== 'done'
      ? [
          paint(
            'yellow',
            terminalLine(`  waiting for another process that rates as ${otherRaters.join(', ')}`),
          ),
        ]
      : []),
    ...(lastError !== null && waitingFor.length === 0 && state !== 'done'
      ? [paint('red', `  last error: ${terminalLine(lastError.from)}: ${firstLine(lastError.message)}`)]
      : []),
  ];
  if (!each || progress.cells.length < 2) return lines;
  const shown = progress.cells.filter(
    ({ done, total: planned }) => state === 'done' || (done > 0 && done < planned),
  );
  const named = shown.map((cell) => [terminalLine(`${cell.eval} · ${cell.stage}`), cell] as const);
  const width = Math.max(0, ...named.map(([name]) => cells(name)));
  const digits = Math.max(0, ...shown.map(({ total: planned }) => count(planned).length));
  return [
    ...lines,
    ...named.map(([name, cell]) => {
      const counts = `${count(cell.done).padStart(digits)} of ${count(cell.total).padStart(digits)}`;
      return `  ${paint('dim', left(name, width))}  ${[counts, ...details(cell, state, paint)].join(', ')}`;
    }),
  ];
}

function details(
  { done, total, answers, rated, perSecond, etaMs, errors, ratings, tokens, usd }: ProgressCounts,
  state: Progress['state'],
  paint: Paint,
): string[] {
  const spent = tokens.input + tokens.output;
  return [
    reached(done, total),
    ...(done < total && answers.done < answers.total ? [counted(answers.done, 'answer')] : []),
    ...(done < total && rated.done < rated.total ? [counted(rated.done, 'rating')] : []),
    ...(perSecond && done < total ? [speed(perSecond)] : []),
    ...(etaMs !== null && done < total && state === 'running' ? [`${durationText(etaMs)} left`] : []),
    ...(spent > 0 ? [`${compact(spent)} tokens`] : []),
    ...(usd !== null && usd > 0 ? [dollars(usd)] : []),
    ...(errors > 0 ? [paint('red', counted(errors, 'error'))] : []),
    ...(ratings.error > 0 ? [paint('red', counted(ratings.error, 'rater error'))] : []),
    ...(ratings.unparsed > 0 ? [paint('yellow', `${count(ratings.unparsed)} without a value`)] : []),
    ...(ratings.refused > 0 ? [paint('yellow', `${count(ratings.refused)} refused`)] : []),
  ];
}

function firstLine(text: string): string {
  return terminalLine(text.split('\n', 1)[0]!);
}
