import type { Interval } from '../../findings/findings.ts';

/** A part of a bar: solid up to the interval, then the interval with its estimate. */
interface DrawnBar {
  readonly solid: string;
  readonly interval: string;
}

/**
 * A bar with its interval as characters: `████├──●──┤`. It begins at the domain's low end; where an interval is narrower than
 * a cell the point alone stands for it.
 *
 * @param width cells of the whole domain
 */
export function drawBar(
  estimate: number,
  interval: Interval | null,
  [low, high]: Interval,
  width: number,
): DrawnBar {
  const cell = (x: number) =>
    Math.min(width - 1, Math.max(0, Math.floor(((x - low) / (high - low || 1)) * width)));
  const point = cell(estimate);
  const [start, end] = interval === null ? [point, point] : [cell(interval[0]), cell(interval[1])];
  const marks = Array.from({ length: end - start + 1 }, (_, index) => {
    const at = start + index;
    if (at === point) return '●';
    return at === start ? '├' : at === end ? '┤' : '─';
  });
  // A scale that goes below zero has no end at which a bar could begin.
  return { solid: (low < 0 ? ' ' : '█').repeat(start), interval: marks.join('') };
}
