import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import {
  deleteIndexFile,
  indexTrouble,
  openIndexFile,
  openTemporaryIndex,
  TABLE_NAMES,
} from './index-database.ts';
import { RATING_STATUSES, type RatingHead, ratingHead, TRANSCRIPT_STATUSES, transcriptHead } from './line.ts';
import { scanLines } from './scan.ts';
import { damagedLine, fingerprint, listSegments, type Segment, withFile } from './segment.ts';

interface KnownSegment {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  /** Bytes read: the index knows the lines up to here. */
  readonly scanned: number;
  readonly lines: number;
  readonly size: number;
  readonly modified: string;
  readonly fingerprint: string;
}

/** Where a line was found. */
interface Place {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * `index.sqlite` of a run: where the records that count stand, and what one wants to know of them without reading them.
 * It holds nothing that the segments don't. It is brought up to date from where it was left off, and built anew when it
 * was deleted, is damaged, of another version, or when a segment was changed other than by appending: it shrank, has
 * another beginning or end, or was modified at the same length. (An edit that keeps a segment's length, with lines
 * appended after it before the index looks again, is not noticed: delete `index.sqlite` after such an edit.)
 *
 * Where the folder can't be written to, or others keep the index busy, it is built for this process alone.
 */
export class RunIndex implements Disposable {
  readonly folder: string;
  #database: DatabaseSync | null = null;
  #temporary = false;
  #rebuilt = false;
  #statements = new Map<string, StatementSync>();
  #names = new Map<string, number>();

  /** Opens the index; it knows nothing new until `update()`. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Whether the index is of this process alone. */
  get temporary(): boolean {
    return this.#temporary;
  }

  /** Takes in what was appended to the segments since. @throws RecordsError naming a damaged line; nothing is taken in then */
  update(): void {
    this.#withDatabase((database) => this.#update(database));
  }

  /** Forgets all and reads the segments again: for when a record was not where the index said. */
  rebuild(): void {
    this.#withDatabase((database) => {
      this.#transaction(database, () => this.#clear(database));
      this.#update(database);
    });
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
      this.#database = this.#temporary ? openTemporaryIndex() : openIndexFile(this.folder);
    }
    return this.#database;
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
    withFile(segment.path, (descriptor) => {
      const take = segment.kind === 'transcripts' ? this.#transcriptTaker(id) : this.#ratingTaker(id);
      let lines = known?.lines ?? 0;
      const from = known?.scanned ?? 0;
      const until = scanLines(descriptor, from, (bytes, start, end, offset) => {
        if (!take(bytes, start, end, offset)) throw damagedLine(segment.path, offset);
        lines++;
      });
      const open = take.openBatch();
      const scanned = open === null ? until : open.offset;
      this.#prepared(
        'UPDATE segments SET scanned = ?, lines = ?, size = ?, modified = ?, fingerprint = ? WHERE id = ?',
      ).run(
        scanned,
        lines - (open?.lines ?? 0),
        segment.size,
        segment.modified,
        fingerprint(descriptor, scanned),
        id,
      );
    });
  }

  #newSegment({ kind, name }: Segment): number {
    const insert = `INSERT INTO segments (kind, name, scanned, lines, size, modified, fingerprint) VALUES (?, ?, 0, 0, 0, '', '')`;
    return Number(this.#prepared(insert).run(kind, name).lastInsertRowid);
  }

  /** Takes in transcripts, one line a call. */
  #transcriptTaker(segment: number): LineTaker {
    const upsert = this.#prepared(UPSERT_TRANSCRIPT);
    const take = (bytes: string, start: number, end: number, offset: number) => {
      const head = transcriptHead(bytes, start, end);
      if (head === null) return false;
      const { key, attempt, status, cluster, sampleDigest, samplingDigest, ...rest } = head;
      const { inputTokens, outputTokens, served, answer } = rest;
      const code = TRANSCRIPT_STATUSES.indexOf(status);
      const digests = [sampleDigest, samplingDigest];
      const about = [key, attempt, code, cluster, ...digests, inputTokens, outputTokens, served, answer];
      upsert.run(...about, segment, offset, end - start);
      return true;
    };
    return Object.assign(take, { openBatch: () => null });
  }

  /** Takes in ratings, one line a call, but a batch only when its last line is there. */
  #ratingTaker(segment: number): LineTaker {
    let batch: { head: RatingHead; place: Place }[] = [];
    const takeBatch = this.#batchTaker();
    const take = (bytes: string, start: number, end: number, offset: number) => {
      const head = ratingHead(bytes, start, end);
      if (head === null) return false;
      batch.push({ head, place: { segment, offset, length: end - start } });
      if (head.more === 0) {
        for (const { head, place } of batch) takeBatch(head, place);
        batch = [];
      }
      return true;
    };
    const openBatch = () => {
      const first = batch[0];
      return first === undefined ? null : { offset: first.place.offset, lines: batch.length };
    };
    return Object.assign(take, { openBatch });
  }

  #batchTaker(): (head: RatingHead, place: Place) => void {
    const upsert = this.#prepared(UPSERT_RATING);
    let key: string | null = null;
    let trial = 0;
    return (head, { segment, offset, length }) => {
      if (head.key !== key) {
        key = head.key;
        trial = this.#trialId(key);
      }
      const who = [
        trial,
        this.#nameId(head.rater),
        this.#nameId(head.measure),
        this.#nameId(head.raterDigest),
      ];
      upsert.run(...who, head.attempt, RATING_STATUSES.indexOf(head.status), segment, offset, length);
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

/** Takes in a line; false when it's damaged. `openBatch`: the first offset and the number of lines not taken in yet. */
interface LineTaker {
  (bytes: string, start: number, end: number, offset: number): boolean;
  openBatch(): { readonly offset: number; readonly lines: number } | null;
}

/** The order in which lines replace each other: by attempt, then by the segment's name, then by where they stand. */
function isLater(table: string): string {
  const rank = (row: string) =>
    `(${row}.attempt, (SELECT name FROM segments WHERE id = ${row}.segment), ${row}.offset)`;
  return `${table}.attempt = 0 OR ${rank('excluded')} > ${rank(table)}`;
}

const UPSERT_TRANSCRIPT = `
  INSERT INTO trials (key, attempt, status, cluster, sampleDigest, samplingDigest, inputTokens, outputTokens, served, answer, segment, offset, length)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET
    attempt = excluded.attempt, status = excluded.status, cluster = excluded.cluster,
    sampleDigest = excluded.sampleDigest, samplingDigest = excluded.samplingDigest,
    inputTokens = excluded.inputTokens, outputTokens = excluded.outputTokens,
    served = excluded.served, answer = excluded.answer,
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
        ({ kind, name, size, modified }) =>
          kind === segment.kind &&
          name === segment.name &&
          size === segment.size &&
          modified === segment.modified,
      ),
    )
  );
}

/** Whether what the index knows is no longer what the segments begin with. */
function wasChanged(known: readonly KnownSegment[], segments: readonly Segment[]): boolean {
  return known.some(({ kind, name, scanned, size, modified, fingerprint: before }) => {
    const segment = segments.find((candidate) => candidate.kind === kind && candidate.name === name);
    if (segment === undefined || segment.size < scanned) return true;
    if (segment.size === size) return segment.modified !== modified;
    return withFile(segment.path, (descriptor) => fingerprint(descriptor, scanned)) !== before;
  });
}
