import { ModelError, RecordsError, type Transcript, type TrialId } from '../core/index.ts';
import type { BudgetTracker } from './budget-tracker.ts';
import { elicit, rate, type WorkerDeps } from './do-job.ts';
import type { ElicitJob, Job, RateJob } from './jobs.ts';
import type { ProgressMeter } from './progress.ts';
import { Semaphore } from './semaphore.ts';

/**
 * The index of the records is brought up to date after so many trials, or so much time. The longer it waits, the longer a run
 * that was killed takes to be reopened, and the more there is to do at the end. In a large run it waits until the run has grown
 * by half: trials come in no order of their keys, so each time changes most of the index.
 */
const INDEX_EVERY = { trials: 4_000, growth: 0.5, ms: 30_000 };

/** The jobs of one trial. */
interface TrialJobs {
  readonly id: TrialId;
  elicit?: ElicitJob;
  readonly rate: RateJob[];
}

/** How a session ended. */
export interface SessionResult {
  /** Trials whose jobs were all done. */
  readonly ended: number;
  /** Trials that were under way when the run was aborted. */
  readonly dropped: number;
  /** Whether every job was begun. */
  readonly begun: boolean;
}

/**
 * Does jobs, many at once: within the concurrency of each endpoint, within the budget, until they are done or the run is
 * stopped.
 *
 * The trials of a sample begin together where the budget allows for all of them. A slow stage holds the fast ones back for
 * that. It costs no time in the end, since a run cannot end before its slowest stage does.
 */
export class Scheduler {
  readonly #deps: WorkerDeps;
  readonly #budget: BudgetTracker;
  readonly #meter: ProgressMeter;
  /** Bounds the trials that began and have not ended: holds checkpoints back where records or judges are slower. */
  readonly #underWay: Semaphore;
  /** Whether this process keeps the index up to date. Parts of a run share one, and would wait for each other. */
  readonly #indexes: boolean;
  #ended = 0;
  #dropped = 0;
  #indexed = { trials: 0, at: performance.now() };

  constructor(
    deps: Omit<WorkerDeps, 'onModelFree'>,
    {
      budget,
      meter,
      atOnce,
      indexes,
    }: { budget: BudgetTracker; meter: ProgressMeter; atOnce: number; indexes: boolean },
  ) {
    this.#deps = { ...deps, onModelFree: (job) => this.#semaphoreOf(job)?.release() };
    this.#budget = budget;
    this.#meter = meter;
    this.#underWay = new Semaphore(atOnce);
    this.#indexes = indexes;
  }

  /**
   * Begins jobs, and waits for all that began. What cannot be gone on with is in `control.failure`.
   *
   * @param work calls `begin`, as often as it likes; resolves to whether every job was begun
   */
  async run(work: () => Promise<boolean>): Promise<SessionResult> {
    let begun = false;
    this.#meter.touch();
    try {
      begun = await work();
    } catch (error) {
      this.#deps.control.fail(error);
    }
    await this.idle();
    this.#meter.end();
    return { ended: this.#ended, dropped: this.#dropped, begun };
  }

  /**
   * Begins these jobs, one sample after the other.
   *
   * @param samples the jobs of each sample
   * @param counts whether their trials count as done when they end
   * @returns whether every job was begun: `false` when the run was stopped first
   */
  async begin(samples: Iterable<readonly Job[]>, { counts = true } = {}): Promise<boolean> {
    for (const jobs of samples) {
      const trials = byTrial(jobs);
      if (!(await this.#isAffordable(trials.length))) return false;
      for (const trial of trials) {
        if (!(await this.#begin(trial))) return false;
        void this.#carry(trial, counts);
      }
    }
    return true;
  }

  /** Resolves when no job is under way. */
  idle(): Promise<void> {
    return this.#underWay.idle();
  }

  /** Waits until the budget allows for so many more trials. @returns `false` when the run stops instead */
  async #isAffordable(trials: number): Promise<boolean> {
    const { control } = this.#deps;
    for (;;) {
      if (control.stopping) return false;
      const answer = this.#budget.ask(this.#underWay.held, this.#ended, trials);
      if (answer === 'begin') return true;
      if (answer === 'wait') await this.#underWay.released();
      else control.stop(answer);
    }
  }

  /** Waits until this trial may begin, and takes its permits. @returns `false` when the run stops instead */
  async #begin(trial: TrialJobs): Promise<boolean> {
    const stage = trial.elicit && this.#semaphoreOf(trial.elicit);
    for (const semaphore of [stage, this.#underWay]) {
      const wait = semaphore?.acquire();
      if (wait) await wait;
    }
    if (!this.#deps.control.stopping) return true;
    stage?.release();
    this.#underWay.release();
    return false;
  }

  /** Does the jobs of one trial. Never rejects: what the run cannot go on with ends the run. */
  async #carry(trial: TrialJobs, counts: boolean): Promise<void> {
    const { control, counters } = this.#deps;
    try {
      const transcript = trial.elicit && (await elicit(trial.elicit, this.#deps));
      this.#meter.touch();
      const [only] = trial.rate;
      await (trial.rate.length === 1 ? this.#rate(only!, transcript) : this.#rateAll(trial.rate, transcript));
      if (counts) {
        counters.cell(trial.id)!.done++;
        this.#ended++;
      }
      this.#updateIndex();
    } catch (error) {
      const isEffect = control.aborted && !(error instanceof RecordsError);
      if (isEffect || (error instanceof ModelError && error.kind === 'cancelled')) this.#dropped++;
      else control.fail(error);
    } finally {
      this.#underWay.release();
      this.#meter.touch();
    }
  }

  /** All raters at once; resolves when all have ended, rejects as the first that failed did. */
  async #rateAll(jobs: readonly RateJob[], transcript: Transcript | undefined): Promise<void> {
    // All are waited for: a trial must not count as ended while one of its raters still writes.
    const results = await Promise.allSettled(jobs.map((job) => this.#rate(job, transcript)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #rate(job: RateJob, transcript: Transcript | undefined): Promise<void> {
    const wait = this.#semaphoreOf(job)?.acquire();
    if (wait) await wait;
    await rate(job, this.#deps, transcript);
    this.#meter.touch();
  }

  #semaphoreOf(job: Job): Semaphore | null {
    const { stages, raters } = this.#deps;
    return job.kind === 'elicit' ? stages.get(job.trial.stage)!.semaphore : raters.get(job.rater)!.semaphore;
  }

  #updateIndex(): void {
    if (!this.#indexes) return;
    const { trials, at } = this.#indexed;
    const enough = Math.max(INDEX_EVERY.trials, INDEX_EVERY.growth * trials);
    if (this.#ended - trials < enough && performance.now() - at < INDEX_EVERY.ms) return;
    this.#deps.writer.reader.refresh();
    this.#indexed = { trials: this.#ended, at: performance.now() };
  }
}

/** The jobs of one sample by trial, in the order of the trials. There are few, and each job has its trial's own object. */
function byTrial(jobs: readonly Job[]): TrialJobs[] {
  const trials: TrialJobs[] = [];
  for (const job of jobs) {
    const known = trials.find(({ id }) => id === job.trial);
    const trial: TrialJobs = known ?? { id: job.trial, rate: [] };
    if (known === undefined) trials.push(trial);
    if (job.kind === 'elicit') trial.elicit = job;
    else trial.rate.push(job);
  }
  return trials;
}
