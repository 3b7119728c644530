import type { MeasureFindings, Missing } from '../findings/findings.ts';
import { count, counted, listed } from './notation.ts';

/** Why a trial has no value, in the order in which it could come about. */
export const REASONS: readonly (readonly [keyof Omit<Missing, 'trials' | 'worstCase'>, string])[] = [
  ['notRun', 'not run'],
  ['errors', 'trial failed'],
  ['notRated', 'not rated'],
  ['unparsed', 'unparsed'],
  ['refused', 'rater declined'],
  ['raterErrors', 'rater failed'],
  ['ties', 'panel undecided'],
];

/** Whether any trial of any stage has no value. */
export function hasMissing(measure: MeasureFindings): boolean {
  return measure.stages.some(({ missing }) => missing.trials > 0);
}

/** Which verdicts the missing values could change. */
export function robustness({ contrasts }: MeasureFindings, nameOf: (id: string) => string): string {
  const judged = contrasts.filter(({ robustToMissing }) => robustToMissing !== null);
  const fragile = judged.filter(({ robustToMissing }) => robustToMissing === false);
  if (judged.length === 0) return 'No verdict depends on the missing values.';
  if (fragile.length === 0) {
    return judged.length === 1
      ? 'The verdict would stand whatever the missing values were.'
      : `All ${count(judged.length)} verdicts would stand whatever the missing values were.`;
  }
  const pairs = fragile.map(({ from, to }) => `${nameOf(from)} → ${nameOf(to)}`);
  const named = pairs.length > 4 ? counted(pairs.length, 'comparison') : listed(pairs);
  return `The verdict on ${named} could be another one if all missing values had come out one way.`;
}
