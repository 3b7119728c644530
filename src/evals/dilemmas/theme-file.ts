import type { z } from 'zod';
import { type Problems, readDocument, type Sound } from '../../files/index.ts';
import { type Dilemma, themeSchema } from './dilemma.ts';

/**
 * Reads a YAML file with the dilemmas of one theme.
 *
 * @throws InputError naming file, line and key of all that is wrong: an unknown or missing key, a wrong value, an id twice
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
  return readDocument(file, themeSchema, { what: 'file of dilemmas', check: checkIds }).value;
}

function checkIds({ dilemmas = [] }: Sound<z.input<typeof themeSchema>>, problems: Problems): void {
  const first = new Map<string, number>();
  for (const [index, dilemma] of dilemmas.entries()) {
    const id = dilemma?.id;
    if (id === undefined) continue;
    const taken = first.get(id);
    if (taken === undefined) first.set(id, index);
    else
      problems.add(
        ['dilemmas', index, 'id'],
        `the id "${id}" is at dilemmas[${taken}] already`,
        'Give each dilemma an id of its own.',
      );
  }
}
