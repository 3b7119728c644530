import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { RecordsError } from '../core/index.ts';
import { systemCode } from './disk-error.ts';

/**
 * Access to the files of a run folder. A run folder may come from somebody else, so nothing in it is followed if it is a
 * link, and nothing but a regular file is opened: a FIFO would block for ever, and a device is not data.
 *
 * The folder itself may be reached through links: its path is the user's own. Inside it every folder and file is checked.
 * A file that is written to must also have one name only. A hard link is a second name of the same file, and a write would
 * change it there too.
 */
type Access = 'read' | 'append' | 'update';

// Windows has neither flag. There the check before the opening has to do.
const NO_FOLLOW = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const FLAGS: Readonly<Record<Access, number>> = {
  read: constants.O_RDONLY | NO_FOLLOW,
  append: constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW,
  update: constants.O_RDWR | NO_FOLLOW,
};

/**
 * Opens a regular file of a run folder; `append` makes it where it is absent.
 *
 * @returns a descriptor, to be closed by the caller
 * @throws RecordsError for a link or anything else that is not a file; the system's error where it can't be opened
 */
export function openPlainSync(path: string, access: Access): number {
  requirePlain(path, access);
  const descriptor = opening(path, () => openSync(path, FLAGS[access]));
  try {
    requireFile(fstatSync(descriptor), path, access);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The same as `openPlainSync`, for use with promises. */
export async function openPlain(path: string, access: Access): Promise<FileHandle> {
  requirePlain(path, access);
  const handle = await open(path, FLAGS[access]).catch((error) => {
    throw followed(path, error);
  });
  try {
    requireFile(await handle.stat(), path, access);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Whether there is a file. @throws RecordsError where something is there that is not a file */
export function isPlainFile(path: string): boolean {
  const found = statOf(path);
  if (found === null) return false;
  requireFile(found, path, 'read');
  return true;
}

/** Whether there is a folder. @throws RecordsError where something is there that is not a folder, such as a link to one */
export function isPlainFolder(path: string): boolean {
  const found = statOf(path);
  if (found === null) return false;
  if (found.isDirectory()) return true;
  throw notPlain(found, path, 'folder');
}

/** Makes a folder inside a run folder unless it is there. @throws RecordsError as `isPlainFolder` does */
export function makePlainFolder(path: string): void {
  if (!isPlainFolder(path)) mkdirSync(path, { recursive: true });
}

/** What is at a path itself, without following it; `null` for nothing. */
export function statOf(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    // A file stands where a folder should lead there.
    if (systemCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

function requirePlain(path: string, access: Access): void {
  const found = statOf(path);
  if (found !== null) requireFile(found, path, access);
}

function requireFile(found: Stats, path: string, access: Access): void {
  if (!found.isFile()) throw notPlain(found, path, 'file');
  if (access === 'read' || found.nlink <= 1) return;
  throw new RecordsError('this file has a second name (a hard link), and writing to it would change both', {
    place: { file: path },
    remedy: 'Copy the run folder (cp -r), and give the command again with the copy.',
  });
}

function opening<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw followed(path, error);
  }
}

/** A file that became a link between the check and the opening. */
function followed(path: string, error: unknown): unknown {
  if (!['ELOOP', 'EMLINK', 'ENXIO'].includes(systemCode(error) ?? '')) return error;
  const found = statOf(path);
  return found === null || found.isFile() ? error : notPlain(found, path, 'file');
}

function notPlain(found: Stats, path: string, wanted: 'file' | 'folder'): RecordsError {
  if (found.isSymbolicLink()) {
    return new RecordsError(`this is a link; stemma does not follow links inside a run folder`, {
      place: { file: path },
      remedy: `Put the ${wanted} itself in its place. If the run folder came from somebody else, ask where the link comes from.`,
    });
  }
  return new RecordsError(`this is ${kindOf(found)}; a ${wanted} belongs here`, {
    place: { file: path },
    remedy: `Remove it, or restore the ${wanted} from a copy of the run folder.`,
  });
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFile()) return 'a file';
  if (found.isFIFO()) return 'a FIFO (named pipe)';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}

/** A descriptor that is closed at the end of a `using`. */
export function closing(descriptor: number): Disposable & { readonly descriptor: number } {
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}
