import type { Rating, RatingStatus, Transcript, TrialId, Usage } from '../core/index.ts';
import { costOf, type Price } from '../models/index.ts';

/** The counts of one stage on one eval. */
export interface CellCounters {
  readonly stage: string;
  readonly eval: string;
  /** Trials planned. */
  readonly total: number;
  /** Trials that earlier sessions left nothing to do for. */
  skipped: number;
  /** Trials that this session ended: elicited, or rated where only ratings were missing. */
  done: number;
  /** Transcripts in the records, of all sessions. */
  errors: number;
  limits: number;
  /** Ratings in the records, of all sessions. */
  readonly ratings: Record<RatingStatus, number>;
  /** Spent by this session, raters included. */
  inputTokens: number;
  outputTokens: number;
  usd: number;
}

/** Trials that failed alike. */
export interface Failure {
  /** Of whose checkpoint. */
  readonly stage: string;
  readonly kind: NonNullable<Transcript['error']>['kind'];
  /** HTTP's, where there is one. */
  readonly status: number | null;
  readonly count: number;
  /** Of the first of them. */
  readonly message: string;
}

/** Counts everything that a run does, by stage and eval; the one source of its progress, its summary and its budget. */
export class Counters {
  readonly cells: readonly CellCounters[];
  /** This session's. */
  readonly session = { errors: 0, ratings: noRatings(), inputTokens: 0, outputTokens: 0, usd: 0 };
  /** Calls whose provider did not say how many tokens they took. */
  unmeasured = 0;
  /** Tokens whose price nobody gave. */
  unpriced = 0;
  readonly #failures = new Map<string, Failure>();
  readonly #byName: ReadonlyMap<string, CellCounters>;

  /** @param cells in the order they are shown in */
  constructor(cells: readonly { readonly stage: string; readonly eval: string; readonly total: number }[]) {
    this.cells = cells.map(({ stage, eval: name, total }) => ({
      stage,
      eval: name,
      total,
      skipped: 0,
      done: 0,
      errors: 0,
      limits: 0,
      ratings: noRatings(),
      inputTokens: 0,
      outputTokens: 0,
      usd: 0,
    }));
    this.#byName = new Map(this.cells.map((cell) => [`${cell.stage}/${cell.eval}`, cell]));
  }

  /** `undefined` for a stage or eval that the run does not have. */
  cell({ stage, eval: name }: Pick<TrialId, 'stage' | 'eval'>): CellCounters | undefined {
    return this.#byName.get(`${stage}/${name}`);
  }

  /** A transcript that this session recorded. */
  transcript(
    cell: CellCounters,
    { status, usage, error }: Pick<Transcript, 'status' | 'usage' | 'error'>,
    price: Price | null,
  ): void {
    if (status === 'error') {
      cell.errors++;
      this.session.errors++;
      this.#note(cell.stage, error);
      // A call that failed took no tokens that anybody could have counted.
      if (usage.inputTokens === null && usage.outputTokens === null) return;
    }
    if (status === 'limit') cell.limits++;
    this.#spend(cell, usage, price);
  }

  /** What made this session's trials fail, the commonest first, with the words of the first of each kind and stage. */
  get failures(): readonly Failure[] {
    return [...this.#failures.values()].sort((a, b) => b.count - a.count);
  }

  #note(stage: string, error: Transcript['error']): void {
    if (error === undefined) return;
    const { kind, status } = error;
    const name = `${stage} ${kind} ${status ?? ''}`;
    const known = this.#failures.get(name) ?? {
      stage,
      kind,
      status: status ?? null,
      count: 0,
      message: error.message,
    };
    this.#failures.set(name, { ...known, count: known.count + 1 });
  }

  /** Ratings that this session recorded. */
  ratings(cell: CellCounters, ratings: readonly Rating[], price: Price | null): void {
    for (const { status, usage } of ratings) {
      cell.ratings[status]++;
      this.session.ratings[status]++;
      if (usage) this.#spend(cell, usage, price);
    }
  }

  #spend(cell: CellCounters, usage: Usage, price: Price | null): void {
    const input = usage.inputTokens ?? 0;
    const output = usage.outputTokens ?? 0;
    if (usage.inputTokens === null || usage.outputTokens === null) this.unmeasured++;
    const usd = price ? costOf(usage, price) : 0;
    if (!price) this.unpriced += input + output;
    for (const count of [cell, this.session]) {
      count.inputTokens += input;
      count.outputTokens += output;
      count.usd += usd;
    }
  }

  sum(count: (cell: CellCounters) => number): number {
    return this.cells.reduce((total, cell) => total + count(cell), 0);
  }
}

export function noRatings(): Record<RatingStatus, number> {
  return { rated: 0, unparsed: 0, refused: 0, error: 0 };
}
