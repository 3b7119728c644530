import type { RatingStatus, TranscriptStatus, TrialId, TrialKey } from '../core/index.ts';
import type { RatingRow, RunReader } from '../records/index.ts';
import { noRatings, type Tally } from './tally.ts';

/** A trial whose transcript is in the records. */
interface Recorded extends TrialId {
  readonly attempt: number;
  readonly status: TranscriptStatus;
}

/**
 * What the records of a run already hold, as far as going on with it asks. Read once, when a session begins, and in one
 * pass each over the trials and the ratings of the index: a run is reopened as fast as that.
 */
export class History {
  readonly #trials = new Map<TrialKey, Recorded>();
  /** By rater: the trials that it need not rate again. */
  readonly #rated: ReadonlyMap<string, Set<Recorded>>;
  /** Ratings in the records, by stage and eval. */
  readonly #ratings = new Map<string, Record<RatingStatus, number>>();
  readonly #retryErrors: boolean;

  /**
   * @param raters      whose ratings are asked after
   * @param retryErrors count trials and ratings whose record is an error as missing
   */
  constructor(reader: RunReader, raters: readonly string[], { retryErrors }: { retryErrors: boolean }) {
    this.#retryErrors = retryErrors;
    this.#rated = new Map(raters.map((rater) => [rater, new Set()]));
    for (const { key, stage, eval: name, sample, epoch, attempt, status } of reader.trials()) {
      this.#trials.set(key, { stage, eval: name, sample, epoch, attempt, status });
    }
    this.#takeRatings(reader.ratingRows());
  }

  #takeRatings(rows: Iterable<RatingRow>): void {
    const failed: [rater: string, trial: Recorded][] = [];
    for (const { key, rater, status } of rows) {
      const trial = this.#trials.get(key);
      if (!trial) continue;
      const wrong = status === 'error' && this.#retryErrors;
      if (wrong) failed.push([rater, trial]);
      else {
        this.#rated.get(rater)?.add(trial);
        this.#countOf(trial)[status]++;
      }
    }
    // Of several measures one failed: the rater is asked for all of them again.
    for (const [rater, trial] of failed) this.#rated.get(rater)?.delete(trial);
  }

  #countOf({ stage, eval: name }: TrialId): Record<RatingStatus, number> {
    const cell = `${stage}/${name}`;
    let counts = this.#ratings.get(cell);
    if (!counts) {
      counts = noRatings();
      this.#ratings.set(cell, counts);
    }
    return counts;
  }

  /** The attempt that eliciting this trial would be; `null` when its transcript is there and stands. */
  attemptFor(key: TrialKey): number | null {
    const trial = this.#trials.get(key);
    if (!trial) return 1;
    return this.#isRetried(trial) ? trial.attempt + 1 : null;
  }

  /** Whether there is nothing to rate in the transcript that is there. */
  failed(key: TrialKey): boolean {
    return this.#trials.get(key)?.status === 'error';
  }

  rated(key: TrialKey, rater: string): boolean {
    const trial = this.#trials.get(key);
    return trial !== undefined && (this.#rated.get(rater)?.has(trial) ?? false);
  }

  /** Trials with a transcript that can be rated. */
  *ratable(): Iterable<TrialId> {
    for (const trial of this.#trials.values()) if (trial.status !== 'error') yield trial;
  }

  /**
   * The trials that have nothing missing.
   *
   * @param ratersOf by eval: whose ratings a trial must have that can be rated
   */
  *finished(ratersOf: ReadonlyMap<string, readonly string[]>): Iterable<Readonly<Recorded>> {
    for (const trial of this.#trials.values()) {
      if (this.#isRetried(trial)) continue;
      const raters = trial.status === 'error' ? [] : (ratersOf.get(trial.eval) ?? []);
      if (raters.every((rater) => this.#rated.get(rater)?.has(trial))) yield trial;
    }
  }

  /**
   * Puts what earlier sessions recorded into the counts that a run shows as its own. Errors that this session tries again
   * are left to it.
   */
  countInto(tally: Tally): void {
    for (const trial of this.#trials.values()) {
      const cell = tally.cell(trial.stage, trial.eval);
      if (!cell || this.#isRetried(trial)) continue;
      if (trial.status === 'error') cell.errors++;
      if (trial.status === 'limit') cell.limits++;
    }
    for (const cell of tally.cells)
      Object.assign(cell.ratings, this.#ratings.get(`${cell.stage}/${cell.eval}`));
  }

  #isRetried({ status }: Recorded): boolean {
    return status === 'error' && this.#retryErrors;
  }
}
