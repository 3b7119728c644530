import { type Redo, requireRedone } from '../checkpoints/index.ts';
import { hasNoAnswer, type Sandboxes } from '../core/index.ts';
import { SharedRatings } from '../raters/index.ts';
import { openRun, type RunReader, type RunWriter, roleOf, type Shard } from '../records/index.ts';
import type { Budget, EvalEntry } from '../study/index.ts';
import { BudgetTracker, type Spent } from './budget-tracker.ts';
import { Counters } from './counters.ts';
import { Elicitor } from './elicit-trial.ts';
import { type FirstAnswer, FirstAnswers } from './first-answers.ts';
import { type EvalJobs, type JobPlan, missingJobs } from './jobs.ts';
import { type Progress, ProgressMeter } from './progress.ts';
import { Recorded } from './recorded.ts';
import type { Samples } from './samples.ts';
import { Scheduler } from './scheduler.ts';
import { spentEarlier } from './spent-earlier.ts';
import { type Asking, StageGroups } from './stage-groups.ts';
import type { StopControl } from './stop-control.ts';
import { type RunSummary, summaryOf } from './summary.ts';
import type { OutagePolicy } from './watched-model.ts';
import type { RaterWorker, StageWorker, Workers } from './workers.ts';
import { ratersOf } from './workers.ts';

export interface SessionOptions {
  /** Stops gently: no new trials, those under way are finished and recorded. */
  readonly stop?: AbortSignal;
  /** Stops at once: trials under way leave no record and will run again. */
  readonly abort?: AbortSignal;
  /** Stops gently, because every headline has a verdict. */
  readonly decided?: AbortSignal;
  /** At most ten times a second, and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  /** Tries again the trials and ratings whose record is an error; a trial's attempt then counts one up. */
  readonly retryErrors?: boolean;
  /** When an endpoint counts as down, and how long it is waited for. */
  readonly outage?: Partial<OutagePolicy>;
  /** Recorded trials that are asked again: their attempt counts one up, and nothing is deleted. */
  readonly redo?: Redo | null;
  /** The first answer of each stage and each judge to each eval. */
  readonly onFirst?: (first: FirstAnswer) => void;
  /** What a reader should know while the run goes on, a sentence each. */
  readonly onWarning?: (warning: string) => void;
}

/** All that a session of a run works with. */
interface Session {
  readonly writer: RunWriter;
  readonly control: StopControl;
  readonly workers: Workers;
  readonly entries: readonly EvalEntry[];
  readonly raters: readonly RaterWorker[];
  /** `null` where no checkpoint is asked and only recorded transcripts are rated. */
  readonly elicits:
    | ({
        readonly stages: readonly StageWorker[];
        readonly samples: Samples;
        readonly sandboxes: Sandboxes;
        /** What a trial is expected to cost, its ratings included. */
        readonly costPerTrial: Spent;
      } & Asking)
    | null;
  readonly budget: Budget;
  /** The part of the run that this process does; `null`: all of it. */
  readonly shard: Shard | null;
}

/** Trials under way beside those that checkpoints answer: answered ones that are being written and rated. */
const ANSWERED = 128;

