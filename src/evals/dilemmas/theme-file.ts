import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { InputError } from '../../core/index.ts';
import { parseYaml, validateYaml } from '../../files/index.ts';
import { type Dilemma, themeSchema } from './dilemma.ts';

/**
 * Reads a YAML file with the dilemmas of one theme.
 *
 * @throws InputError naming file, line and key when it can't be read, is no YAML, has a wrong, unknown or missing
 *   member, or an id that comes twice
 */
export function readThemeFile(file: string): Dilemma[] {
  const { theme, dilemmas } = readWhole(file);
  return dilemmas.map((dilemma) => ({ ...dilemma, theme }));
}

/** The theme of such a file, and what it is about. */
export function readTheme(file: string): readonly [theme: string, about: string] {
  const { theme, about } = readWhole(file);
  return [theme, about];
}

function readWhole(file: string): z.infer<typeof themeSchema> {
  const source = parseYaml(readText(file), file);
  const read = validateYaml(source, themeSchema);
  const ids = read.dilemmas.map(({ id }) => id);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) < index);
  if (twice !== -1) {
    const first = ids.indexOf(ids[twice] as string);
    source.fail(
      ['dilemmas', twice, 'id'],
      `the id "${ids[twice]}" stands at dilemmas[${first}] already`,
      'Give each dilemma an id of its own.',
    );
  }
  return read;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError('this file of dilemmas cannot be read', { place: { file }, cause });
  }
}
