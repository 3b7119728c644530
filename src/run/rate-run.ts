import {
  type Eval,
  type EvalInfo,
  InputError,
  type Manifest,
  type RaterInfo,
  type Transcript,
} from '../core/index.ts';
import { evals as knownEvals } from '../evals/index.ts';
import type { EndpointSettings } from '../models/index.ts';
import { openRunWriter, type RunWriter, untilClosed } from '../records/index.ts';
import { type EvalEntry, type RaterSpec, raterInfos } from '../study/index.ts';
import { Crew, canRate, type Seat } from './crew.ts';
import { Halt } from './halt.ts';
import { History } from './history.ts';
import { OUTAGE_POLICY } from './outage.ts';
import { ProgressMeter } from './progress.ts';
import { rateByAll } from './rate-transcript.ts';
import type { SessionOptions } from './run-study.ts';
import { Session } from './session.ts';
import { Slots } from './slots.ts';
import { type RunSummary, summaryOf } from './summary.ts';
import { Tally } from './tally.ts';
import { checkpointsFor, openRunModels } from './train-stages.ts';

export interface RateOptions extends SessionOptions {
  readonly folder: string;
  readonly raters: readonly RaterSpec[];
  readonly endpoints?: Readonly<Record<string, EndpointSettings>>;
  /** Where relative model refs of the raters start; the working folder unless given. */
  readonly base?: string;
  /** Evals that are not among stemma's own, by the name that the run's manifest has for them. */
  readonly evals?: Readonly<Record<string, Eval>>;
}

/** Transcripts read ahead of the raters. */
const READ_AHEAD = 256;

/**
 * Has raters rate the transcripts that a run holds already; no checkpoint is asked. Its other ratings stay as they are.
 * The raters are added to the run's manifest first. Stopped or killed, the same call goes on with what is missing.
 *
 * @throws InputError when the run has another rater by that name, or none of its evals can be asked; else as `runStudy`
 */
export async function rateRun(options: RateOptions): Promise<RunSummary> {
  const { endpoints = {} } = options;
  using halt = new Halt(options);
  await using models = openRunModels(
    { folder: options.base ?? process.cwd(), endpoints },
    checkpointsFor(options.folder),
  );
  const crew = new Crew(models, endpoints, halt, { ...OUTAGE_POLICY, ...options.outage });
  const seats = await crew.seats(options.raters);
  const writer = await openRunWriter(options.folder);
  return await untilClosed(writer, halt, async () => {
    const entries = knownEntries(writer.manifest, options.evals ?? {});
    await addRaters(writer, raterInfos(options.raters, entries));
    return rateAll({ writer, halt, crew, seats, entries }, options);
  });
}

/** The evals of a run that can be rated here, as entries of a study: their samples are never asked for. */
export function knownEntries({ evals }: Manifest, given: Readonly<Record<string, Eval>>): EvalEntry[] {
  const known = { ...knownEvals, ...given };
  const entries = evals.flatMap(({ id, eval: name, options, epochs }: EvalInfo) => {
    const evaluation = Object.hasOwn(known, name) ? known[name]! : undefined;
    return evaluation ? [{ id, eval: evaluation, options: { values: options, folder: '' }, epochs }] : [];
  });
  if (entries.length > 0) return entries;
  throw new InputError(
    `nothing in this run can be rated: it is of ${evals.map(({ eval: name }) => `"${name}"`).join(', ')}`,
    {
      remedy: `Transcripts of these evals can be rated: ${Object.keys(known).join(', ')}.`,
    },
  );
}

async function addRaters(writer: RunWriter, raters: readonly RaterInfo[]): Promise<void> {
  const { manifest } = writer;
  const present = new Map(manifest.raters.map((rater) => [rater.id, rater]));
  const added = raters.filter(({ id }) => !present.has(id));
  for (const rater of raters) {
    const before = present.get(rater.id);
    if (before) refuseOther(before, rater);
  }
  if (added.length > 0) await writer.replaceManifest({ ...manifest, raters: [...manifest.raters, ...added] });
}

