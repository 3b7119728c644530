import { digestOfText, isLabeller, type RaterInfo } from '../core/index.ts';

/**
 * What one process at a time does in a run folder: ask the stages (`elicit`), rate as one rater, or label as one labeller.
 * Each role has its own lock and its own segment, so different roles can be at work at once.
 */
export type Role = 'elicit' | `rate:${string}` | `label:${string}`;

/** The role that writes a rater's ratings. @example roleOf({ id: 'judge', kind: 'autorater' }); // => 'rate:judge' */
export function roleOf({ id, kind }: Pick<RaterInfo, 'id' | 'kind'>): Role {
  return isLabeller({ kind }) ? `label:${id}` : `rate:${id}`;
}

/** The name of a role's segment and lock, without extension. @example writerName('rate:judge'); // => 'rate-judge' */
export function writerName(role: Role): string {
  const [kind, id] = partsOf(role);
  return id === undefined ? kind : `${kind}-${fileName(id)}`;
}

const LONGEST_NAME = 80;

/**
 * A file name for an id, without extension. Names of different ids differ, also on file systems that ignore case or
 * normalise Unicode: an id with anything but lower-case ASCII letters, digits and `._+-`, or a long one, gets a digest.
 *
 * @example fileName('GPT-4'); // => 'GPT-4~1bcb58da'
 */
export function fileName(id: string): string {
  const safe = id.replace(/[^A-Za-z0-9._+-]/g, '_').slice(0, LONGEST_NAME);
  return safe === id && !/[A-Z]/.test(id) ? id : `${safe}~${digestOfText(id).slice(0, 8)}`;
}

function partsOf(role: Role): [kind: string, id?: string] {
  const colon = role.indexOf(':');
  return colon === -1 ? [role] : [role.slice(0, colon), role.slice(colon + 1)];
}

/** What a role does, in words for errors. */
export function roleWords(role: Role): string {
  const [kind, id] = partsOf(role);
  if (kind === 'rate') return `rating this run as "${id}"`;
  if (kind === 'label') return `labelling this run as "${id}"`;
  return 'asking the stages of this run';
}
