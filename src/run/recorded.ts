import { isRedone, type Redo } from '../checkpoints/index.ts';
import {
  type Digest,
  hasNoAnswer,
  type RatingStatus,
  type TranscriptStatus,
  type TrialId,
  type TrialKey,
} from '../core/index.ts';
import { type RatingRow, type RunReader, type Shard, shardOf } from '../records/index.ts';
import { type Counters, noRatings } from './counters.ts';
import type { SampleRef } from './sample-order.ts';

/** A trial whose transcript is in the records. */
interface RecordedTrial extends TrialId {
  readonly cluster: string;
  readonly attempt: number;
  readonly status: TranscriptStatus;
  /** As in `TrialRow`. */
  readonly served: string | null;
  /** Whether it is asked again. */
  readonly again: boolean;
}

interface RecordedOptions {
  /** Counts trials and ratings whose record is an error as missing. */
  readonly retryErrors: boolean;
  /** Counts these trials as missing. */
  readonly redo?: Redo | null;
  /** The digest of each stage's sampling as it is now: an error that came of another one is missing. */
  readonly samplingOf?: ReadonlyMap<string, Digest>;
  /** The digests of each rule as it is now: a rating by an earlier version of the rule is missing. */
  readonly rulesOf?: ReadonlyMap<string, ReadonlySet<Digest>>;
  /** The measures that matter; absent: all of them. */
  readonly measures?: ReadonlySet<string>;
  /** The part of the run that matters; absent: all of it. */
  readonly shard?: Shard | null;
}

/**
 * What the records of a run held when it was read: enough to tell what is missing. What damage took counts as missing. It
 * takes one pass over the trials of the index and one over its ratings.
 */
export class Recorded {
  readonly #trials = new Map<TrialKey, RecordedTrial>();
  /** By rater: the trials that it need not rate again. */
  readonly #rated: ReadonlyMap<string, Set<RecordedTrial>>;
  /** Ratings in the records by stage, eval and rater. */
  readonly #ratings = new Map<string, Map<string, Record<RatingStatus, number>>>();
  /** The highest attempt that was rated, where the transcript of that attempt was lost. */
  readonly #ratedAttempts: ReadonlyMap<TrialKey, number>;
  readonly #retryErrors: boolean;

  /**
   * @param raters whose ratings matter
   */
  constructor(
    reader: RunReader,
    raters: readonly string[],
    { retryErrors, redo = null, samplingOf, rulesOf, measures, shard = null }: RecordedOptions,
  ) {
    this.#retryErrors = retryErrors;
    this.#rated = new Map(raters.map((rater) => [rater, new Set()]));
    const losses = reader.losses();
    this.#ratedAttempts = losses.ratedAttempts;
    for (const row of reader.trials()) {
      const { key, stage, eval: name, sample, epoch, cluster, attempt, status, served } = row;
      const { samplingDigest: digest } = row;
      if (shard !== null && shardOf(name, sample, shard.of) !== shard.k) continue;
      const again =
        (status === 'error' && (retryErrors || (samplingOf?.get(stage) ?? digest) !== digest)) ||
        (redo !== null && isRedone(redo, row)) ||
        losses.transcripts.has(key);
      this.#trials.set(key, { stage, eval: name, sample, epoch, cluster, attempt, status, served, again });
    }
    this.#readRatings(reader.ratingRows(), { rulesOf, measures });
    for (const [rater, keys] of losses.ratings) {
      for (const key of keys) {
        const trial = this.#trials.get(key);
        if (trial) this.#rated.get(rater)?.delete(trial);
      }
    }
  }

