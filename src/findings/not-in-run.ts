import { InputError } from '../core/index.ts';
import { nearest } from '../files/index.ts';

/** What to say of a name that the run does not have, with the nearest that it has. */
export function notInRun(
  what: 'stage' | 'measure' | 'rater',
  name: string,
  ids: readonly string[],
  near = nearest(name, ids),
): InputError {
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  return new InputError(`the run has no ${what} "${name}"${meant}`, {
    remedy: ids.length === 0 ? 'It has none.' : `Its ${what}s are: ${[...new Set(ids)].join(', ')}.`,
  });
}

/**
 * The id of a measure, which may be named by what is after the slash.
 *
 * @throws InputError for the id of no measure
 */
export function measureIdOf(name: string, ids: readonly string[]): string {
  const byEnd = (end: string | undefined) => ids.find((id) => id.endsWith(`/${end}`));
  const found = ids.find((id) => id === name) ?? byEnd(name);
  if (found !== undefined) return found;
  const short = ids.map((id) => id.slice(id.indexOf('/') + 1));
  throw notInRun('measure', name, ids, nearest(name, ids) ?? byEnd(nearest(name, short)));
}