/** Does all jobs that the records lack, as far as budget and signals allow. */
export async function runSession(session: Session, options: SessionOptions): Promise<RunSummary> {
  const { writer, control, workers, elicits, raters, budget } = session;
  const stages = elicits?.stages ?? [];
  const { redo = null, retryErrors = false } = options;
  const [held, others] = claimRaters(session);
  const recorded = new Recorded(writer.reader, idsOf(held), {
    retryErrors,
    redo,
    samplingOf: new Map(stages.map(({ id, samplingDigest }) => [id, samplingDigest])),
    rulesOf: rulesOf(session),
    shard: session.shard,
  });
  if (redo !== null) requireRedone(redo, writer.reader.trials());
  const plan = jobPlan(session, held, recorded);
  const groups = new StageGroups(elicits, plan, recorded, control);
  await groups.enter(groups.plans[0]!);
  const counters = countersOf(plan, recorded);
  let leftTo: readonly RaterWorker[] = [];
  if (budget.tokens !== undefined || budget.usd !== undefined) {
    counters.onUnmeasured = (stage) =>
      options.onWarning?.(
        `the server of the stage "${stage}" does not say how many tokens an answer took: for the budget they are estimated by its length`,
      );
  }
  const meter = new ProgressMeter(counters, options.onProgress, {
    priced: workers.priced,
    outages: () => workers.outages,
    lastRetry: () => workers.lastRetry,
    otherRaters: () => idsOf(leftTo),
    state: () => (control.stopping ? 'stopping' : 'running'),
  });
  workers.onRetry = () => meter.touch();
  const tracker = new BudgetTracker(budget, {
    earlier: await spentEarlier(
      writer.reader,
      budget,
      {
        stages: new Map(stages.map(({ id, price }) => [id, price])),
        raters: new Map(raters.map(({ id, price }) => [id, price])),
      },
      session.shard,
    ),
    estimate: elicits?.costPerTrial ?? { tokens: 0, usd: 0 },
    spent: () => ({
      tokens: counters.session.inputTokens + counters.session.outputTokens,
      usd: counters.session.usd,
    }),
  });
  using before = new RecordsBefore(writer.folder);
  const scheduler = new Scheduler(
    {
      writer,
      transcript: async (key) => (await before.reader()).transcript(key),
      shared: new SharedRatings(() => before.reader()),
      evals: byId(session.entries),
      stages: byId(stages),
      raters: byId(raters),
      elicitor: elicits && new Elicitor(elicits),
      guard: elicits && groups.guard,
      control,
      counters,
      first: new FirstAnswers(options.onFirst),
    },
    { budget: tracker, meter, atOnce: atOnce(session) },
  );
  const clock =
    budget.wallMs === undefined ? undefined : setTimeout(() => control.close('wall'), budget.wallMs);
  const result = await scheduler.run(async () => {
    for (const group of groups.plans) {
      if (group !== groups.plans[0]) {
        await scheduler.idle();
        await groups.enter(group);
      }
      if (!(await scheduler.begin(missingJobs(group, recorded)))) return false;
    }
    for (leftTo = others; leftTo.length > 0; ) {
      await scheduler.idle();
      const claimed = leftTo.filter((rater) => writer.tryClaim(roleOf(rater.spec)));
      leftTo = leftTo.filter((rater) => !claimed.includes(rater));
      if (claimed.length > 0) {
        before.renew();
        const now = new Recorded(writer.reader, idsOf(claimed), {
          retryErrors,
          rulesOf: rulesOf(session),
          shard: session.shard,
        });
        const left = { ...jobPlan(session, claimed, now), elicits: false };
        for (const cell of counters.cells) {
          cell.raters += left.evals.find(({ id }) => id === cell.eval)?.raters.length ?? 0;
        }
        now.countRatingsInto(counters);
        if (!(await scheduler.begin(missingJobs(left, now), { counts: false }))) return false;
      } else if (!(await isTimeToLookAgain(control, meter))) return false;
    }
    return true;
  });
  clearTimeout(clock);
  const isNew = ({ id, spec }: RaterWorker) => spec.kind === 'autorater' && !recorded.hasRatingsBy(id);
  const newJudges = raters.filter(isNew).map(({ id }) => id);
  return summaryOf(result, { counters, control, meter, priced: workers.priced, newJudges });
}

/**
 * The raters that this session rates as, and those that another process rates as just now: they are left to it, and this
 * session does what is left when it has ended.
 */
function claimRaters({ writer, raters }: Session): [held: RaterWorker[], others: RaterWorker[]] {
  const held = raters.filter(({ spec }) => writer.tryClaim(roleOf(spec)));
  return [held, raters.filter((rater) => !held.includes(rater))];
}

const LOOK_AGAIN_MS = 500;

/** Waits a while. @returns `false` when the run stops first */
async function isTimeToLookAgain(control: StopControl, meter: ProgressMeter): Promise<boolean> {
  meter.touch();
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LOOK_AGAIN_MS);
    control.onStopping(resolve);
  });
  clearTimeout(timer);
  return !control.stopping;
}

