import { parseTrialKey, type TrialId, type TrialKey } from '../core/index.ts';
import type { RunReader } from '../records/index.ts';
import type { Cell, Tally } from './tally.ts';

/** What the records of a run already hold, as far as going on with it asks: read once, when a session begins. */
export class History {
  readonly #attempts = new Map<TrialKey, number>();
  readonly #errors = new Set<TrialKey>();
  readonly #rated: ReadonlyMap<string, ReadonlySet<TrialKey>>;
  readonly #retryErrors: boolean;

  /**
   * @param raters      whose ratings are asked after
   * @param retryErrors count trials and ratings whose record is an error as missing
   */
  constructor(reader: RunReader, raters: readonly string[], { retryErrors }: { retryErrors: boolean }) {
    this.#retryErrors = retryErrors;
    for (const { key, attempt, status } of reader.trials()) {
      this.#attempts.set(key, attempt);
      if (status === 'error') this.#errors.add(key);
    }
    const accept = retryErrors ? ({ status }: { status: string }) => status !== 'error' : undefined;
    this.#rated = new Map(raters.map((rater) => [rater, reader.ratedKeys(rater, accept)]));
  }

  /** The attempt that eliciting this trial would be; `null` when its transcript is there and stands. */
  attemptFor(key: TrialKey): number | null {
    const attempt = this.#attempts.get(key);
    if (attempt === undefined) return 1;
    return this.#retryErrors && this.#errors.has(key) ? attempt + 1 : null;
  }

  /** Whether there is nothing to rate in the transcript that is there. */
  failed(key: TrialKey): boolean {
    return this.#errors.has(key);
  }

  rated(key: TrialKey, rater: string): boolean {
    return this.#rated.get(rater)?.has(key) ?? false;
  }

  /** Trials that have nothing missing, by these raters. */
  *finished(ratersOf: (trial: TrialId) => readonly string[]): Iterable<TrialId> {
    for (const key of this.#attempts.keys()) {
      const trial = parseTrialKey(key);
      if (this.attemptFor(key) !== null) continue;
      if (this.failed(key) || ratersOf(trial).every((rater) => this.rated(key, rater))) yield trial;
    }
  }
}

/**
 * Puts what earlier sessions recorded into the counts that a run shows as its own. Errors that this session tries again
 * are left to it.
 */
export function countEarlier(
  reader: RunReader,
  tally: Tally,
  { retryErrors }: { retryErrors: boolean },
): void {
  const cellOf = new Map<TrialKey, Cell>();
  for (const { key, stage, eval: name, status } of reader.trials()) {
    const cell = tally.cell(stage, name);
    if (!cell) continue;
    cellOf.set(key, cell);
    if (status === 'error' && !retryErrors) cell.errors++;
    if (status === 'limit') cell.limits++;
  }
  for (const { key, status } of reader.ratingRows()) {
    const cell = cellOf.get(key);
    if (cell && !(status === 'error' && retryErrors)) cell.ratings[status]++;
  }
}
