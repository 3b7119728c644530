import { count, counted, listed } from '../format/index.ts';
import type { Warned } from './warned.ts';

const DAMAGE_NAMED = 3;

/** Lines of the records that can't be read, where they are, and what they mean for the rest. */
export function damageWarnings({ manifest, damaged }: Pick<Warned, 'manifest' | 'damaged'>): string[] {
  if (damaged.length === 0) return [];
  const named = damaged
    .slice(0, DAMAGE_NAMED)
    .map(({ kind, file, line }) => `${kind}/${file.split(/[\\/]/).at(-1)} line ${line}`);
  const more = damaged.length - named.length;
  const where = listed(more === 0 ? named : [...named, `${count(more)} more`]);
  const are = damaged.length === 1 ? 'is' : 'are';
  if (damaged.every(({ what }) => what === 'line feed')) {
    return [
      `${counted(damaged.length, 'line end')} of the records ${are} damaged (${where}). No record is lost.`,
    ];
  }
  const remedy =
    manifest.origin.kind === 'import'
      ? 'Restore the file from a copy, or import again.'
      : 'The same `stemma run` again asks what they held.';
  return [
    `${counted(damaged.length, 'line')} of the records ${are} damaged and left out (${where}); all others were read. ${remedy}`,
  ];
}

/** Warns of ratings whose transcripts are not in the folder: it was not copied whole. Damaged transcripts have a warning of their own. */
export function ratedAloneWarnings({
  manifest,
  damaged,
  ratedAlone,
}: Pick<Warned, 'manifest' | 'damaged' | 'ratedAlone'>): string[] {
  const gone = ratedAlone - damaged.filter(({ kind }) => kind === 'transcripts').length;
  if (gone <= 0) return [];
  const trials = gone === 1 ? '1 trial was rated and has' : `${count(gone)} trials were rated and have`;
  const again = manifest.origin.kind === 'import' ? ', or import again' : '';
  return [
    `${trials} no transcript in this folder; ${gone === 1 ? 'its' : 'their'} ratings are left out. ` +
      `Restore the folder "transcripts" of the run from a copy${again}.`,
  ];
}

/** Raters of the run without any rating while others have some: lost, or not made yet. Another one may lead in such a rater's place. */
export function silentRaterWarnings({
  manifest,
  silentRaters,
  headlineRater,
}: Pick<Warned, 'manifest' | 'silentRaters' | 'headlineRater'>): string[] {
  if (silentRaters.length === 0) return [];
  const ids = silentRaters.map(({ id }) => id);
  const names = listed(silentRaters.map(({ id, title = id }) => title));
  const led = ids.includes(headlineRater ?? '') ? ', so other raters make the headlines' : '';
  const remedy =
    manifest.origin.kind === 'import'
      ? 'Restore the folder "ratings" of the run from a copy, or import again.'
      : 'The same `stemma run` again rates what is left; if there were such ratings, restore the folder "ratings" from a copy.';
  return [`There is no rating by ${names} in this folder${led}. ${remedy}`];
}

/** What was added by somebody who could know the result. */
export function growthWarnings({
  manifest,
  firstFindings,
}: Pick<Warned, 'manifest' | 'firstFindings'>): string[] {
  if (firstFindings === null) return [];
  const after = (manifest.growth ?? []).filter(({ at }) => at > firstFindings);
  if (after.length === 0) return [];
  const each = after.map(({ at, what }) => `${what} (${day(at)})`);
  return [
    `Findings of this run were first made on ${day(firstFindings)}. It was added to after that: ${each.join('; ')}. ` +
      'Where data are added because of a result, chance findings become more frequent than the error rates say.',
  ];
}

function day(iso: string): string {
  return iso.slice(0, 10);
}