/**
 * The records that were there when the session began, or soon after: they are opened when they are first needed. The
 * writer's own reader would first take in all that was written since, each time.
 */
class RecordsBefore implements Disposable {
  readonly #folder: string;
  #reader: Promise<RunReader> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  reader(): Promise<RunReader> {
    this.#reader ??= openRun(this.#folder);
    return this.#reader;
  }

  /** Opens them again when they are next needed, with all that was written since. */
  renew(): void {
    void this.#reader?.then((reader) => reader.close());
    this.#reader = undefined;
  }

  [Symbol.dispose](): void {
    this.renew();
  }
}

function jobPlan(session: Session, raters: readonly RaterWorker[], recorded: Recorded): JobPlan {
  const { elicits } = session;
  const { manifest } = session.writer;
  const samples = elicits?.samples ?? recordedSamples(recorded);
  return {
    stages: (elicits?.stages ?? manifest.stages).map(({ id }) => id),
    evals: session.entries.map(
      (entry): EvalJobs => ({
        id: entry.id,
        epochs: entry.epochs,
        samples: samples.of(entry.id),
        raters: ratersOf(raters, entry),
      }),
    ),
    seed: manifest.analysis.seed,
    elicits: elicits !== null,
  };
}

/** The digests of the rules as they are now. A rule costs nothing, so all is rated again when it changed. */
function rulesOf({ writer }: Session): ReadonlyMap<string, ReadonlySet<string>> {
  const rules = writer.manifest.raters.filter(({ kind }) => kind === 'rule');
  return new Map(rules.map(({ id, digests }) => [id, new Set(Object.values(digests))]));
}

/** The samples that have a transcript to rate. */
function recordedSamples(recorded: Recorded): Pick<Samples, 'of'> {
  const byEval = new Map<string, Map<string, { id: string; cluster: string }>>();
  for (const { eval: name, sample: id, cluster } of recorded.ratable()) {
    const samples = byEval.get(name) ?? new Map();
    byEval.set(name, samples.set(id, { id, cluster }));
  }
  return { of: (evalId) => [...(byEval.get(evalId)?.values() ?? [])] };
}

/** The trials of the run; where only ratings are wanted, those that have something to rate. */
function countersOf(plan: JobPlan, recorded: Recorded): Counters {
  const ratable = new Map<string, number>();
  for (const { stage, eval: name } of plan.elicits ? [] : recorded.ratable()) {
    ratable.set(`${stage}/${name}`, (ratable.get(`${stage}/${name}`) ?? 0) + 1);
  }
  const counters = new Counters(
    plan.evals.flatMap(({ id, samples, epochs, raters }) =>
      plan.stages.map((stage) => ({
        stage,
        eval: id,
        raters: raters.length,
        total: plan.elicits ? samples.length * epochs : (ratable.get(`${stage}/${id}`) ?? 0),
      })),
    ),
  );
  recorded.countInto(counters, { errors: plan.elicits });
  const raters = new Map(plan.evals.map(({ id, raters }) => [id, raters.map((rater) => rater.id)]));
  for (const trial of recorded.finished(raters)) {
    const cell = counters.cell(trial);
    if (cell && (plan.elicits || !hasNoAnswer(trial.status))) cell.skipped++;
  }
  return counters;
}

/**
 * Trials that may be under way: as many as the checkpoints take, and beside them a store of answered ones that are being
 * written and rated. The store evens out the two, and holds the checkpoints back when judges are slower.
 */
function atOnce({ elicits, raters }: Session): number {
  const asked = (elicits?.stages ?? []).reduce((sum, { semaphore }) => sum + semaphore.size, 0);
  const judged = raters.reduce((most, { semaphore }) => Math.max(most, semaphore?.size ?? 0), 0);
  return asked + Math.max(ANSWERED, 2 * judged);
}

function idsOf(things: readonly { readonly id: string }[]): string[] {
  return things.map(({ id }) => id);
}

function byId<T extends { readonly id: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((thing) => [thing.id, thing]));
}
