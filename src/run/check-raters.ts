import {
  type Eval,
  hasNoAnswer,
  InputError,
  type Question,
  type Rater,
  type Transcript,
} from '../core/index.ts';
import { didYouMean } from '../files/index.ts';
import type { EndpointSettings } from '../models/index.ts';
import { answers, checkRater, type RaterCheck, ratingsOfCheck } from '../raters/index.ts';
import { openRun, type RunReader } from '../records/index.ts';
import { randomSource } from '../stats/index.ts';
import type { EvalEntry, RaterSpec } from '../study/index.ts';
import { ratedEntries } from './asked/index.ts';
import { openRunModels } from './open-models.ts';
import { StopControl } from './stop-control.ts';
import { checkpointsFor } from './train-stages.ts';
import { OUTAGE_POLICY } from './watched-model.ts';
import { Workers } from './workers.ts';

interface CheckRatersOptions {
  readonly folder: string;
  readonly raters: readonly RaterSpec[];
  readonly endpoints?: Readonly<Record<string, EndpointSettings>>;
  /** Where relative model refs of the raters start; the working folder unless given. */
  readonly base?: string;
  /** How many transcripts of each eval are used; default 6. */
  readonly transcripts?: number;
  /** Ids of the evals' entries and of their questions; all, unless given. */
  readonly evals?: readonly string[];
  readonly questions?: readonly string[];
  /** Which of the things that the transcripts of an import are asked; needed where there are several. */
  readonly as?: string;
  /** Decides which transcripts; default 1. */
  readonly seed?: number;
  readonly abort?: AbortSignal;
  readonly onProgress?: (progress: CheckProgress) => void;
}

interface CheckProgress {
  readonly rater: string;
  readonly eval: string;
  readonly done: number;
  readonly total: number;
}

/**
 * Tests raters on transcripts of a run: with injections, neutral additions, outputs under other prompts, and empty
 * outputs. It records nothing, since these are not ratings of the run.
 *
 * @returns one check per rater and eval
 * @throws InputError where a rater can answer nothing that is asked for, or there is no transcript; what judges throw
 */
export async function checkRaters(options: CheckRatersOptions): Promise<readonly RaterCheck[]> {
  const { endpoints = {}, folder } = options;
  using control = new StopControl({ abort: options.abort });
  await using run = await openRun(folder);
  await using models = openRunModels(
    { folder: options.base ?? process.cwd(), endpoints },
    checkpointsFor(folder),
  );
  const workers = new Workers(models, endpoints, control, OUTAGE_POLICY);
  const raters = await workers.openRaters(options.raters);
  await models.learnServers(control.signal);
  const planned = raters.flatMap(({ rater }) => checksOf(run, options, rater));
  if (planned.length === 0) {
    throw new InputError(`${options.raters.map(({ id }) => `"${id}"`).join(', ')} can answer nothing here`, {
      remedy: 'A rule answers the questions of its own eval alone; a panel answers by its members.',
    });
  }
  const checks: RaterCheck[] = [];
  for (const { rater, entry, questions } of planned) {
    const transcripts = await drawTranscripts(run, entry.id, options);
    const check = await checkRater({
      rater,
      evaluation: entry.eval,
      questions,
      transcripts,
      othersRateAlike: await recordedAlike(run, entry.eval, transcripts, rater),
      signal: control.signal,
      onProgress: (done, total) => options.onProgress?.({ rater: rater.id, eval: entry.id, done, total }),
    });
    checks.push({ ...check, eval: entry.id });
  }
  return checks;
}

/** Whether another rater has rated these transcripts, and all of them alike on the measures of a question. */
async function recordedAlike(
  run: RunReader,
  evaluation: Eval,
  transcripts: readonly Transcript[],
  rater: Rater,
): Promise<(question: Question) => boolean> {
  const recorded = (await Promise.all(transcripts.map(({ key }) => run.ratingsOf(key)))).flat();
  const others = recorded.filter((one) => one.rater !== rater.id && one.status === 'rated');
  return ({ id }) => {
    const asks = transcripts.flatMap((transcript) => evaluation.asks(transcript));
    const measures = new Set(
      asks.flatMap(({ question, measure }) => (question.id === id ? [measure.id] : [])),
    );
    const byRater = Map.groupBy(
      others.filter(({ measure }) => measures.has(measure)),
      (one) => one.rater,
    );
    return [...byRater.values()].some(
      (ratings) =>
        new Set(ratings.map(({ key }) => key)).size === transcripts.length &&
        new Set(ratings.map(({ label, value }) => label ?? value)).size === 1,
    );
  };
}

/** The most ratings that the checks ask for, to be told before. */
export function ratingsPerQuestion(transcripts = TRANSCRIPTS): number {
  return ratingsOfCheck(1, transcripts);
}

const TRANSCRIPTS = 6;

interface PlannedCheck {
  readonly rater: Rater;
  readonly entry: EvalEntry;
  readonly questions: readonly Question[];
}

function checksOf(run: RunReader, options: CheckRatersOptions, rater: Rater): PlannedCheck[] {
  const entries = ratedEntries(run.manifest, {}, options.as);
  refuseUnknown(
    options.evals,
    entries.map(({ id }) => id),
    'eval',
  );
  refuseUnknown(
    options.questions,
    entries.flatMap(({ eval: { questions } }) => questions.map(({ id }) => id)),
    'question',
  );
  return entries
    .filter(({ id }) => options.evals?.includes(id) ?? true)
    .map((entry) => ({
      rater,
      entry,
      questions: entry.eval.questions.filter(
        (question) => answers(rater, question) && (options.questions?.includes(question.id) ?? true),
      ),
    }))
    .filter(({ questions }) => questions.length > 0);
}

function refuseUnknown(wanted: readonly string[] = [], known: readonly string[], what: string): void {
  for (const id of wanted) {
    if (known.includes(id)) continue;
    throw new InputError(`the run has no ${what} "${id}"`, {
      remedy: didYouMean(id, known, () => `There are: ${known.join(', ')}.`),
    });
  }
}

/** Draws transcripts of an eval, each as likely as any other, whatever their stage. */
async function drawTranscripts(
  run: RunReader,
  entry: string,
  { transcripts: wanted = TRANSCRIPTS, seed = 1 }: CheckRatersOptions,
): Promise<readonly Transcript[]> {
  const random = randomSource(seed);
  const drawn: Transcript[] = [];
  let seen = 0;
  for await (const transcript of run.transcripts({ eval: entry })) {
    if (hasNoAnswer(transcript.status)) continue;
    seen++;
    if (drawn.length < wanted) drawn.push(transcript);
    else {
      const place = random.below(seen);
      if (place < wanted) drawn[place] = transcript;
    }
  }
  if (drawn.length < 2) {
    throw new InputError(`the run has ${drawn.length} transcripts of "${entry}": a check needs two`, {
      place: { file: run.folder },
      remedy: 'Run the study first; a part of it is enough.',
    });
  }
  return drawn;
}