  #readRatings(
    rows: Iterable<RatingRow>,
    { rulesOf, measures }: { [Key in 'rulesOf' | 'measures']: RecordedOptions[Key] | undefined },
  ): void {
    const failed: [rater: string, trial: RecordedTrial][] = [];
    for (const { key, rater, raterDigest, status, measure } of rows) {
      if (measures?.has(measure) === false) continue;
      const trial = this.#trials.get(key);
      if (!trial) continue;
      const outdated = rulesOf?.get(rater)?.has(raterDigest) === false;
      if (outdated || (status === 'error' && this.#retryErrors)) failed.push([rater, trial]);
      else {
        this.#rated.get(rater)?.add(trial);
        this.#countsOf(trial, rater)[status]++;
      }
    }
    // Where one of several measures failed or is outdated, the rater is asked for all of them again.
    for (const [rater, trial] of failed) this.#rated.get(rater)?.delete(trial);
  }

  #countsOf({ stage, eval: name }: TrialId, rater: string): Record<RatingStatus, number> {
    const cell = `${stage}/${name}`;
    const byRater = this.#ratings.get(cell) ?? new Map<string, Record<RatingStatus, number>>();
    this.#ratings.set(cell, byRater);
    const counts = byRater.get(rater) ?? noRatings();
    byRater.set(rater, counts);
    return counts;
  }

  /** Whether no trial has a transcript yet. */
  get isEmpty(): boolean {
    return this.#trials.size === 0;
  }

  has(key: TrialKey): boolean {
    return this.#trials.has(key);
  }

  /** The attempt that eliciting this trial would be; `null` when its transcript is there and stands. */
  attemptFor(key: TrialKey): number | null {
    const trial = this.#trials.get(key);
    if (trial && !trial.again) return null;
    // Ratings of a transcript that was lost must not count for the new one.
    return Math.max(trial?.attempt ?? 0, this.#ratedAttempts.get(key) ?? 0) + 1;
  }

  /** The trials whose transcript stands, so that they are not asked again. */
  standing(): readonly RecordedTrial[] {
    return [...this.#trials.values()].filter(({ again }) => !again);
  }

  /** Whether there is a transcript, and anything in it to rate. */
  isRatable(key: TrialKey): boolean {
    const trial = this.#trials.get(key);
    return trial !== undefined && !hasNoAnswer(trial.status);
  }

  /** Whether the rater has rated any trial. */
  hasRatingsBy(rater: string): boolean {
    return (this.#rated.get(rater)?.size ?? 0) > 0;
  }

  isRated(key: TrialKey, rater: string): boolean {
    const trial = this.#trials.get(key);
    return trial !== undefined && (this.#rated.get(rater)?.has(trial) ?? false);
  }

  /** Trials with a transcript that can be rated. */
  *ratable(): Iterable<TrialId & SampleRef & { readonly status: TranscriptStatus }> {
    for (const trial of this.#trials.values()) {
      if (!hasNoAnswer(trial.status)) yield { ...trial, id: trial.sample };
    }
  }

  /**
   * The trials that have nothing missing.
   *
   * @param ratersOf by eval: whose ratings a trial must have that can be rated
   */
  *finished(ratersOf: ReadonlyMap<string, readonly string[]>): Iterable<Readonly<RecordedTrial>> {
    for (const trial of this.#trials.values()) {
      if (trial.again) continue;
      const raters = hasNoAnswer(trial.status) ? [] : (ratersOf.get(trial.eval) ?? []);
      if (raters.every((rater) => this.#rated.get(rater)?.has(trial))) yield trial;
    }
  }

  /**
   * Adds what earlier sessions recorded to the counts that a run shows. Trials that this session asks again are left out.
   *
   * @param errors whether trials that have nothing to rate are counted
   */
  countInto(counters: Counters, { errors }: { readonly errors: boolean }): void {
    for (const trial of this.#trials.values()) {
      const cell = counters.cell(trial);
      if (!cell || trial.again || (trial.status === 'error' && !errors)) continue;
      cell.answered++;
      if (trial.status === 'error') cell.errors++;
      if (trial.status === 'limit') cell.limits++;
    }
    this.countRatingsInto(counters);
  }

  /** Adds only what the raters recorded. */
  countRatingsInto(counters: Counters): void {
    for (const trials of this.#rated.values()) {
      for (const trial of trials) {
        const cell = counters.cell(trial);
        if (cell) cell.rated++;
      }
    }
    for (const cell of counters.cells) {
      for (const [rater, counts] of this.#ratings.get(`${cell.stage}/${cell.eval}`) ?? []) {
        if (!this.#rated.has(rater)) continue;
        addRatings(cell.ratings, counts);
        addRatings(counters.ofRater(rater), counts);
      }
    }
  }
}

function addRatings(to: Record<RatingStatus, number>, counts: Readonly<Record<RatingStatus, number>>): void {
  for (const status of Object.keys(counts) as RatingStatus[]) to[status] += counts[status];
}
