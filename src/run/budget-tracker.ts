import type { StoppedBy } from './stop-control.ts';

/** The most that a run may spend, in all its sessions together. */
export interface Limits {
  readonly tokens?: number;
  readonly usd?: number;
}

export interface Spent {
  readonly tokens: number;
  readonly usd: number;
}

/** Sums of many small amounts of money are off in their last digits. */
const ROUNDING = 1 + 1e-9;

/**
 * Decides whether more trials may begin under a budget of tokens and dollars.
 *
 * Trials under way have not been paid for yet, so each counts as what a trial has cost on average. Near the end of its
 * budget a run waits for those under way instead of beginning trials that it cannot afford. It spends more than the
 * budget at most by what the trials under way cost more than the average.
 */
export class BudgetTracker {
  readonly #limits: Limits;
  readonly #earlier: Spent;
  readonly #estimate: Spent;
  readonly #spent: () => Spent;

  /**
   * @param earlier  what earlier sessions of this run have spent
   * @param estimate what the plan expects a trial to cost with all its ratings; used until this session ended a trial
   * @param spent    what this session has spent so far
   */
  constructor(
    limits: Limits,
    { earlier, estimate, spent }: { earlier: Spent; estimate: Spent; spent: () => Spent },
  ) {
    this.#limits = limits;
    this.#earlier = earlier;
    this.#estimate = estimate;
    this.#spent = spent;
  }

  /**
   * @param underWay trials that began and have not ended
   * @param ended    trials that this session has ended
   * @param wanted   trials that would begin together: those of one sample, so that a run ends with whole samples
   * @returns whether to begin, to ask again when a trial has ended, or what the run is stopped by
   */
  ask(underWay: number, ended: number, wanted = 1): 'begin' | 'wait' | StoppedBy {
    const now = this.#spent();
    for (const unit of ['tokens', 'usd'] as const) {
      const limit = this.#limits[unit];
      if (limit === undefined) continue;
      const spent = this.#earlier[unit] + now[unit];
      if (spent >= limit) return unit;
      // What trials under way have paid already counts among those that ended: the average errs upwards.
      const each = ended > 0 ? now[unit] / ended : this.#estimate[unit];
      if (spent + each * (underWay + wanted) <= limit * ROUNDING) continue;
      return underWay > 0 ? 'wait' : unit;
    }
    return 'begin';
  }
}
