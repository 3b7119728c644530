import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { FreshRecords } from './fresh-records.ts';
import {
  deleteIndexFile,
  indexTrouble,
  openIndexFile,
  openTemporaryIndex,
  TABLE_NAMES,
} from './index-database.ts';
import { ratingCode, TRANSCRIPT_STATUSES } from './line.ts';
import { withSegment } from './open-segment.ts';
import type { Loss, RatingAt } from './rating-batches.ts';
import { fingerprint, listSegments, type Segment, sortName } from './segment.ts';
import {
  type DamagedHead,
  type RecordVisitor,
  type Scanned,
  takeFresh,
  takeRecords,
} from './take-records.ts';

interface KnownSegment extends Scanned {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size: number;
  readonly inode: string;
  readonly times: string;
  readonly fingerprint: string;
}

/**
 * `index.sqlite` of a run: where the records that count are, and what can be known of them without reading them. It holds
 * nothing that the segments do not. It is brought up to date from where it was left off. It is built anew when it was
 * deleted, is damaged or of another version, or when a segment is another file (device or inode), shrank, has another
 * beginning or end, or was changed at the same length. (An edit with lines appended after it, before the index looks
 * again, is found only if it changes the first or last 4 KiB that were read. Checksums are checked whenever a record is read.)
 *
 * Where the folder can't be written to, others keep the index busy, or `index.sqlite` is not a plain database of stemma's
 * own, the index is built for this process alone.
 */
export class RunIndex implements Disposable {
  readonly folder: string;
  #database: DatabaseSync | null = null;
  #temporary = false;
  #rebuilt = false;
  #statements = new Map<string, StatementSync>();
  #names = new Map<string, number>();
  /** By the segment's path. */
  readonly #fresh = new Map<string, FreshRecords>();

  /** Opens the index; it knows nothing new until `update()`. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Whether the index is of this process alone. */
  get temporary(): boolean {
    return this.#temporary;
  }

  /** Takes in what was appended to the segments since. */
  update(): void {
    this.#withDatabase((database) => this.#update(database));
  }

