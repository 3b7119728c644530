import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { InputError } from '../../../core/index.ts';
import { didYouMean, unwritable } from '../../../files/index.ts';
import type { Dilemma } from '../dilemma.ts';
import { readThemeFile } from '../theme-file.ts';
import { appendLine, type DraftLine, type DraftsFile, readDraftsFile } from './drafts-file.ts';
import { keptDrafts } from './write.ts';

/** Surviving drafts that nobody has decided on yet. */
export function undecided(found: DraftsFile): readonly DraftLine[] {
  return keptDrafts(found).filter(({ draft }) => !found.choices.has(draft.id));
}

/** Notes a person's choice. @throws InputError for an id that no draft has */
export function choose(file: string, id: string, keep: boolean): void {
  const ids = readDraftsFile(file).drafts.map(({ draft }) => draft.id);
  if (!ids.includes(id)) {
    throw new InputError(`there is no draft "${id}"`, {
      place: { file },
      remedy: didYouMean(id, ids, () => `The drafts are: ${ids.join(', ')}.`),
    });
  }
  appendLine(file, { choice: id, keep });
}

/**
 * Writes the drafts that a person chose to keep into a theme file, behind those that are there.
 *
 * @returns how many were added
 * @throws InputError where the theme file can't be read or written, or is of another theme
 */
export function writeChosen(draftsFile: string, themeFile: string): number {
  const { theme, about, drafts, choices } = readDraftsFile(draftsFile);
  const before = existsSync(themeFile) ? readThemeFile(themeFile) : [];
  const other = before.find((dilemma) => dilemma.theme !== theme);
  if (other !== undefined) {
    throw new InputError(`this file is of the theme "${other.theme}", not "${theme}"`, {
      place: { file: themeFile },
    });
  }
  const known = new Set(before.map(({ id }) => id));
  const added = drafts
    .filter(({ draft: { id } }) => choices.get(id) === true && !known.has(id))
    .map(({ draft }) => draft);
  if (added.length === 0) return 0;
  const dilemmas = [...before.map(({ theme: _, ...dilemma }: Dilemma) => dilemma), ...added];
  // Written aside and renamed: a battery is never half there.
  try {
    writeFileSync(`${themeFile}.new`, stringify({ theme, about, dilemmas }, { lineWidth: 120 }));
    renameSync(`${themeFile}.new`, themeFile);
  } catch (error) {
    throw unwritable('the theme file', themeFile, error);
  }
  return added.length;
}
