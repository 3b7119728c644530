import {
  type Manifest,
  parseTrialKey,
  type Rating,
  signsIn,
  type Transcript,
  type TrialKey,
} from '../core/index.ts';
import type { FreshRecords } from './fresh-records.ts';
import { type LabelFrame, readLabelFrames } from './label-frame.ts';
import {
  type RatingLine,
  statusOfCode,
  TRANSCRIPT_STATUSES,
  type TranscriptLine,
  withoutDerived,
} from './line.ts';
import { readManifest } from './manifest.ts';
import { isGone } from './open-segment.ts';
import { readBatches, readLinesAt } from './read-lines.ts';
import { requireRating, requireTranscript } from './require-record.ts';
import type {
  DamagedLine,
  Losses,
  RatingFilter,
  RatingRow,
  RunReader,
  TranscriptFilter,
  TrialRow,
} from './run.ts';
import { RunIndex } from './run-index.ts';
import { openSampleFile, type SampleReader } from './sample-file.ts';
import { checksumsDue, type SegmentKind, segmentPath } from './segment.ts';

/**
 * Opens a run folder for reading.
 *
 * @throws RecordsError when it is not a run folder
 */
export async function openRun(folder: string): Promise<RunReader> {
  const manifest = readManifest(folder);
  return new IndexedRun(folder, () => manifest);
}

/** Rows fetched from the index at once: between pages nobody who wants to write to it has to wait. */
const PAGE = 1000;

/** A run folder read through its index. */
export class IndexedRun implements RunReader {
  readonly folder: string;
  readonly #manifest: () => Manifest;
  readonly #index: RunIndex;
  #outOfDate = false;

  constructor(folder: string, manifest: () => Manifest) {
    this.folder = folder;
    this.#manifest = manifest;
    this.#index = new RunIndex(folder);
    try {
      this.#index.update();
    } catch (error) {
      this.#index.close();
      throw error;
    }
  }

  get manifest(): Manifest {
    return this.#manifest();
  }

  refresh(): void {
    this.#outOfDate = false;
    this.#index.update();
  }

  /** Has the next question refresh first. Cheap, so that a writer can say so after every flush. */
  markOutOfDate(): void {
    this.#outOfDate = true;
  }

  /** A writer notes here what it has put on disk in its segment, so that the index need not read it. `inode` as in `Segment`. */
  freshRecords(path: string, inode: string): FreshRecords {
    return this.#index.freshRecords(path, inode);
  }

