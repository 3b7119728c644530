import { stat } from 'node:fs/promises';
import { isId } from '../core/index.ts';

/** What a user named on the command line: a path, and perhaps the stage that it is of, as in `sft=logs/b.eval`. */
export interface NamedSource {
  readonly stage: string | null;
  readonly path: string;
}

/** A file that is there is never taken for a name with a path. */
export async function namedSource(source: string): Promise<NamedSource> {
  const equals = source.indexOf('=');
  const name = source.slice(0, equals);
  if (equals < 1 || !isId(name) || (await isThere(source))) return { stage: null, path: source };
  return { stage: name, path: source.slice(equals + 1) };
}

export async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
