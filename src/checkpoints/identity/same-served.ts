import type { Served } from '../../core/index.ts';

/** What tells served models apart: a fingerprint does not. The sampler is no part of it, and stands with it. */
export type ServedName = Pick<Served, 'model' | 'root' | 'sampler'>;

/**
 * Whether two answers may have come from one checkpoint, by what their servers said. They may where their names are the
 * same or one is an alias of the other, and the roots do not contradict each other.
 *
 * Aliases: a name and its dated snapshot (`gpt-5.5`, `gpt-5.5-2026-08-01`), `…-latest` and `…:latest`, and a name with
 * and without the path before it (`models/x`, `org/x`, `x`). Two different dates, or two different paths, are two models.
 *
 * @example sameServed({ model: 'gpt-5.5' }, { model: 'gpt-5.5-2026-08-01' }) // => true
 * @example sameServed({ model: 'm', root: '/weights/a' }, { model: 'm', root: '/weights/b' }) // => false
 */
export function sameServed(a: ServedName, b: ServedName): boolean {
  if (!sameName(a.model, b.model)) return false;
  return a.root === undefined || b.root === undefined || samePath(a.root, b.root);
}

function sameName(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [withoutLatest(a), withoutLatest(b)];
  if (samePath(one, other)) return true;
  const [undatedOne, undatedOther] = [withoutDate(one), withoutDate(other)];
  // Only one of the two may have a date: two dated names are two snapshots.
  if (undatedOne !== one && undatedOther !== other) return false;
  return samePath(undatedOne, undatedOther);
}

/** Whether two paths are equal, or one is the end of the other: `models/x` and `x`, but not `a/x` and `b/x`. */
function samePath(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short !== '' && long.endsWith(`/${short}`);
}

function withoutLatest(name: string): string {
  return name.replace(/[-:@]latest$/, '');
}

const YEAR = '20[2-9]\\d';
const MONTH = '(?:0[1-9]|1[0-2])';
const DAY = '(?:0[1-9]|[12]\\d|3[01])';

/**
 * What snapshots end with: `-2026-08-01`, `-20260801`, `@20260801` (Vertex), `-0613` (month and day), `-2507` (year and
 * month), `-preview-05-20` and `-preview-09-2026` (Gemini). A number that is not a date, such as the step of a training
 * run, is part of the name.
 */
const DATE = new RegExp(
  `(?:[-@]${YEAR}-?${MONTH}-?${DAY}|-preview-${MONTH}-(?:${DAY}|${YEAR})|-${MONTH}${DAY}|-2[3-9]${MONTH})$`,
);
/** Gemini numbers the snapshots of its stable models. */
const GEMINI_VERSION = /^((?:.*\/)?gemini-.*)-\d{3}$/;

function withoutDate(name: string): string {
  return name.replace(DATE, '').replace(GEMINI_VERSION, '$1');
}