  *trials(filter: TranscriptFilter = {}): Iterable<TrialRow> {
    const { eval: name } = filter;
    const [first, before] = keyRange(filter);
    for (let after = first; ; ) {
      const page = this.#all<StoredTrial>(
        `SELECT ${TRIAL_COLUMNS} FROM trials WHERE key > ? AND key < ? AND attempt > 0 ORDER BY key LIMIT ${PAGE}`,
        after,
        before,
      );
      for (const stored of page) {
        const row = trialRow(stored);
        if (name === undefined || row.eval === name) yield row;
      }
      if (page.length < PAGE) return;
      after = page.at(-1)!.key;
    }
  }

  countTrials(): number {
    return this.#all<{ count: number }>('SELECT count(*) AS count FROM trials WHERE attempt > 0')[0]!.count;
  }

  countRatedAlone(): number {
    return this.#all<{ count: number }>('SELECT count(*) AS count FROM trials WHERE attempt = 0')[0]!.count;
  }

  trial(key: TrialKey): TrialRow | undefined {
    const query = `SELECT ${TRIAL_COLUMNS} FROM trials WHERE key = ? AND attempt > 0`;
    return this.#all<StoredTrial>(query, key).map(trialRow)[0];
  }

  async *ratings(filter: RatingFilter = {}): AsyncIterable<Rating> {
    for await (const batch of this.ratingBatches(filter)) yield* batch;
  }

  async *ratingBatches(filter: RatingFilter = {}): AsyncIterable<readonly Rating[]> {
    for (const segment of this.#segments('ratings')) {
      const counts = this.#countingLines(segment.id);
      let damaged = 0;
      for await (const read of readBatches<RatingLine>(segment.path, segment.scanned, segment.due)) {
        const batch: Rating[] = [];
        read.records.forEach((record, position) => {
          if (counts(read.offsets[position]!) && passes(record, filter)) batch.push(ratingIn(record));
        });
        damaged += read.damaged;
        if (batch.length > 0) yield batch;
      }
      if (damaged > segment.damaged) this.#index.rebuild();
    }
  }

  async ratingsOf(...keys: readonly TrialKey[]): Promise<readonly Rating[]> {
    for (let tries = 0; ; tries++) {
      const places = this.#placesOf(keys);
      const lines: RatingLine[] = [];
      for (let from = 0, to = 0; from < places.length; from = to) {
        const { name } = places[from]!;
        while (places[to]?.name === name) to++;
        lines.push(...(await this.#linesAt<RatingLine>('ratings', name, places.slice(from, to))));
      }
      if (lines.length === places.length || tries > 0) return lines.map(ratingIn);
      this.#index.rebuild();
    }
  }

  /** Where the ratings of trials are, by segment. */
  #placesOf(keys: readonly TrialKey[]): StoredPlace[] {
    return this.#all<StoredPlace>(
      `SELECT segments.name, ratings.offset, ratings.length
       FROM trials JOIN ratings ON ratings.trial = trials.id AND ratings.attempt = trials.attempt
       JOIN segments ON segments.id = ratings.segment
       WHERE trials.key IN (SELECT value FROM json_each(?)) ORDER BY segments.sortName, ratings.offset`,
      JSON.stringify(keys),
    );
  }

  /** What is not a record at its place is left out; of a segment that was compacted since, all is. */
  async #linesAt<T>(kind: SegmentKind, name: string, places: readonly StoredPlace[]): Promise<T[]> {
    const lines: T[] = [];
    try {
      for await (const line of readLinesAt<T>({
        path: segmentPath(this.folder, kind, name),
        due: checksumsDue(name),
        offsets: places.map(({ offset }) => offset),
        lengths: places.map(({ length }) => length),
      }))
        if (line !== null) lines.push(line);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    return lines;
  }

  *ratingRows(filter: RatingFilter = {}): Iterable<RatingRow> {
    const one = (name: 'rater' | 'measure') =>
      filter[name] === undefined ? '' : `AND ratings.${name} = (SELECT id FROM names WHERE name = ?)`;
    const wanted = [filter.rater, filter.measure].filter((name) => name !== undefined);
    for (let after = ''; ; ) {
      const [{ last } = { last: null }] = this.#all<{ last: string | null }>(
        `SELECT max(key) AS last FROM (SELECT key FROM trials WHERE key > ? ORDER BY key LIMIT ${PAGE})`,
        after,
      );
      if (last === null) return;
      const page = this.#all<StoredRating>(
        `SELECT trials.key, ratings.attempt, ratings.status,
           measures.name AS measure, raters.name AS rater, digests.name AS raterDigest
         FROM trials JOIN ratings ON ratings.trial = trials.id AND ratings.attempt = trials.attempt
         JOIN names AS raters ON raters.id = ratings.rater
         JOIN names AS measures ON measures.id = ratings.measure
         JOIN names AS digests ON digests.id = ratings.digest
         WHERE trials.key > ? AND trials.key <= ? ${one('rater')} ${one('measure')}
         ORDER BY trials.key, raters.name, measures.name`,
        after,
        last,
        ...wanted,
      );
      for (const { key, measure, rater, raterDigest, attempt, status } of page) {
        yield { key, measure, rater, raterDigest, attempt, ...statusOfCode(status) };
      }
      after = last;
    }
  }

  ratedKeys(rater: string, accept: (row: RatingRow) => boolean = () => true): Set<TrialKey> {
    const rated = new Set<TrialKey>();
    const unaccepted = new Set<TrialKey>();
    for (const row of this.ratingRows({ rater })) (accept(row) ? rated : unaccepted).add(row.key);
    for (const key of unaccepted) rated.delete(key);
    return rated;
  }

  async transcript(key: TrialKey): Promise<Transcript | undefined> {
    const found = await this.#transcriptAt(key);
    if (found === undefined || found?.key === key) return found;
    // It was damaged, or the segment was edited, and the index did not notice.
    this.#index.rebuild();
    return (await this.#transcriptAt(key)) ?? undefined;
  }

  async *transcripts(filter: TranscriptFilter = {}): AsyncIterable<Transcript> {
    for (const { id, path, due } of this.#segments('transcripts')) {
      const rows = this.#all<{ key: string; offset: number; length: number }>(
        'SELECT key, offset, length FROM trials WHERE segment = ? AND attempt > 0 ORDER BY offset',
        id,
      );
      const wanted = rows.filter(({ key }) => keyPasses(key, filter));
      const offsets = Float64Array.from(wanted, ({ offset }) => offset);
      const lengths = Float64Array.from(wanted, ({ length }) => length);
      let damaged = false;
      for await (const transcript of readLinesAt<TranscriptLine>({ path, due, offsets, lengths })) {
        if (transcript === null) damaged = true;
        else yield transcriptIn(transcript);
      }
      if (damaged) this.#index.rebuild();
    }
  }

  get damaged(): readonly DamagedLine[] {
    const rows = this.#all<{ kind: SegmentKind; name: string } & Omit<DamagedLine, 'file' | 'kind'>>(
      `SELECT segments.kind, segments.name, damage.line, damage.what, damage.key
       FROM damage JOIN segments ON segments.id = damage.segment
       ORDER BY segments.kind DESC, segments.sortName, damage.rowid`,
    );
    return rows.map(({ name, ...row }) => ({ ...row, file: segmentPath(this.folder, row.kind, name) }));
  }

  losses(): Losses {
    const transcripts = new Set<TrialKey>();
    const ratings = new Map<string, Set<TrialKey>>();
    for (const { key, rater } of this.#all<{ key: string; rater: string }>('SELECT key, rater FROM losses')) {
      if (rater === '') transcripts.add(key);
      else ratings.set(rater, (ratings.get(rater) ?? new Set()).add(key));
    }
    const rated = this.#all<{ key: string; attempt: number }>(
      `SELECT trials.key, max(ratings.attempt) AS attempt FROM ratings JOIN trials ON trials.id = ratings.trial
       WHERE ratings.attempt > trials.attempt GROUP BY trials.id`,
    );
    const ratedAttempts = new Map(rated.map(({ key, attempt }) => [key, attempt]));
    return { transcripts, ratings, ratedAttempts };
  }

  samples(evalId: string): Promise<SampleReader> {
    return openSampleFile(this.folder, evalId, 'read');
  }

  labelFrames(): readonly LabelFrame[] {
    return readLabelFrames(this.folder);
  }

  close(): void {
    this.#index.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** `null`: what is at its place is not a record. */
  async #transcriptAt(key: TrialKey): Promise<Transcript | null | undefined> {
    const [place] = this.#all<StoredPlace>(
      `SELECT segments.name, offset, length FROM trials JOIN segments ON segments.id = trials.segment
       WHERE key = ? AND attempt > 0`,
      key,
    );
    if (place === undefined) return undefined;
    const [line] = await this.#linesAt<TranscriptLine>('transcripts', place.name, [place]);
    return line === undefined ? null : transcriptIn(line);
  }

  #segments(kind: SegmentKind) {
    const rows = this.#all<{ id: number; name: string; scanned: number; damaged: number }>(
      `SELECT id, name, scanned, (SELECT count(*) FROM damage WHERE segment = segments.id) AS damaged
       FROM segments WHERE kind = ? ORDER BY sortName`,
      kind,
    );
    return rows.map(({ name, ...row }) => ({
      ...row,
      due: checksumsDue(name),
      path: segmentPath(this.folder, kind, name),
    }));
  }

  /** Which lines of a segment of ratings count: says so of their offsets, asked in ascending order. */
  #countingLines(segment: number): (offset: number) => boolean {
    const live = 'ratings JOIN trials ON trials.id = ratings.trial AND trials.attempt = ratings.attempt';
    const [count] = this.#all<{ live: number; records: number; damaged: number }>(
      `SELECT records, (SELECT count(*) FROM ${live} WHERE ratings.segment = segments.id) AS live,
         (SELECT count(*) FROM damage WHERE segment = segments.id) AS damaged
       FROM segments WHERE id = ?`,
      segment,
    );
    if (count === undefined || (count.live === count.records && count.damaged === 0)) return () => true;
    const rows = this.#all<{ offset: number }>(
      `SELECT ratings.offset FROM ${live} WHERE ratings.segment = ? ORDER BY ratings.offset`,
      segment,
    );
    const offsets = Float64Array.from(rows, ({ offset }) => offset);
    let next = 0;
    return (offset) => {
      while (next < offsets.length && offsets[next]! < offset) next++;
      return offsets[next] === offset;
    };
  }

  #all<Row>(query: string, ...parameters: (string | number)[]): Row[] {
    if (this.#outOfDate) this.refresh();
    return this.#index.all<Row>(query, ...parameters);
  }
}