function refuseOther(before: RaterInfo, rater: RaterInfo): void {
  const same =
    before.kind === rater.kind &&
    Object.entries(rater.digests).every(([question, digest]) => before.digests[question] === digest);
  if (same) return;
  const [there, here] = [what(before), what(rater)];
  const difference = there === here ? `${there} too, but steered otherwise` : `${there}, not ${here}`;
  throw new InputError(`the run has another rater named "${rater.id}": ${difference}`, {
    remedy: 'Give this one another id: ratings of two raters under one name could not be told apart.',
  });
}

function what({ kind, description }: RaterInfo): string {
  return description === undefined ? `of kind ${kind}` : `of kind ${kind} (${description})`;
}

interface Rating {
  readonly writer: RunWriter;
  readonly halt: Halt;
  readonly crew: Crew;
  readonly seats: readonly Seat[];
  readonly entries: readonly EvalEntry[];
}

async function rateAll(rating: Rating, options: RateOptions): Promise<RunSummary> {
  const { writer, halt, crew, seats } = rating;
  const retryErrors = options.retryErrors ?? false;
  const history = new History(
    writer.reader,
    seats.map(({ id }) => id),
    { retryErrors },
  );
  const ratersOf = new Map(
    rating.entries.map((entry) => [entry.id, seats.filter((seat) => canRate(seat, entry.eval))]),
  );
  const tally = tallyOf(rating, history, ratersOf);
  const priced = crew.priced.some(({ price }) => price !== null);
  const meter = new ProgressMeter(tally, options.onProgress, {
    priced,
    outages: () => crew.outages,
    state: () => (halt.stopping ? 'stopping' : 'running'),
  });
  const session = new Session({ writer, halt, tally, meter, underWay: new Slots(READ_AHEAD) });
  const begun = await session.run(() => rateEach(session, rating.entries, history, ratersOf));
  return summaryOf(session, { begun, priced });
}

/** Its trials are those that have something to rate. */
function tallyOf(
  { writer, entries }: Rating,
  history: History,
  ratersOf: ReadonlyMap<string, readonly Seat[]>,
): Tally {
  const totals = new Map<string, number>();
  for (const { stage, eval: name } of history.ratable()) {
    const cell = `${stage}/${name}`;
    totals.set(cell, (totals.get(cell) ?? 0) + 1);
  }
  const tally = new Tally(
    entries.flatMap(({ id }) =>
      writer.manifest.stages.map(({ id: stage }) => ({
        stage,
        eval: id,
        total: totals.get(`${stage}/${id}`) ?? 0,
      })),
    ),
  );
  const ids = [...ratersOf].map(([name, seats]) => [name, seats.map(({ id }) => id)] as const);
  history.countInto(tally);
  for (const { stage, eval: name, status } of history.finished(new Map(ids))) {
    const cell = tally.cell(stage, name);
    if (cell && status !== 'error') cell.skipped++;
  }
  return tally;
}

async function rateEach(
  session: Session,
  entries: readonly EvalEntry[],
  history: History,
  ratersOf: ReadonlyMap<string, readonly Seat[]>,
): Promise<boolean> {
  const evaluations = new Map(entries.map((entry) => [entry.id, entry.eval]));
  for await (const transcript of session.writer.reader.transcripts()) {
    const evaluation = evaluations.get(transcript.trial.eval);
    if (!evaluation || transcript.status === 'error') continue;
    const missing = ratersOf
      .get(transcript.trial.eval)!
      .filter(({ id }) => !history.rated(transcript.key, id));
    if (missing.length === 0) continue;
    await session.underWay.take();
    if (session.halt.stopping) {
      session.underWay.give();
      return false;
    }
    void session.carry(() => rateOne(session, transcript, evaluation, missing));
  }
  return true;
}

async function rateOne(
  session: Session,
  transcript: Transcript,
  evaluation: Eval,
  seats: readonly Seat[],
): Promise<void> {
  const cell = session.tally.cell(transcript.trial.stage, transcript.trial.eval)!;
  await rateByAll(session, seats, { transcript, evaluation, cell });
  cell.done++;
}