  /** Forgets all and reads the segments again: for when a record was not where the index said. */
  rebuild(): void {
    for (const fresh of this.#fresh.values()) fresh.forget();
    this.#withDatabase((database) => {
      this.#transaction(database, () => this.#clear(database));
      this.#update(database);
    });
  }

  /** A writer notes here what it has put on disk in its segment: `#scan` need not read it then. `inode` as in `Segment`. */
  freshRecords(path: string, inode: string): FreshRecords {
    const fresh = new FreshRecords(inode);
    this.#fresh.set(path, fresh);
    return fresh;
  }

  /** All rows of a query; see the tables in `index-database.ts`. */
  all<Row>(query: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#withDatabase(() => this.#prepared(query).all(...parameters) as Row[]);
  }

  /** The first row of a query. */
  get<Row>(query: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.#withDatabase(() => this.#prepared(query).get(...parameters) as Row | undefined);
  }

  close(): void {
    this.#statements.clear();
    this.#database?.close();
    this.#database = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Falls back, once each, from a damaged file to a new one, and from an unusable one to an index of our own. */
  #withDatabase<T>(use: (database: DatabaseSync) => T): T {
    try {
      return use(this.#open());
    } catch (error) {
      const trouble = indexTrouble(error);
      if (trouble === null || this.#temporary) throw error;
      this.close();
      if (trouble === 'unusable' || this.#rebuilt || !this.#canDelete()) this.#temporary = true;
      this.#rebuilt = true;
    }
    this.#withDatabase((database) => this.#update(database));
    return this.#withDatabase(use);
  }

  #canDelete(): boolean {
    try {
      deleteIndexFile(this.folder);
      return true;
    } catch {
      return false;
    }
  }

  #open(): DatabaseSync {
    if (this.#database === null) {
      this.#names.clear();
      const shared = this.#temporary ? null : openIndexFile(this.folder, this.#segmentBytes());
      this.#temporary = shared === null;
      this.#database = shared ?? openTemporaryIndex();
    }
    return this.#database;
  }

  #segmentBytes(): number {
    return listSegments(this.folder).reduce((sum, { size }) => sum + size, 0);
  }

  #prepared(query: string): StatementSync {
    let statement = this.#statements.get(query);
    if (statement === undefined) {
      statement = this.#database!.prepare(query);
      this.#statements.set(query, statement);
    }
    return statement;
  }

  #update(database: DatabaseSync): void {
    const segments = listSegments(this.folder);
    if (isCurrent(this.#known(), segments)) return;
    this.#transaction(database, () => {
      if (wasChanged(this.#known(), segments)) this.#clear(database);
      const known = this.#known();
      for (const segment of segments) {
        this.#scan(
          segment,
          known.find(({ kind, name }) => kind === segment.kind && name === segment.name),
        );
      }
    });
  }

  #known(): KnownSegment[] {
    return this.#prepared('SELECT * FROM segments').all() as unknown as KnownSegment[];
  }

  #transaction(database: DatabaseSync, act: () => void): void {
    database.exec('BEGIN IMMEDIATE');
    try {
      act();
      database.exec('COMMIT');
    } catch (error) {
      this.#names.clear();
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  #clear(database: DatabaseSync): void {
    for (const table of TABLE_NAMES) database.exec(`DELETE FROM ${table}`);
    this.#names.clear();
  }

  #scan(segment: Segment, known: KnownSegment | undefined): void {
    const id = known?.id ?? this.#newSegment(segment);
    withSegment(segment.path, (bytes) => {
      const takers = this.#takers(id);
      const before = known ?? { scanned: 0, lines: 0, records: 0 };
      const fresh = this.#fresh.get(segment.path)?.take(before.scanned, segment.inode);
      const from = fresh == null ? before : takeFresh(fresh, segment, before, takers);
      const { scanned, lines, records } = takeRecords(bytes, segment, from, takers);
      this.#prepared(
        `UPDATE segments SET scanned = ?, lines = ?, records = ?, size = ?, inode = ?, times = ?, fingerprint = ?
         WHERE id = ?`,
      ).run(
        scanned,
        lines,
        records,
        segment.size,
        segment.inode,
        segment.times,
        fingerprint(bytes, scanned),
        id,
      );
    });
  }

  #newSegment({ kind, name }: Segment): number {
    const insert = `INSERT INTO segments (kind, name, sortName, scanned, lines, records, size, inode, times, fingerprint)
      VALUES (?, ?, ?, 0, 0, 0, 0, '', '', '')`;
    return Number(this.#prepared(insert).run(kind, name, sortName(name)).lastInsertRowid);
  }

  #takers(segment: number): RecordVisitor {
    const upsert = this.#prepared(UPSERT_TRANSCRIPT);
    const takeRating = this.#ratingTaker(segment);
    let lost = this.#prepared('SELECT 1 FROM losses LIMIT 1').get() !== undefined;
    const found = (key: string, rater: string) => {
      if (lost) this.#prepared('DELETE FROM losses WHERE key = ? AND rater = ?').run(key, rater);
    };
    const lose = ({ key, rater }: Loss) => {
      lost = true;
      this.#prepared('INSERT INTO losses VALUES (?, ?) ON CONFLICT DO NOTHING').run(key, rater);
    };
    return {
      transcript: (head, offset, length) => {
        upsert.run(
          head.key,
          head.attempt,
          TRANSCRIPT_STATUSES.indexOf(head.status),
          head.cluster,
          head.sampleDigest,
          head.samplingDigest,
          head.inputTokens,
          head.outputTokens,
          head.served,
          head.answer,
          head.signs,
          segment,
          offset,
          length,
        );
        found(head.key, '');
      },
      ratings: (batch, losses) => {
        for (const at of batch) {
          takeRating(at);
          if (lost) found(at.head.key, at.head.rater);
        }
        losses.forEach(lose);
      },
      damage: (line, what, head) => {
        this.#prepared('INSERT INTO damage VALUES (?, ?, ?, ?)').run(segment, line, what, head?.key ?? null);
        if (head !== null && !('rater' in head) && this.#isLater(head)) lose({ key: head.key, rater: '' });
      },
    };
  }

  /** Whether a damaged transcript was a later attempt at its trial than the one that is known. */
  #isLater({ key, attempt }: DamagedHead): boolean {
    const query = 'SELECT attempt FROM trials WHERE key = ? AND attempt > 0 AND attempt < ?';
    return this.#prepared(query).get(key, attempt) !== undefined;
  }

  #ratingTaker(segment: number): (at: RatingAt) => void {
    const upsert = this.#prepared(UPSERT_RATING);
    let key: string | null = null;
    let trial = 0;
    return ({ head, offset, length }) => {
      if (head.key !== key) {
        key = head.key;
        trial = this.#trialId(key);
      }
      upsert.run(
        trial,
        this.#nameId(head.rater),
        this.#nameId(head.measure),
        this.#nameId(head.raterDigest),
        head.attempt,
        ratingCode(head),
        segment,
        offset,
        length,
      );
    };
  }

  #trialId(key: string): number {
    const known = this.#prepared('SELECT id FROM trials WHERE key = ?').get(key) as
      | { id: number }
      | undefined;
    return (
      known?.id ?? Number(this.#prepared('INSERT INTO trials (key) VALUES (?)').run(key).lastInsertRowid)
    );
  }

  #nameId(name: string): number {
    const cached = this.#names.get(name);
    if (cached !== undefined) return cached;
    this.#prepared('INSERT INTO names (name) VALUES (?) ON CONFLICT DO NOTHING').run(name);
    const { id } = this.#prepared('SELECT id FROM names WHERE name = ?').get(name) as { id: number };
    // A copy of the text: a slice would keep the whole chunk it was read with.
    this.#names.set(Buffer.from(name).toString(), id);
    return id;
  }
}

