import type { ServedGuard } from '../checkpoints/index.ts';
import {
  hasNoAnswer,
  ModelError,
  type Rating,
  StemmaError,
  type Transcript,
  type TrialId,
  type TrialKey,
  trialKey,
} from '../core/index.ts';
import { rateTranscript, type SharedRatings } from '../raters/index.ts';
import type { RunWriter } from '../records/index.ts';
import type { EvalEntry } from '../study/index.ts';
import type { Counters } from './counters.ts';
import type { Elicitor } from './elicit-trial.ts';
import type { FirstAnswers } from './first-answers.ts';
import type { ElicitJob, Job, RateJob } from './jobs.ts';
import { widenRanges } from './spanned-ranges.ts';
import type { StopControl } from './stop-control.ts';
import type { RaterWorker, StageWorker } from './workers.ts';

/** What a worker needs beside the job. */
export interface WorkerDeps {
  readonly writer: RunWriter;
  /** Transcripts that were recorded before this session. */
  readonly transcript: (key: TrialKey) => Promise<Transcript | undefined>;
  /** What raters said about prompts, for all trials of a sample. */
  readonly shared: SharedRatings;
  readonly evals: ReadonlyMap<string, EvalEntry>;
  readonly stages: ReadonlyMap<string, StageWorker>;
  readonly raters: ReadonlyMap<string, RaterWorker>;
  /** `null` on a worker that only rates. */
  readonly elicitor: Elicitor | null;
  /** Keeps each stage to one model; `null` on a worker that only rates. */
  readonly guard: ServedGuard | null;
  readonly control: StopControl;
  readonly counters: Counters;
  readonly first: FirstAnswers;
  /** Called once per job, when it needs its model no more: with its answer, or after it failed. */
  readonly onModelFree: (job: Job) => void;
}

/**
 * Does one job of eliciting.
 *
 * @returns the transcript, when it is on disk
 * @throws ModelError (`cancelled`) when the run was stopped meanwhile: nothing was recorded
 * @throws StemmaError when the run cannot go on: a fatal ModelError, a broken eval, a full disk
 */
export async function elicit(job: ElicitJob, deps: WorkerDeps): Promise<Transcript> {
  const { trial: id, attempt } = job;
  const { control, counters } = deps;
  const stage = found(deps.stages, id.stage);
  let transcript: Transcript;
  try {
    if (deps.elicitor === null) throw new RangeError('this worker only rates');
    const evaluation = found(deps.evals, id.eval).eval;
    transcript = await deps.elicitor.elicit({ id, attempt, evaluation, stage }, control.signal);
  } finally {
    deps.onModelFree(job);
  }
  // What failed because the run was stopped is not a failure of the checkpoint, and leaves no record.
  if (transcript.error?.kind === 'cancelled' || (control.aborted && transcript.status === 'error')) {
    throw new ModelError('cancelled', `trial ${transcript.key} was cancelled`);
  }
  deps.guard?.accept(id.stage, transcript.served);
  await deps.writer.appendTranscript(transcript);
  counters.transcript(counters.cell(id)!, transcript, stage.price);
  deps.first.answered(stage, transcript);
  return transcript;
}

/**
 * Does one job of rating. When this resolves, the ratings are on disk.
 *
 * @param fresh the transcript, where this session has just recorded it: it need not be read again then
 * @throws as `elicit` does
 */
export async function rate(job: RateJob, deps: WorkerDeps, fresh?: Transcript): Promise<void> {
  const { control, counters } = deps;
  const worker = found(deps.raters, job.rater);
  const { rater, price } = worker;
  const evaluation = found(deps.evals, job.trial.eval).eval;
  let ratings: readonly Rating[];
  try {
    const transcript = fresh ?? (await transcriptOf(job.trial, deps));
    // Where the checkpoint did not answer, there is nothing to rate.
    if (hasNoAnswer(transcript.status)) return;
    const { questions } = job;
    const { signal } = control;
    ratings = await rateTranscript(evaluation, transcript, rater, { signal, questions, shared: deps.shared });
  } catch (error) {
    if (error instanceof StemmaError) throw error;
    throw new StemmaError(
      `the eval "${evaluation.name}" could not turn the answer of the rater "${rater.id}" into ratings`,
      { place: { trial: trialKey(job.trial) }, cause: error },
    );
  } finally {
    deps.onModelFree(job);
  }
  // What failed because the run was stopped is not a failure of the judge.
  if (control.closed && ratings.some(({ status }) => status === 'error')) {
    throw new ModelError('cancelled', `rating ${trialKey(job.trial)} was cancelled`);
  }
  const widening = widenRanges(deps.writer, ratings);
  if (widening) await widening;
  await deps.writer.appendRatings(ratings);
  counters.ratings(counters.cell(job.trial)!, rater.id, ratings, price);
  deps.first.rated(worker, job.trial, ratings);
}

async function transcriptOf(trial: TrialId, deps: WorkerDeps): Promise<Transcript> {
  const key = trialKey(trial);
  const transcript = await deps.transcript(key);
  if (transcript !== undefined) return transcript;
  throw new StemmaError('the index has a transcript that the records do not have', {
    place: { file: deps.writer.folder, trial: key },
    remedy: 'Delete index.sqlite in the run folder: it is made anew from the records.',
  });
}

function found<T>(things: ReadonlyMap<string, T>, id: string): T {
  const thing = things.get(id);
  if (thing === undefined) throw new RangeError(`this worker does not have "${id}"`);
  return thing;
}
