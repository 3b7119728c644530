import { type Manifest, parseTrialKey, type Rating, type Transcript, type TrialKey } from '../core/index.ts';
import { type LabelFrame, readLabelFrames } from './label-frame.ts';
import { RATING_STATUSES, TRANSCRIPT_STATUSES } from './line.ts';
import { readManifest } from './manifest.ts';
import { readBatches, readLineAt, readLinesAt } from './read-lines.ts';
import type { RatingFilter, RatingRow, RunReader, TranscriptFilter, TrialRow } from './run.ts';
import { RunIndex } from './run-index.ts';
import { type SegmentKind, segmentPath } from './segment.ts';

/**
 * Opens a run folder for reading.
 *
 * @throws RecordsError when it is no run folder, or a line in it is damaged
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

  *trials(): Iterable<TrialRow> {
    for (let after = ''; ; ) {
      const page = this.#all<StoredTrial>(
        `SELECT ${TRIAL_COLUMNS} FROM trials WHERE key > ? AND attempt > 0 ORDER BY key LIMIT ${PAGE}`,
        after,
      );
      yield* page.map(trialRow);
      if (page.length < PAGE) return;
      after = page.at(-1)!.key;
    }
  }

  trial(key: TrialKey): TrialRow | undefined {
    const query = `SELECT ${TRIAL_COLUMNS} FROM trials WHERE key = ? AND attempt > 0`;
    return this.#all<StoredTrial>(query, key).map(trialRow)[0];
  }

  async *ratings(filter: RatingFilter = {}): AsyncIterable<Rating> {
    for await (const batch of this.ratingBatches(filter)) yield* batch;
  }

  async *ratingBatches(filter: RatingFilter = {}): AsyncIterable<readonly Rating[]> {
    for (const { id, path, scanned } of this.#segments('ratings')) {
      const counts = this.#countingLines(id);
      for await (const { records, offsets } of readBatches<RatingLine>(path, scanned)) {
        const batch: Rating[] = [];
        records.forEach((record, position) => {
          if (counts(offsets[position]!) && passes(record, filter)) batch.push(withoutMore(record));
        });
        if (batch.length > 0) yield batch;
      }
    }
  }

  async ratingsOf(key: TrialKey): Promise<readonly Rating[]> {
    const places = this.#all<{ name: string; offset: number; length: number }>(
      `SELECT segments.name, ratings.offset, ratings.length
       FROM trials JOIN ratings ON ratings.trial = trials.id AND ratings.attempt = trials.attempt
       JOIN segments ON segments.id = ratings.segment
       WHERE trials.key = ? ORDER BY segments.name, ratings.offset`,
      key,
    );
    const lines = places.map(({ name, offset, length }) =>
      readLineAt<RatingLine>(segmentPath(this.folder, 'ratings', name), offset, length),
    );
    return (await Promise.all(lines)).map(withoutMore);
  }

  *ratingRows(filter: RatingFilter = {}): Iterable<RatingRow> {
    const one = (name: 'rater' | 'measure') =>
      filter[name] === undefined ? '' : `AND ratings.${name} = (SELECT id FROM names WHERE name = ?)`;
    const wanted = [filter.rater, filter.measure].filter((name) => name !== undefined);
    for (let after = ''; ; ) {
      const keys = this.#all<{ key: string }>(
        `SELECT key FROM trials WHERE key > ? ORDER BY key LIMIT ${PAGE}`,
        after,
      );
      const last = keys.at(-1)?.key;
      if (last === undefined) return;
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
      for (const { status, ...row } of page) yield { ...row, status: RATING_STATUSES[status]! };
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
    if (found === undefined || found.key === key) return found;
    // The segment was edited and the index did not notice.
    this.#index.rebuild();
    return this.#transcriptAt(key);
  }

  async *transcripts(filter: TranscriptFilter = {}): AsyncIterable<Transcript> {
    for (const { id, path } of this.#segments('transcripts')) {
      const rows = this.#all<{ key: string; offset: number; length: number }>(
        'SELECT key, offset, length FROM trials WHERE segment = ? AND attempt > 0 ORDER BY offset',
        id,
      );
      const wanted = rows.filter(({ key }) => keyPasses(key, filter));
      const offsets = Float64Array.from(wanted, ({ offset }) => offset);
      const lengths = Float64Array.from(wanted, ({ length }) => length);
      yield* readLinesAt<Transcript>({ path, offsets, lengths });
    }
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

  async #transcriptAt(key: TrialKey): Promise<Transcript | undefined> {
    const [place] = this.#all<{ name: string; offset: number; length: number }>(
      `SELECT segments.name, offset, length FROM trials JOIN segments ON segments.id = trials.segment
       WHERE key = ? AND attempt > 0`,
      key,
    );
    if (place === undefined) return undefined;
    return readLineAt(segmentPath(this.folder, 'transcripts', place.name), place.offset, place.length);
  }

  #segments(kind: SegmentKind): { id: number; path: string; scanned: number }[] {
    const rows = this.#all<{ id: number; name: string; scanned: number }>(
      'SELECT id, name, scanned FROM segments WHERE kind = ? ORDER BY name',
      kind,
    );
    return rows.map(({ id, name, scanned }) => ({ id, path: segmentPath(this.folder, kind, name), scanned }));
  }

  /** Which lines of a segment of ratings count: says so of their offsets, asked in ascending order. */
  #countingLines(segment: number): (offset: number) => boolean {
    const live = 'ratings JOIN trials ON trials.id = ratings.trial AND trials.attempt = ratings.attempt';
    const [count] = this.#all<{ live: number; lines: number }>(
      `SELECT lines, (SELECT count(*) FROM ${live} WHERE ratings.segment = segments.id) AS live
       FROM segments WHERE id = ?`,
      segment,
    );
    if (count === undefined || count.live === count.lines) return () => true;
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
  'key, attempt, status, cluster, sampleDigest, samplingDigest, inputTokens, outputTokens, served, answer';

type StoredTrial = Omit<TrialRow, 'stage' | 'eval' | 'sample' | 'epoch' | 'status'> & {
  readonly status: number;
};
type StoredRating = Omit<RatingRow, 'status'> & { readonly status: number };
/** A line of `ratings/`: `more` belongs to the format, not to the rating. */
type RatingLine = Rating & { readonly more?: number };

function trialRow({ key, attempt, status, ...rest }: StoredTrial): TrialRow {
  return { key, ...parseTrialKey(key), attempt, status: TRANSCRIPT_STATUSES[status]!, ...rest };
}

function withoutMore(line: RatingLine): Rating {
  if (line.more === undefined) return line;
  const { more: _, ...rating } = line;
  return rating;
}

function passes(rating: Rating, { rater, measure }: RatingFilter): boolean {
  return (
    (rater === undefined || rating.rater === rater) && (measure === undefined || rating.measure === measure)
  );
}

function keyPasses(key: TrialKey, filter: TranscriptFilter): boolean {
  const { stage, eval: name } = parseTrialKey(key);
  return (
    (filter.stage === undefined || stage === filter.stage) &&
    (filter.eval === undefined || name === filter.eval)
  );
}
