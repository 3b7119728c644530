import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const FILE = 'index.sqlite';
/** Changes whenever the tables do, or what counts as a whole line; an index of another version is built anew. */
const VERSION = 3;

/** How long to wait while another process takes new lines into the index; then an index of our own is quicker. */
const PATIENCE_MS = 3000;

/**
 * `segments`: how far each was read (`scanned`, which is behind a complete line) and how it looked then.
 * `trials`: the latest attempt of each and where its line stands; attempt 0: only ratings of it were seen so far.
 * `ratings`: the last of each trial, rater, measure and attempt. Raters, measures and digests are numbers into `names`.
 */
const TABLES = `
  CREATE TABLE segments (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, scanned INTEGER NOT NULL, lines INTEGER NOT NULL,
    size INTEGER NOT NULL, modified TEXT NOT NULL, fingerprint TEXT NOT NULL, UNIQUE (kind, name)
  ) STRICT;
  CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE trials (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, attempt INTEGER NOT NULL DEFAULT 0, status INTEGER, cluster TEXT,
    sampleDigest TEXT, samplingDigest TEXT, inputTokens INTEGER, outputTokens INTEGER, served TEXT, answer TEXT,
    segment INTEGER, offset INTEGER, length INTEGER
  ) STRICT;
  CREATE TABLE ratings (
    trial INTEGER NOT NULL, rater INTEGER NOT NULL, measure INTEGER NOT NULL, digest INTEGER NOT NULL,
    attempt INTEGER NOT NULL, status INTEGER NOT NULL,
    segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    PRIMARY KEY (trial, rater, measure, attempt)
  ) STRICT, WITHOUT ROWID;
`;

export const TABLE_NAMES = ['segments', 'names', 'trials', 'ratings'] as const;

/**
 * Opens the index of a run folder, creating its tables where they are lacking.
 *
 * @throws the database's error when the file is none, or can't be opened or written
 */
export function openIndexFile(folder: string): DatabaseSync {
  return withTables(new DatabaseSync(join(folder, FILE), { timeout: PATIENCE_MS }));
}

/** An index of this process alone, for run folders that can't be written to: in memory while it's small, else in a temporary file. */
export function openTemporaryIndex(): DatabaseSync {
  return withTables(new DatabaseSync(''));
}

export function deleteIndexFile(folder: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(join(folder, FILE + suffix), { force: true });
}

function withTables(database: DatabaseSync): DatabaseSync {
  try {
    // Whoever reads while another writes waits for a moment; 16 MiB of pages are kept in memory.
    database.exec('PRAGMA cache_size = -16384');
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version === VERSION) return database;
    database.exec('BEGIN IMMEDIATE');
    const others = database
      .prepare(`SELECT type, name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
      .all() as { name: string }[];
    for (const { name } of others) database.exec(`DROP TABLE "${name.replaceAll('"', '""')}"`);
    database.exec(`${TABLES} PRAGMA user_version = ${VERSION}; COMMIT`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What kind of trouble an error of the database is; null when it's none of the database's. */
export function indexTrouble(error: unknown): 'damaged' | 'unusable' | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  if (typeof code !== 'number') return null;
  // SQLITE_ERROR (tables that are not ours), SQLITE_CORRUPT, SQLITE_CONSTRAINT, SQLITE_FORMAT, SQLITE_NOTADB.
  return [1, 11, 19, 24, 26].includes(code & 0xff) ? 'damaged' : 'unusable';
}
