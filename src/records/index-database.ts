import { readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { closing, openPlainSync, statOf } from './plain-file.ts';

const FILE = 'index.sqlite';
/** `stem` in ASCII, in the header of our databases. A database without it is somebody else's and is never touched. */
const APPLICATION = 0x7374656d;
/** Changes whenever the tables do, or what counts as a whole line. An index of another version is built anew. */
const VERSION = 8;

/**
 * How long to wait while another process takes new lines into the index: as long as an index of our own would take, so that many
 * processes that open a large run at once do not each build one.
 */
const PATIENCE = { leastMs: 3000, bytesPerMs: 50_000 };

/**
 * `segments`: how far each was read (`scanned`, which is behind a whole line), and how it looked then. `lines` counts the
 * lines read, `records` the records in them.
 * `trials`: the latest attempt of each and where its line is; attempt 0: only ratings of it were seen so far.
 * `ratings`: the last of each trial, rater, measure and attempt. Raters, measures and digests are numbers into `names`.
 * `damage`: lines that are not records any more. `losses`: what they held, as far as the rest tells: a later transcript of
 * a trial than the one in `trials` (`rater` is ''), or some of a rater's ratings of a trial.
 */
const TABLES = `
  CREATE TABLE segments (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, sortName TEXT NOT NULL, scanned INTEGER NOT NULL,
    lines INTEGER NOT NULL, records INTEGER NOT NULL, size INTEGER NOT NULL, inode TEXT NOT NULL, times TEXT NOT NULL,
    fingerprint TEXT NOT NULL, UNIQUE (kind, name)
  ) STRICT;
  CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE trials (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, attempt INTEGER NOT NULL DEFAULT 0, status INTEGER, cluster TEXT,
    sampleDigest TEXT, samplingDigest TEXT, inputTokens INTEGER, outputTokens INTEGER, served TEXT, answer TEXT,
    signs INTEGER NOT NULL DEFAULT 0,
    segment INTEGER, offset INTEGER, length INTEGER
  ) STRICT;
  CREATE TABLE ratings (
    trial INTEGER NOT NULL, rater INTEGER NOT NULL, measure INTEGER NOT NULL, digest INTEGER NOT NULL,
    attempt INTEGER NOT NULL, status INTEGER NOT NULL,
    segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    PRIMARY KEY (trial, rater, measure, attempt)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE damage (segment INTEGER NOT NULL, line INTEGER NOT NULL, what TEXT NOT NULL, key TEXT) STRICT;
  CREATE TABLE losses (key TEXT NOT NULL, rater TEXT NOT NULL, PRIMARY KEY (key, rater)) STRICT, WITHOUT ROWID;
`;

export const TABLE_NAMES = ['segments', 'names', 'trials', 'ratings', 'damage', 'losses'] as const;

/**
 * Opens the index of a run folder, creating it where there is none.
 *
 * @param bytes of all segments
 * @returns null when what is there is not a plain database of stemma's own; it is not opened then
 * @throws the database's error when it can't be opened or written
 */
export function openIndexFile(folder: string, bytes: number): DatabaseSync | null {
  const path = join(folder, FILE);
  const timeout = Math.max(PATIENCE.leastMs, Math.round(bytes / PATIENCE.bytesPerMs));
  return isOurs(path) ? withTables(new DatabaseSync(path, { timeout })) : null;
}

/** An index of this process alone: in memory while it is small, else in a temporary file. */
export function openTemporaryIndex(): DatabaseSync {
  return withTables(new DatabaseSync(''));
}

/** Removes an index that is damaged. Only called where `openIndexFile` found it to be ours. */
export function deleteIndexFile(folder: string): void {
  for (const suffix of ['', '-journal']) rmSync(join(folder, FILE + suffix), { force: true });
}

/**
 * Whether SQLite may open this path: nothing is there yet, or an empty file, or a database with stemma's mark. All files that
 * SQLite would open beside it are looked at, too. No part of SQLite runs before that: it follows links, and it acts on what
 * it finds in a journal.
 */
function isOurs(path: string): boolean {
  if (!isPlain(path) || !isPlain(`${path}-journal`)) return false;
  // Only a database in WAL mode has these, and ours is not.
  if (statOf(`${path}-wal`) !== null || statOf(`${path}-shm`) !== null) return false;
  if (namesOtherFiles(`${path}-journal`)) return false;
  const header = bytesOf(path, 'start', 100);
  if (header === null || header.length === 0) return true;
  return (
    header.toString('latin1', 0, 16) === 'SQLite format 3\0' &&
    // Rollback journal, not WAL.
    header[18] === 1 &&
    header[19] === 1 &&
    header.length === 100 &&
    header.readUInt32BE(68) === APPLICATION
  );
}

function isPlain(path: string): boolean {
  const found = statOf(path);
  return found === null || (found.isFile() && found.nlink === 1);
}

const JOURNAL_MAGIC = 'd9d505f920a163d7';

/**
 * Whether a rollback journal ends with the name of a super-journal. SQLite deletes the file of that name when it rolls back;
 * ours never has one, since it has no database attached.
 *
 * @see https://sqlite.org/fileformat2.html#the_rollback_journal and pager.c, `readSuperJournal`
 */
function namesOtherFiles(journal: string): boolean {
  const end = bytesOf(journal, 'end', 8);
  return end !== null && end.toString('hex') === JOURNAL_MAGIC;
}

/** Some bytes of a plain file, fewer where it is shorter; null where there is none. */
function bytesOf(path: string, where: 'start' | 'end', length: number): Buffer | null {
  const found = statOf(path);
  if (found === null) return null;
  using file = closing(openPlainSync(path, 'read'));
  const bytes = Buffer.alloc(Math.min(length, found.size));
  const read = readSync(
    file.descriptor,
    bytes,
    0,
    bytes.length,
    where === 'start' ? 0 : found.size - bytes.length,
  );
  return bytes.subarray(0, read);
}

function withTables(database: DatabaseSync): DatabaseSync {
  try {
    // Whoever reads while another writes waits for a moment; 16 MiB of pages are kept in memory.
    database.exec('PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF');
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version === VERSION) return database;
    database.exec('BEGIN IMMEDIATE');
    const others = database
      .prepare(
        `SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite_%'
         ORDER BY type = 'table'`,
      )
      .all() as { type: string; name: string }[];
    for (const { type, name } of others)
      database.exec(`DROP ${type} IF EXISTS "${name.replaceAll('"', '""')}"`);
    database.exec(
      `${TABLES} PRAGMA user_version = ${VERSION}; PRAGMA application_id = ${APPLICATION}; COMMIT`,
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What kind of trouble an error of the database is; null when the database has none. */
export function indexTrouble(error: unknown): 'damaged' | 'unusable' | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  if (typeof code !== 'number') return null;
  // SQLITE_ERROR (tables that are not ours), SQLITE_CORRUPT, SQLITE_CONSTRAINT, SQLITE_FORMAT, SQLITE_NOTADB.
  return [1, 11, 19, 24, 26].includes(code & 0xff) ? 'damaged' : 'unusable';
}
