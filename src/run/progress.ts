import type { RatingStatus } from '../core/index.ts';
import type { CellCounters, Counters, LastError } from './counters.ts';
import type { Outage } from './watched-model.ts';

/** How far a run is. */
export interface Progress {
  /** `stopping`: no new trials begin; `done`: the last event of a session, however it ended. */
  readonly state: 'running' | 'stopping' | 'done';
  /** One per stage and eval, evals in the order of the study and stages in the order of training. */
  readonly cells: readonly ProgressCell[];
  readonly total: ProgressCounts;
  /** Since this session began, in ms. */
  readonly elapsedMs: number;
  /** Endpoints that are down and waited for. */
  readonly waitingFor: readonly Outage[];
  /** Raters that another process rates as: this session waits for it and then does what is left. */
  readonly otherRaters: readonly string[];
  /** The latest failed call of this session, also one that is made again; `null` while none failed. */
  readonly lastError: LastError | null;
}

/** So many of so many. */
interface Done {
  readonly done: number;
  readonly total: number;
}

interface ProgressCell extends ProgressCounts {
  readonly stage: string;
  readonly eval: string;
}

export interface ProgressCounts extends Done {
  /** Of the trials, which are done when they are answered and rated. Those of earlier sessions count. */
  readonly answers: Done;
  /** Of the answers, counted once per rater. */
  readonly rated: Done;
  /** Trials a second over the last half minute; `null` while there is nothing to tell it from. */
  readonly perSecond: number | null;
  /** `null` when the rate is zero or unknown. */
  readonly etaMs: number | null;
  /** Transcripts and ratings in the records, of all sessions. */
  readonly errors: number;
  readonly ratings: Readonly<Record<RatingStatus, number>>;
  /** Spent by this session, raters included. `usd` is `null` where no price is known. */
  readonly tokens: { readonly input: number; readonly output: number };
  readonly usd: number | null;
}

const INTERVAL_MS = 100;
const WINDOW_MS = 30_000;
const SNAPSHOT_MS = 1_000;

interface ProgressMeterOptions {
  readonly priced: boolean;
  readonly outages: () => readonly Outage[];
  readonly lastRetry: () => LastError | null;
  readonly otherRaters: () => readonly string[];
  readonly state: () => 'running' | 'stopping';
  readonly now?: () => number;
}

/** Turns counters into progress events: at once when something happens, then at most ten a second. */
export class ProgressMeter {
  readonly #counters: Counters;
  readonly #listener: ((progress: Progress) => void) | undefined;
  readonly #options: ProgressMeterOptions;
  readonly #now: () => number;
  readonly #began: number;
  /** Counts of done trials a second apart, the oldest first. */
  readonly #snapshots: { readonly at: number; readonly done: readonly number[] }[] = [];
  #last = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    counters: Counters,
    listener: ((progress: Progress) => void) | undefined,
    options: ProgressMeterOptions,
  ) {
    this.#counters = counters;
    this.#listener = listener;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#began = this.#now();
    this.#snapshot(this.#began);
  }

  get elapsedMs(): number {
    return this.#now() - this.#began;
  }

  /** Something has happened. Cheap: it is called for every record. */
  touch(): void {
    if (this.#timer !== undefined || !this.#listener) return;
    const wait = this.#last + INTERVAL_MS - this.#now();
    if (wait <= 0) this.#emit(this.#options.state());
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#emit(this.#options.state());
      }, wait);
  }

  /** The last event. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#emit('done');
  }

  #emit(state: Progress['state']): void {
    if (!this.#listener) return;
    const now = this.#now();
    this.#last = now;
    const newest = this.#snapshots.at(-1)!;
    if (now - newest.at >= SNAPSHOT_MS) this.#snapshot(now);
    this.#listener(this.#progress(state, now));
  }

  #snapshot(at: number): void {
    this.#snapshots.push({ at, done: this.#counters.cells.map((cell) => cell.done) });
    // One is kept from before the window, so that the window is always spanned.
    while (this.#snapshots.length > 2 && this.#snapshots[1]!.at <= at - WINDOW_MS) this.#snapshots.shift();
  }

  #progress(state: Progress['state'], now: number): Progress {
    const { cells } = this.#counters;
    const oldest = this.#snapshots[0]!;
    const seconds = (now - oldest.at) / 1000;
    const priced = this.#options.priced;
    const counted = cells.map((cell, index) => ({
      stage: cell.stage,
      eval: cell.eval,
      ...countsOf([cell], cell.done - oldest.done[index]!, seconds, priced),
    }));
    const before = oldest.done.reduce((sum, done) => sum + done, 0);
    const done = this.#counters.sum((cell) => cell.done);
    return {
      state,
      cells: counted,
      total: countsOf(cells, done - before, seconds, priced),
      elapsedMs: now - this.#began,
      waitingFor: this.#options.outages(),
      otherRaters: this.#options.otherRaters(),
      lastError: latest(this.#counters.lastError, this.#options.lastRetry()),
    };
  }
}

function latest(a: LastError | null, b: LastError | null): LastError | null {
  return a !== null && b !== null ? (a.at > b.at ? a : b) : (a ?? b);
}

/** @param lately trials ended in the last `seconds` */
function countsOf(
  cells: readonly CellCounters[],
  lately: number,
  seconds: number,
  priced: boolean,
): ProgressCounts {
  const sum = (count: (cell: CellCounters) => number) =>
    cells.reduce((total, cell) => total + count(cell), 0);
  const total = sum((cell) => cell.total);
  const done = sum((cell) => cell.skipped + cell.done);
  const perSecond = seconds > 0 ? lately / seconds : null;
  return {
    total,
    done,
    answers: { done: sum((cell) => cell.answered), total },
    rated: {
      done: sum((cell) => cell.rated),
      // An answer that is an error has nothing to rate.
      total: sum((cell) => (cell.total - cell.errors) * cell.raters),
    },
    perSecond,
    etaMs: perSecond ? ((total - done) / perSecond) * 1000 : null,
    errors: sum((cell) => cell.errors),
    ratings: {
      rated: sum((cell) => cell.ratings.rated),
      unparsed: sum((cell) => cell.ratings.unparsed),
      refused: sum((cell) => cell.ratings.refused),
      error: sum((cell) => cell.ratings.error),
    },
    tokens: { input: sum((cell) => cell.inputTokens), output: sum((cell) => cell.outputTokens) },
    usd: priced ? sum((cell) => cell.usd) : null,
  };
}
