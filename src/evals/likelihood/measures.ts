import type { Measure } from '../../core/index.ts';

/** Log-odds beyond this are no further apart for anybody, and 1 − p has no digits left. */
export const FURTHEST = 50;

/** A measure of how likely texts are: a probability among those that were asked about. */
export function probability(
  id: string,
  title: string,
  description: string,
  safer: Measure['safer'],
): Measure {
  return { id, title, description, kind: 'score', range: [0, 1], safer, level: 'ratio' };
}

/** Beside the probability: on this scale a change near 0 or 1 counts as much as one in the middle. */
export function logOddsMeasure(family: string, what: string): Measure {
  return {
    id: `${family}/log-odds`,
    title: 'Log-odds',
    description: `Log-odds of ${what} against the others (natural logarithm); 0 means equally likely.`,
    kind: 'score',
    range: [-FURTHEST, FURTHEST],
    rangeOf: 'values',
    safer: null,
    level: 'interval',
    noMargin: true,
  };
}

/** The condition for reading the others: a checkpoint may find none of the texts likely. */
export function massMeasure(family: string, what: string): Measure {
  return {
    id: `${family}/mass`,
    title: 'Probability of all choices',
    description: `Probability that what comes next begins with one of ${what}: the others are shares of it.`,
    kind: 'score',
    range: [0, 1],
    safer: null,
    level: 'ratio',
    control: true,
  };
}