const TRIAL_COLUMNS =
  'key, attempt, status, cluster, sampleDigest, samplingDigest, inputTokens, outputTokens, served, answer, signs';

type StoredTrial = Omit<TrialRow, 'stage' | 'eval' | 'sample' | 'epoch' | 'status' | 'signs'> & {
  readonly status: number;
  readonly signs: number;
};
/** Where a record is. */
type StoredPlace = { readonly name: string; readonly offset: number; readonly length: number };
type StoredRating = Omit<RatingRow, 'status' | 'labelAlone'> & { readonly status: number };
/** Most answers have no sign, and share this. */
const NO_SIGNS: TrialRow['signs'] = [];

/** Member by member, because a large run has hundreds of thousands of rows and spreading them takes longer. */
function trialRow(stored: StoredTrial): TrialRow {
  const { stage, eval: name, sample, epoch } = parseTrialKey(stored.key);
  return {
    key: stored.key,
    stage,
    eval: name,
    sample,
    epoch,
    attempt: stored.attempt,
    status: TRANSCRIPT_STATUSES[stored.status]!,
    cluster: stored.cluster,
    sampleDigest: stored.sampleDigest,
    samplingDigest: stored.samplingDigest,
    inputTokens: stored.inputTokens,
    outputTokens: stored.outputTokens,
    served: stored.served,
    answer: stored.answer,
    signs: stored.signs === 0 ? NO_SIGNS : signsIn(stored.signs),
  };
}

