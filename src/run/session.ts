import { ModelError, RecordsError } from '../core/index.ts';
import type { RunWriter } from '../records/index.ts';
import type { Halt } from './halt.ts';
import type { ProgressMeter } from './progress.ts';
import type { Slots } from './slots.ts';
import type { Tally } from './tally.ts';

/**
 * The index of the records is brought up to date after so many trials, or so much time. The longer that is put off, the
 * longer a run that was killed takes to be reopened, and the more there is to do at the end.
 */
const INDEX_EVERY = { trials: 4_000, ms: 30_000 };

/** What the trials of one session share: where they are recorded, what may stop them, and who counts. */
export class Session {
  readonly writer: RunWriter;
  readonly halt: Halt;
  readonly tally: Tally;
  readonly meter: ProgressMeter;
  /** Trials that began and have not ended. Where records or judges are slower than checkpoints, this holds them back. */
  readonly underWay: Slots;
  ended = 0;
  dropped = 0;
  #indexed = { trials: 0, at: performance.now() };

  constructor(parts: { writer: RunWriter; halt: Halt; tally: Tally; meter: ProgressMeter; underWay: Slots }) {
    this.writer = parts.writer;
    this.halt = parts.halt;
    this.tally = parts.tally;
    this.meter = parts.meter;
    this.underWay = parts.underWay;
  }

  /**
   * Begins trials, and waits until all that began have ended.
   *
   * @param begin resolves to whether every trial was begun; what it throws ends the run
   * @returns the same; `false` when it threw
   */
  async run(begin: () => Promise<boolean>): Promise<boolean> {
    let begun = false;
    this.meter.touch();
    try {
      begun = await begin();
    } catch (error) {
      this.halt.fail(error);
    }
    await this.underWay.drained();
    this.meter.end();
    return begun;
  }

  /**
   * Carries one trial to its end, in the background; a slot of `underWay` was taken for it. Never rejects: what the run
   * can't go on with ends the run.
   */
  async carry(trial: () => Promise<void>): Promise<void> {
    try {
      await trial();
      this.ended++;
      this.#index();
    } catch (error) {
      const echo = this.halt.dropped && !(error instanceof RecordsError);
      if (echo || (error instanceof ModelError && error.kind === 'cancelled')) this.dropped++;
      else this.halt.fail(error);
    } finally {
      this.underWay.give();
      this.meter.touch();
    }
  }

  #index(): void {
    const { trials, at } = this.#indexed;
    if (this.ended - trials < INDEX_EVERY.trials && performance.now() - at < INDEX_EVERY.ms) return;
    this.writer.reader.refresh();
    this.#indexed = { trials: this.ended, at: performance.now() };
  }
}
