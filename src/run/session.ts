import { type Redo, requireRedone } from '../checkpoints/index.ts';
import type { Sandboxes } from '../core/index.ts';
import { SharedRatings } from '../raters/index.ts';
import { type RunWriter, roleOf, type Shard } from '../records/index.ts';
import type { Budget, EvalEntry } from '../study/index.ts';
import { BudgetTracker, type Spent } from './budget-tracker.ts';
import type { Counters } from './counters.ts';
import { Elicitor } from './elicit-trial.ts';
import { type FirstAnswer, FirstAnswers } from './first-answers.ts';
import { missingBySample, missingJobs } from './jobs.ts';
import { OpenedEvals } from './opened-evals.ts';
import { type Progress, ProgressMeter } from './progress.ts';
import { Recorded } from './recorded.ts';
import { RecordsBefore } from './records-before.ts';
import type { Samples } from './samples.ts';
import { Scheduler } from './scheduler.ts';
import { countersOf, jobPlan } from './session-jobs.ts';
import { spentEarlier } from './spent-earlier.ts';
import { type Asking, StageGroups } from './stage-groups.ts';
import type { StopControl } from './stop-control.ts';
import { type RunSummary, summaryOf } from './summary.ts';
import type { OutagePolicy } from './watched-model.ts';
import type { RaterWorker, StageWorker, Workers } from './workers.ts';

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
  /** What teachers took before the first trial: in this session, and in all of them. */
  readonly teachers?: {
    readonly tokens: { readonly input: number; readonly output: number };
    readonly usd: number;
    readonly all: Spent;
  };
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
    ...(elicits === null ? { measures: measuresOf(session) } : {}),
    shard: session.shard,
  });
  if (redo !== null) requireRedone(redo, writer.reader.trials());
  const plan = jobPlan(session, held, recorded);
  const groups = new StageGroups(elicits, plan, recorded, control);
  await groups.enter(groups.plans[0]!);
  const counters = countersOf(plan, recorded);
  const left: LeftRaters = { raters: [] };
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
    otherRaters: () => idsOf(left.raters),
    state: () => (control.stopping ? 'stopping' : 'running'),
  });
  workers.onRetry = () => meter.touch();
  const tracker = await budgetTracker(session, counters);
  using before = new RecordsBefore(writer.folder);
  await using opened = new OpenedEvals({
    folder: writer.folder,
    entries: session.entries,
    stages,
    shard: session.shard,
    signal: control.signal,
  });
  const scheduler = new Scheduler(
    {
      writer,
      transcript: async (key) => (await before.reader()).transcript(key),
      shared: new SharedRatings(() => before.reader()),
      evals: byId(session.entries),
      stages: byId(stages),
      raters: byId(raters),
      elicitor: elicits && new Elicitor(elicits, opened),
      guard: elicits && groups.guard,
      control,
      counters,
      first: new FirstAnswers(options.onFirst),
    },
    { budget: tracker, meter, atOnce: atOnce(session), indexes: session.shard === null },
  );
  const clock =
    budget.wallMs === undefined ? undefined : setTimeout(() => control.close('wall'), budget.wallMs);
  const result = await scheduler.run(async () => {
    for (const group of groups.plans) {
      if (group !== groups.plans[0]) {
        await scheduler.idle();
        await groups.enter(group);
      }
      if (elicits !== null) await opened.open(() => missingJobs(group, recorded));
      if (!(await scheduler.begin(missingBySample(group, recorded)))) return false;
    }
    return rateWhatIsLeft(session, others, { left, before, counters, meter, scheduler, retryErrors });
  });
  clearTimeout(clock);
  const isNew = ({ id, spec }: RaterWorker) => spec.kind === 'autorater' && !recorded.hasRatingsBy(id);
  const newJudges = raters.filter(isNew).map(({ id }) => id);
  const { teachers = NO_TEACHERS } = session;
  return summaryOf(result, { counters, control, meter, priced: workers.priced, newJudges, teachers });
}

const NO_TEACHERS = { tokens: { input: 0, output: 0 }, usd: 0, all: { tokens: 0, usd: 0 } } as const;

async function budgetTracker(
  { writer, elicits, raters, budget, shard, teachers = NO_TEACHERS }: Session,
  { session }: Counters,
): Promise<BudgetTracker> {
  const earlier = await spentEarlier(
    writer.reader,
    budget,
    {
      stages: new Map((elicits?.stages ?? []).map(({ id, price }) => [id, price])),
      raters: new Map(raters.map(({ id, price }) => [id, price])),
    },
    shard,
  );
  return new BudgetTracker(budget, {
    earlier: { tokens: earlier.tokens + teachers.all.tokens, usd: earlier.usd + teachers.all.usd },
    estimate: elicits?.costPerTrial ?? { tokens: 0, usd: 0 },
    spent: () => ({ tokens: session.inputTokens + session.outputTokens, usd: session.usd }),
  });
}

/** The raters that another process rates as just now. */
interface LeftRaters {
  raters: readonly RaterWorker[];
}

/**
 * Rates as the raters that were left to another process, each once that process has ended, what it left undone.
 *
 * @returns `false` when the run stops first
 */
async function rateWhatIsLeft(
  session: Session,
  others: readonly RaterWorker[],
  parts: {
    readonly left: LeftRaters;
    readonly before: RecordsBefore;
    readonly counters: Counters;
    readonly meter: ProgressMeter;
    readonly scheduler: Scheduler;
    readonly retryErrors: boolean;
  },
): Promise<boolean> {
  const { writer, control, shard } = session;
  const { left, before, counters, meter, scheduler, retryErrors } = parts;
  for (left.raters = others; left.raters.length > 0; ) {
    await scheduler.idle();
    const claimed = left.raters.filter((rater) => writer.tryClaim(roleOf(rater.spec)));
    left.raters = left.raters.filter((rater) => !claimed.includes(rater));
    if (claimed.length > 0) {
      before.renew();
      const now = new Recorded(writer.reader, idsOf(claimed), {
        retryErrors,
        rulesOf: rulesOf(session),
        shard,
      });
      const jobs = { ...jobPlan(session, claimed, now), elicits: false };
      for (const cell of counters.cells) {
        cell.raters += jobs.evals.find(({ id }) => id === cell.eval)?.raters.length ?? 0;
      }
      now.countRatingsInto(counters);
      if (!(await scheduler.begin(missingBySample(jobs, now), { counts: false }))) return false;
    } else if (!(await isTimeToLookAgain(control, meter))) return false;
  }
  return true;
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

/** A rater can have rated the same transcripts as another family: those ratings say nothing of what is asked now. */
function measuresOf({ entries }: Session): ReadonlySet<string> {
  return new Set(entries.flatMap(({ eval: { measures } }) => measures.map(({ id }) => id)));
}

/** The digests of the rules as they are now. A rule costs nothing, so all is rated again when it changed. */
function rulesOf({ writer }: Session): ReadonlyMap<string, ReadonlySet<string>> {
  const rules = writer.manifest.raters.filter(({ kind }) => kind === 'rule');
  return new Map(rules.map(({ id, digests }) => [id, new Set(Object.values(digests))]));
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
