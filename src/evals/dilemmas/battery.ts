import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../core/index.ts';
import type { Dilemma } from './dilemma.ts';
import { readTheme, readThemeFile } from './theme-file.ts';

/** The built-in battery: a file a theme. */
export const BATTERY: string = fileURLToPath(new URL('./battery', import.meta.url));

/**
 * The dilemmas of a theme file, or of all theme files of a folder in order of their names.
 *
 * @param path a `.yaml` file, or a folder of them
 * @throws InputError as `readThemeFile` does, for a folder without such files, and for an id that two files have
 */
export function readBattery(path: string): Dilemma[] {
  const dilemmas: Dilemma[] = [];
  const fileOf = new Map<string, string>();
  for (const file of filesOf(path)) {
    for (const dilemma of readThemeFile(file)) {
      const before = fileOf.get(dilemma.id);
      if (before !== undefined) {
        throw new InputError(`the id "${dilemma.id}" is in ${before} already`, { place: { file } });
      }
      fileOf.set(dilemma.id, file);
      dilemmas.push(dilemma);
    }
  }
  return dilemmas;
}

export function readBuiltIn(): Dilemma[] {
  return readBattery(BATTERY);
}

/** The built-in themes with what each is about, in order. */
export function knownThemes(): ReadonlyMap<string, string> {
  return new Map(filesOf(BATTERY).map(readTheme));
}

function filesOf(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
  if (names.length === 0) {
    throw new InputError('this folder holds no .yaml file of dilemmas', { place: { file: path } });
  }
  return names.sort().map((name) => join(path, name));
}
