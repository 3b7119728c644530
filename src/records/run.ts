import type {
  Digest,
  Manifest,
  Rating,
  RatingStatus,
  Transcript,
  TranscriptStatus,
  TrialId,
  TrialKey,
} from '../core/index.ts';
import type { LabelFrame } from './label-frame.ts';

/** A trial as the index knows it: its latest attempt, without the transcript's text. */
export interface TrialRow extends TrialId {
  readonly key: TrialKey;
  readonly attempt: number;
  readonly status: TranscriptStatus;
  readonly cluster: string;
  readonly sampleDigest: Digest;
  readonly samplingDigest: Digest;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /**
   * Which models answered, by the servers' own word: a JSON list of `{ model, root? }`, equal where they are equal.
   * `null` where no server said.
   */
  readonly served: string | null;
  /** Digest of all that the checkpoint said; `null` where it said nothing or the trial failed. */
  readonly answer: string | null;
}

/** A rating as the index knows it: who rated what, and whether it came to a value. */
export interface RatingRow {
  readonly key: TrialKey;
  readonly measure: string;
  readonly rater: string;
  readonly raterDigest: Digest;
  readonly attempt: number;
  readonly status: RatingStatus;
}

export interface RatingFilter {
  readonly rater?: string;
  readonly measure?: string;
}

export interface TranscriptFilter {
  readonly stage?: string;
  readonly eval?: string;
}

/**
 * Reads a run folder, also one that can't be written to or that a run is still being written into; takes no lock.
 *
 * What counts is the **latest attempt** of every trial; ratings of earlier attempts, and transcripts that a later attempt
 * replaced, are passed over. Of several ratings with the same key, measure and rater the last one written counts, also
 * when its `raterDigest` differs (the rater was changed, and rated again).
 *
 * A reader sees what was there when it was opened, or at the last `refresh()`; the reader of a `RunWriter` sees all that
 * this writer has on disk.
 */
export interface RunReader extends Disposable {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Takes in what was written since. */
  refresh(): void;
  /** One row a trial, in the order of their keys. */
  trials(): Iterable<TrialRow>;
  trial(key: TrialKey): TrialRow | undefined;
  /** The ratings that count, in the order of the files. @throws RecordsError naming file and line of a damaged one */
  ratings(filter?: RatingFilter): AsyncIterable<Rating>;
  /** The same in batches of some thousand: for those who read hundreds of thousands. */
  ratingBatches(filter?: RatingFilter): AsyncIterable<readonly Rating[]>;
  /** The ratings that count of one trial. */
  ratingsOf(key: TrialKey): Promise<readonly Rating[]>;
  /** The ratings that count, from the index alone, in the order of their keys. */
  ratingRows(filter?: RatingFilter): Iterable<RatingRow>;
  /**
   * The trials that a rater need not rate again: those with a rating by it, all of whose ratings by it are accepted
   * (by default: all are).
   */
  ratedKeys(rater: string, accept?: (row: RatingRow) => boolean): Set<TrialKey>;
  transcript(key: TrialKey): Promise<Transcript | undefined>;
  /** Latest attempts, in the order of the files; never more than some megabytes of them in memory at once. */
  transcripts(filter?: TranscriptFilter): AsyncIterable<Transcript>;
  /** What was picked for humans to label. @throws RecordsError naming file and line of a damaged frame */
  labelFrames(): readonly LabelFrame[];
  close(): void;
}

/** Appends to a run folder; holds its lock until closed. Appends may be made concurrently. */
export interface RunWriter extends AsyncDisposable {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly reader: RunReader;
  /**
   * Resolves when the transcript is on disk (fdatasync).
   * @throws RecordsError when it can't be written (full disk, …): nothing of it stays, and the writer takes no more
   */
  appendTranscript(transcript: Transcript): Promise<void>;
  /** Resolves when the ratings are on disk: all of them or, after a crash, none. @throws RecordsError as above */
  appendRatings(ratings: readonly Rating[]): Promise<void>;
  /** Puts another manifest in the old one's place (a rater was added): atomically. */
  replaceManifest(manifest: Manifest): Promise<void>;
  /** Waits for what is being written, brings the index up to date, gives the lock back. */
  close(): Promise<void>;
}
