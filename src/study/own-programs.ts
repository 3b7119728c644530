import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Study } from './study.ts';

/**
 * The programs and scripts that a study names are those beside its file, wherever the command is given: `.venv/bin/python` is
 * relative to the study file, as its other paths are. What has no slash (`vllm`) is looked for on the PATH.
 */
export function ownPrograms(
  { training, serving }: Pick<Study, 'training' | 'serving'>,
  folder: string,
): Pick<Study, 'training' | 'serving'> {
  const own = (part: string) => ownFile(part, folder);
  return {
    training: { ...training, python: own(training.python) },
    ...(serving === undefined
      ? {}
      : {
          serving: {
            ...serving,
            ...(serving.command === undefined ? {} : { command: serving.command.map(own) }),
            ...(serving.convert === undefined ? {} : { convert: serving.convert.map(own) }),
          },
        }),
  };
}

/** The whole path of a file beside the study; anything else as it was written. */
function ownFile(part: string, folder: string): string {
  if (!part.includes('/') || isAbsolute(part)) return part;
  const path = resolve(folder, part);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : part;
}
