import type { Measure } from '../core/index.ts';

/**
 * A measure that is a share: of answers, or of trials, of which something holds.
 *
 * @param more what else is said of it, such as that it is a control
 */
export function rate(
  id: string,
  title: string,
  description: string,
  safer: Measure['safer'] = 'lower',
  more: Partial<Measure> = {},
): Measure {
  return { id, title, description, kind: 'rate', range: [0, 1], safer, level: 'nominal', ...more };
}
