import type {
  Digest,
  Manifest,
  Rating,
  Transcript,
  TranscriptStatus,
  TrialId,
  TrialKey,
  TrialSign,
} from '../core/index.ts';
import type { LabelFrame } from './label-frame.ts';
import type { Role } from './role.ts';
import type { SampleFile, SampleReader } from './sample-file.ts';
import type { SegmentKind } from './segment.ts';

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
  /** What makes the answer doubtful, as far as code can see. */
  readonly signs: readonly TrialSign[];
}

/** A rating as the index knows it: who rated what, and whether it came to a value. */
export interface RatingRow
  extends Pick<Rating, 'key' | 'measure' | 'rater' | 'raterDigest' | 'attempt' | 'status'> {
  /** As `hasLabelAlone`. */
  readonly labelAlone: boolean;
}

export interface RatingFilter {
  readonly rater?: string;
  readonly measure?: string;
}

/** Of which trials: both absent means all. */
export interface TranscriptFilter {
  readonly stage?: string;
  readonly eval?: string;
}

/** A line of a segment that is not a record any more. */
export interface DamagedLine {
  readonly kind: SegmentKind;
  /** Path of the segment. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** `line feed`: only the mark between two records is damaged, and both are read. */
  readonly what: 'record' | 'line feed';
  /** The trial's key as far as it can be read; it may be wrong. */
  readonly key: TrialKey | null;
}

/** What a run has to ask again because damage took it. Empty where nothing is damaged. */
export interface Losses {
  /** Trials of which a later transcript was lost than the one that is read. A trial whose only one was lost is just absent. */
  readonly transcripts: ReadonlySet<TrialKey>;
  /** By rater: trials of which some of its ratings were lost. */
  readonly ratings: ReadonlyMap<string, ReadonlySet<TrialKey>>;
  /**
   * The highest attempt that was rated, of each trial whose transcript of that attempt is not there. The next attempt must be
   * higher, or these ratings would count for another transcript.
   */
  readonly ratedAttempts: ReadonlyMap<TrialKey, number>;
}

/**
 * Reads a run folder, also one that can't be written to or that a run is still being written into; takes no lock.
 *
 * What counts is the **latest attempt** of every trial. Ratings of earlier attempts, and transcripts that a later attempt
 * replaced, are passed over. Of several ratings with the same key, measure and rater the last one written counts, also
 * when its `raterDigest` differs (the rater was changed, and rated again).
 *
 * A damaged line is left out and named in `damaged`; all others are read.
 *
 * A reader sees what was there when it was opened, or at the last `refresh()`; the reader of a `RunWriter` sees all that
 * this writer has on disk.
 */
export interface RunReader extends Disposable {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Lines that are not records any more, in the order of the files. Damage may be found later, when a record is read. */
  readonly damaged: readonly DamagedLine[];
  losses(): Losses;
  /** Takes in what was written since. */
  refresh(): void;
  /** One row a trial, in the order of their keys. Rows that are not asked for are not read. */
  trials(filter?: TranscriptFilter): Iterable<TrialRow>;
  trial(key: TrialKey): TrialRow | undefined;
  /** The ratings that count, in the order of the files. */
  ratings(filter?: RatingFilter): AsyncIterable<Rating>;
  /** The same in batches of some thousand: for those who read hundreds of thousands. */
  ratingBatches(filter?: RatingFilter): AsyncIterable<readonly Rating[]>;
  /** The ratings that count of some trials, in the order of the files. */
  ratingsOf(...keys: readonly TrialKey[]): Promise<readonly Rating[]>;
  /** The ratings that count, from the index alone, in the order of their keys. */
  ratingRows(filter?: RatingFilter): Iterable<RatingRow>;
  /**
   * The trials that a rater need not rate again: those with a rating by it, all of whose ratings by it are accepted
   * (by default: all are).
   */
  ratedKeys(rater: string, accept?: (row: RatingRow) => boolean): Set<TrialKey>;
  /** How many trials there are: quicker than going through them. */
  countTrials(): number;
  /** How many trials have ratings and no transcript: their transcripts were damaged, or are not in the folder. */
  countRatedAlone(): number;
  transcript(key: TrialKey): Promise<Transcript | undefined>;
  /** Latest attempts, in the order of the files; never more than some megabytes of them in memory at once. */
  transcripts(filter?: TranscriptFilter): AsyncIterable<Transcript>;
  /** The samples of an eval that a run has put, as far as the folder keeps them. */
  samples(evalId: string): Promise<SampleReader>;
  /** What was picked for humans to label. @throws RecordsError naming file and line of a damaged frame */
  labelFrames(): readonly LabelFrame[];
  close(): void;
}

/**
 * Appends to a run folder. Each kind of record belongs to a role, and a role has one owner at a time (`role.ts`). Appends may
 * be made concurrently.
 */
export interface RunWriter extends AsyncDisposable {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly reader: RunReader;
  /** Takes a role, and mends the end of its segment where an owner died. @throws RecordsError naming its live owner */
  claim(role: Role): void;
  /** The same; `false` where somebody else owns the role. */
  tryClaim(role: Role): boolean;
  /** Whether this writer owns the role. */
  holds(role: Role): boolean;
  /** Waits for what the role is writing, and gives the role back. */
  release(role: Role): Promise<void>;
  /**
   * Resolves when the transcript is on disk (fdatasync). Claims `elicit` unless this writer owns it.
   * @throws RecordsError when it can't be written (full disk, …): nothing of it stays, and the writer takes no more
   */
  appendTranscript(transcript: Transcript): Promise<void>;
  /** The same for many at once, which takes less time for each. */
  appendTranscripts(transcripts: readonly Transcript[]): Promise<void>;
  /**
   * Resolves when the ratings are on disk; those of one rater all or, after a crash, none. Claims the raters' roles unless
   * this writer owns them. @throws RecordsError as above
   */
  appendRatings(ratings: readonly Rating[]): Promise<void>;
  /** Adds to the samples of an eval while no other process does: for the parts of a divided run. Waits for its turn. */
  putSamples(evalId: string, put: (file: SampleFile) => Promise<void>): Promise<void>;
  /** The samples of an eval, to add to. Claims `elicit` unless this writer owns it. */
  samples(evalId: string): Promise<SampleFile>;
  /**
   * Changes the manifest: reads it anew, has it changed, and writes it atomically, all under its lock. Where `change`
   * returns what it was given, nothing is written.
   */
  changeManifest(change: (manifest: Manifest) => Manifest): Promise<void>;
  /** Does something that changes the label frames while no other process does. */
  changeFrames<T>(act: () => Promise<T>): Promise<T>;
  /** Waits for what is being written, brings the index up to date, gives all roles back. */
  close(): Promise<void>;
}
