import type { Measure } from '../core/index.ts';
import type { Interval } from './findings.ts';

/** Between what a difference of two of a measure's values can lie. */
export function differenceRange({ range: [bottom, top] }: Pick<Measure, 'range'>): Interval {
  return [bottom - top, top - bottom];
}

/** Between what a difference of two errors, each the difference of two of a measure's values, can lie. */
export function errorDifferenceRange({ range: [bottom, top] }: Pick<Measure, 'range'>): Interval {
  return [2 * (bottom - top), 2 * (top - bottom)];
}

/** A number, cut off at its range: a correction may lead beyond it. */
export function possible(value: number, [lowest, highest]: Interval): number {
  return Math.min(highest, Math.max(lowest, value));
}

/** An interval, cut off at its range. As the truth is in the range, the interval covers it as often as before. */
export function possibleInterval([lower, upper]: Interval, range: Interval): Interval {
  return [possible(lower, range), possible(upper, range)];
}
