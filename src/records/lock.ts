import { accessSync, constants, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { RecordsError } from '../core/index.ts';
import { diskError } from './disk-error.ts';
import { closing, makePlainFolder, openPlainSync, statOf } from './plain-file.ts';

/**
 * Locks of a run folder: `locks/<name>.lock`, always an empty file, and `locks/<name>.json`, which says who holds it.
 *
 * A lock is an operating-system lock. SQLite takes it: an open write transaction on the empty file is a POSIX record lock
 * (`fcntl`) on Unix and `LockFileEx` on Windows, and SQLite keeps a table of the locks of its own process. So a lock is
 * exclusive between threads, processes, and containers that share a kernel. The kernel frees it when the process ends in any
 * way. Process ids and host names decide nothing; they only tell people whom to look for.
 *
 * - No other code of this process may open a `.lock` file: closing any descriptor of it would free the lock (POSIX).
 * - Lock files are never deleted. A second process could lock a new file while the first holds the deleted one.
 * - A child process does not inherit these locks, and SQLite closes the descriptor on `exec`.
 */
const FOLDER = 'locks';

/** Who holds a lock. Only for messages. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
}

/** A lock that is held until it is released. */
export interface HeldLock {
  /** May be called more than once. */
  release(): void;
}

/**
 * Takes a lock of a run folder, without waiting.
 *
 * @returns `null` when somebody else holds it, in this process or another one
 * @throws RecordsError when the folder can't be written to, or its file system has no locks
 */
export function tryLock(folder: string, name: string): HeldLock | null {
  const path = join(folder, FOLDER, `${name}.lock`);
  requireWritable(folder, path);
  requireEmpty(path);
  const database = begin(path);
  if (database === null) return null;
  const owner = join(folder, FOLDER, `${name}.json`);
  try {
    writeOwner(owner);
  } catch (error) {
    database.close();
    throw diskError(error, owner);
  }
  return {
    release() {
      if (!database.isOpen) return;
      // Removed first: afterwards it may be the next owner's.
      rmSync(owner, { force: true });
      database.close();
    },
  };
}

/** How long to wait for somebody who writes a manifest or label frames: it takes milliseconds. */
const PATIENCE_MS = 10_000;
const MOST_DELAY_MS = 500;

/**
 * Does something while holding a lock; waits for it where somebody else holds it.
 *
 * @param patienceMs how long to wait; default ten seconds
 * @throws RecordsError when it is still held by then, naming the owner
 */
export async function withLock<T>(
  folder: string,
  name: string,
  act: () => Promise<T>,
  { patienceMs = PATIENCE_MS } = {},
): Promise<T> {
  const since = performance.now();
  // Who waits for long looks less often.
  for (let waited = 0; ; await delay(10 + 20 * Math.random() + Math.min(waited / 10, MOST_DELAY_MS))) {
    const lock = tryLock(folder, name);
    if (lock === null) {
      waited = performance.now() - since;
      if (waited < patienceMs) continue;
      throw lockedBy(folder, name, `changing the ${name} of this run`);
    }
    try {
      return await act();
    } finally {
      lock.release();
    }
  }
}

/** The refusal of a lock that somebody else holds. */
export function lockedBy(folder: string, name: string, doing: string): RecordsError {
  const owner = readOwner(join(folder, FOLDER, `${name}.json`));
  const here = owner?.pid === process.pid && owner.host === hostname();
  const who =
    owner === null
      ? 'another process'
      : `process ${owner.pid} on ${owner.host}${here ? ' (this very process)' : ''}`;
  return new RecordsError(
    `${who} is ${doing} already${owner === null ? '' : ` (since ${owner.since})`}; two at once would do the work twice`,
    {
      place: { file: join(folder, FOLDER, `${name}.lock`) },
      remedy:
        'Wait for it, or stop it (Ctrl-C stops it gently), then try again. Reading the run works meanwhile. ' +
        'The lock is free as soon as that process ends; do not delete it.',
    },
  );
}

/** An open write transaction on the file, which holds its lock; `null` when somebody else has one. */
function begin(path: string): DatabaseSync | null {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // The journal stays in memory and nothing is committed, so the file stays empty and has no other beside it.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    return database;
  } catch (error) {
    database?.close();
    // SQLITE_BUSY, SQLITE_LOCKED.
    if ([5, 6].includes(((error as { errcode?: number }).errcode ?? 0) & 0xff)) return null;
    throw new RecordsError(`the file system of this run folder gave no lock: ${(error as Error).message}`, {
      place: { file: path },
      remedy: 'Copy the run folder to a local disk, and give the command again with the copy.',
      cause: error,
    });
  }
}

function requireWritable(folder: string, path: string): void {
  try {
    makePlainFolder(join(folder, FOLDER));
    accessSync(statOf(path) === null ? join(folder, FOLDER) : path, constants.W_OK);
  } catch (error) {
    throw error instanceof RecordsError ? error : diskError(error, folder);
  }
}

/** A lock file is plain, empty, and has no journal beside it; SQLite would act on the content of either. */
function requireEmpty(path: string): void {
  const found = statOf(path);
  const whole = found === null || (found.isFile() && found.size === 0 && found.nlink === 1);
  const beside = ['-journal', '-wal', '-shm'].find((suffix) => statOf(path + suffix) !== null);
  if (whole && beside === undefined) return;
  const file = whole ? path + beside : path;
  throw new RecordsError('this is not a lock of stemma: a lock is an empty file, without others beside it', {
    place: { file },
    remedy: 'Look where it comes from, then remove it while no stemma writes to this run.',
  });
}

function writeOwner(file: string): void {
  const owner: Owner = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  const draft = `${file}.${process.pid}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(owner)}\n`, { flag: 'wx' });
  renameSync(draft, file);
}

function readOwner(file: string): Owner | null {
  try {
    using opened = closing(openPlainSync(file, 'read'));
    const { pid, host, since } = JSON.parse(readFileSync(opened.descriptor, 'utf8')) as Partial<Owner>;
    const plain =
      Number.isSafeInteger(pid) && /^[\w.-]{1,255}$/.test(host!) && /^[\dTZ:.+-]{1,40}$/.test(since!);
    return plain ? { pid: pid!, host: host!, since: since! } : null;
  } catch {
    return null;
  }
}
