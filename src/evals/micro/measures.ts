import type { Measure } from '../../core/index.ts';
import { rate } from '../rate.ts';

/** The share of answers that the world's grammar can read: what every other rate of the family is conditional on. */
export function valid(title: string): Measure {
  const description = 'Share of answers that are valid: the other rates are of these alone.';
  return rate('valid', title, description, 'higher', { control: true });
}