/** The order in which records replace each other: by attempt, then by the segment's name, then by where they are. */
function isLater(table: string): string {
  const rank = (row: string) =>
    `(${row}.attempt, (SELECT sortName FROM segments WHERE id = ${row}.segment), ${row}.offset)`;
  return `${table}.attempt = 0 OR ${rank('excluded')} > ${rank(table)}`;
}

const UPSERT_TRANSCRIPT = `
  INSERT INTO trials (key, attempt, status, cluster, sampleDigest, samplingDigest, inputTokens, outputTokens, served, answer, signs, segment, offset, length)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET
    attempt = excluded.attempt, status = excluded.status, cluster = excluded.cluster,
    sampleDigest = excluded.sampleDigest, samplingDigest = excluded.samplingDigest,
    inputTokens = excluded.inputTokens, outputTokens = excluded.outputTokens,
    served = excluded.served, answer = excluded.answer, signs = excluded.signs,
    segment = excluded.segment, offset = excluded.offset, length = excluded.length
  WHERE ${isLater('trials')}`;

const UPSERT_RATING = `
  INSERT INTO ratings (trial, rater, measure, digest, attempt, status, segment, offset, length)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (trial, rater, measure, attempt) DO UPDATE SET
    digest = excluded.digest, status = excluded.status,
    segment = excluded.segment, offset = excluded.offset, length = excluded.length
  WHERE ${isLater('ratings')}`;

function isCurrent(known: readonly KnownSegment[], segments: readonly Segment[]): boolean {
  return (
    known.length === segments.length &&
    segments.every((segment) =>
      known.some(
        (before) => isSame(before, segment) && before.size === segment.size && before.times === segment.times,
      ),
    )
  );
}

function isSame(known: KnownSegment, { kind, name, inode }: Segment): boolean {
  return known.kind === kind && known.name === name && known.inode === inode;
}

/** Whether what the index knows is no longer what the segments begin with. */
function wasChanged(known: readonly KnownSegment[], segments: readonly Segment[]): boolean {
  return known.some((before) => {
    const segment = segments.find((candidate) => isSame(before, candidate));
    if (segment === undefined || segment.size < before.scanned) return true;
    if (segment.size === before.size) return segment.times !== before.times;
    return withSegment(segment.path, (bytes) => fingerprint(bytes, before.scanned)) !== before.fingerprint;
  });
}