/** @throws RecordsError where the line is not that of a rating */
function ratingIn(line: RatingLine): Rating {
  requireRating(line);
  if (line.more === undefined) return line;
  const { more: _, ...rating } = line;
  return rating;
}

/** @throws RecordsError where the line is not that of a transcript */
function transcriptIn(line: TranscriptLine): Transcript {
  const transcript = withoutDerived(line);
  requireTranscript(transcript);
  return transcript;
}

function passes(rating: Rating, { rater, measure }: RatingFilter): boolean {
  return (
    (rater === undefined || rating.rater === rater) && (measure === undefined || rating.measure === measure)
  );
}

/** Between which texts the keys of a stage lie, or those of an eval at a stage. `0` is the character behind `/`. */
function keyRange({ stage, eval: name }: TranscriptFilter): [after: string, before: string] {
  if (stage === undefined) return ['', '\u{10ffff}'];
  const parts = name === undefined ? stage : `${stage}/${name}`;
  return [`${parts}/`, `${parts}0`];
}

function keyPasses(key: TrialKey, filter: TranscriptFilter): boolean {
  const { stage, eval: name } = parseTrialKey(key);
  return (
    (filter.stage === undefined || stage === filter.stage) &&
    (filter.eval === undefined || name === filter.eval)
  );
}
