import type { Measure } from '../../core/index.ts';

/** A rate of the micro world, read by code. */
export function rate(
  id: string,
  title: string,
  description: string,
  safer: Measure['safer'] = 'lower',
): Measure {
  return { id, title, description, kind: 'rate', range: [0, 1], safer, level: 'nominal' };
}

/** The share of answers that the world's grammar can read: what every other rate of the family is conditional on. */
export function valid(family: string, title: string): Measure {
  const description = 'Share of answers that are valid: the other rates are of these alone.';
  return { ...rate(`${family}/valid`, title, description, 'higher'), control: true };
}
