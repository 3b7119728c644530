import { InputError } from '../core/errors.ts';

/**
 * What it means that a file or folder which the user asked for could not be written. (A run folder is another matter: there
 * the question is what was recorded, and how to go on.)
 *
 * @param what the thing in words, such as `the report`
 * @param path where it was to go
 * @returns an InputError that says where, why, and what to do; the error itself where it is none of the file system's
 */
export function unwritable(what: string, path: string, error: unknown): unknown {
  const { code = '', syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  const [why, remedy] = REASONS[`${code} ${syscall}`] ??
    REASONS[code] ?? [message, 'Mend that, or name another place.'];
  return new InputError(`${what} can't be written: ${why}`, { place: { file: path }, remedy, cause: error });
}

const forbidden = ['permission denied', 'Have the permissions changed, or name another place.'] as const;
const folder = ['this is a folder; a file is wanted', 'Name a file in it, or another place.'] as const;
const misplaced = 'Name another place.';

const REASONS: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  ENOENT: ['there is no such folder to write into', 'Make it first, or name another place.'],
  // Node's word where folders on the way were to be made on a read-only file system.
  'ENOENT mkdir': ["the folder can't be made there", misplaced],
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: ['the file system is read-only', misplaced],
  ENOSPC: ['the disk is full', 'Free some space, or name another place.'],
  EDQUOT: ['the disk quota is used up', 'Free some space, or name another place.'],
  ENOTDIR: ['a part of its path is a file', misplaced],
  EEXIST: ['something else of this name is there', misplaced],
  EISDIR: folder,
  ENOTEMPTY: folder,
  // What renaming a file onto `.` gives.
  EBUSY: folder,
};
