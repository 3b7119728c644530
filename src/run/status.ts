import {
  type EvalInfo,
  type Growth,
  hasLabelAlone,
  isLabeller,
  type Manifest,
  type RaterInfo,
  type RaterKind,
  type RatingStatus,
  type TrialKey,
  type TrialSign,
} from '../core/index.ts';
import { type DamagedLine, openRun, type RunReader } from '../records/index.ts';
import { noRatings } from './counters.ts';
import { type Failure, FailureCounts, ratingFailure } from './failures.ts';

/** How far a run is, from its records alone; can be asked while it is running. */
export interface RunStatus {
  readonly folder: string;
  readonly name: string;
  readonly origin: Manifest['origin']['kind'];
  readonly createdAt: string;
  /** One a stage and eval, evals in the order of the study and stages in the order of training. */
  readonly cells: readonly StatusCell[];
  readonly total: StatusCounts;
  /**
   * Whether every planned trial has its transcript, and every transcript that can be rated its ratings by each rater
   * that owes them.
   */
  readonly complete: boolean;
  /**
   * What made trials and ratings fail, the most frequent first. Of many failures the first are looked at: `count` is then of
   * these.
   */
  readonly failures: readonly Failure[];
  /** Lines of the records that are not records any more: they are left out, and `stemma run` asks what they held again. */
  readonly damaged: readonly DamagedLine[];
  /** What was added to the run since it was begun. */
  readonly growth: readonly Growth[];
}

export interface StatusCell extends StatusCounts {
  readonly stage: string;
  readonly eval: string;
  readonly raters: readonly RaterStatus[];
  /** Trials with each sign of a doubtful answer; only signs that were seen. */
  readonly signs: Readonly<Partial<Record<TrialSign, number>>>;
}

export interface StatusCounts {
  readonly planned: number;
  /** Trials with a transcript: `completed`, `limits`, `errors`, and those whose answer was empty. */
  readonly done: number;
  readonly completed: number;
  readonly limits: number;
  readonly errors: number;
  /** Of the checkpoints, judges not counted. `null` where no transcript says. */
  readonly tokens: { readonly input: number | null; readonly output: number | null };
}

interface RaterStatus {
  readonly rater: string;
  readonly kind: RaterKind;
  /** Ratings by their status. */
  readonly ratings: Readonly<Record<RatingStatus, number>>;
  /**
   * Of the `unparsed` ones, how many have a label which has no value for the measure, and these labels, as far as the first of them
   * tell; absent where there are none.
   */
  readonly labelsAlone?: { readonly count: number; readonly labels: readonly string[] };
  /** Trials with any rating by it. */
  readonly trials: number;
  /** Trials that it has yet to rate; none for people and for raters of imported results, who need not rate everything. */
  readonly missing: number;
}

/** @throws RecordsError when the folder is not a run */
export async function runStatus(folder: string): Promise<RunStatus> {
  using reader = await openRun(folder);
  return { ...(await statusOf(reader)), failures: await failuresOf(reader) };
}

/** Failures that are looked at: their messages are in the records alone, not in the index. */
const MOST_FAILURES = 500;

/** Of so many trials of a stage the labels without a value are read: they too are in the records alone. */
const LABELLED_LOOKED_AT = 20;

async function failuresOf(reader: RunReader): Promise<readonly Failure[]> {
  const counts = new FailureCounts();
  const failed = take(reader.trials(), ({ status }) => status === 'error');
  for (const { key, stage } of failed) {
    const error = (await reader.transcript(key))?.error;
    if (error) counts.add({ stage }, error);
  }
  const unrated = new Set(
    take(reader.ratingRows(), ({ status, labelAlone }) => status !== 'rated' && !labelAlone).map(
      ({ key }) => key,
    ),
  );
  for (const key of unrated) {
    for (const rating of await reader.ratingsOf(key)) {
      const { status, rater } = rating;
      if (status !== 'rated' && !hasLabelAlone(rating)) counts.add({ rater }, ratingFailure(rating, status));
    }
  }
  return counts.all;
}

function take<T>(rows: Iterable<T>, wanted: (row: T) => boolean): T[] {
  const taken: T[] = [];
  for (const row of rows) {
    if (wanted(row)) taken.push(row);
    if (taken.length >= MOST_FAILURES) break;
  }
  return taken;
}

interface Counting {
  completed: number;
  limits: number;
  empty: number;
  errors: number;
  input: number | null;
  output: number | null;
  readonly signs: Partial<Record<TrialSign, number>>;
  readonly raters: Map<string, ByRater>;
}

interface ByRater {
  readonly ratings: Record<RatingStatus, number>;
  labelAlone: number;
  /** The first trials that have such a label. */
  readonly labelled: Set<TrialKey>;
  readonly keys: Set<TrialKey>;
}

async function statusOf(reader: RunReader): Promise<Omit<RunStatus, 'failures'>> {
  const { manifest } = reader;
  const counted = count(reader);
  const cells: StatusCell[] = [];
  for (const info of manifest.evals) {
    for (const { id: stage } of manifest.stages) {
      const counting = counted.get(`${stage}/${info.id}`) ?? nothing();
      cells.push({
        stage,
        eval: info.id,
        ...countsOf(counting, info.samples.count * info.epochs),
        raters: await ratersOf(reader, info, counting),
        signs: counting.signs,
      });
    }
  }
  const total = sumOf(cells);
  return {
    folder: reader.folder,
    name: manifest.name,
    origin: manifest.origin.kind,
    createdAt: manifest.createdAt,
    cells,
    total,
    complete: total.done >= total.planned && cells.every(allRated),
    damaged: reader.damaged,
    growth: manifest.growth ?? [],
  };
}

function count(reader: RunReader): Map<string, Counting> {
  const cells = new Map<string, Counting>();
  const cellOf = new Map<TrialKey, Counting>();
  for (const { key, stage, eval: name, status, inputTokens, outputTokens, signs } of reader.trials()) {
    const id = `${stage}/${name}`;
    const cell = cells.get(id) ?? nothing();
    cells.set(id, cell);
    cellOf.set(key, cell);
    if (status === 'completed') cell.completed++;
    else if (status === 'empty') cell.empty++;
    else if (status === 'limit') cell.limits++;
    else cell.errors++;
    for (const sign of signs) cell.signs[sign] = (cell.signs[sign] ?? 0) + 1;
    cell.input = added(cell.input, inputTokens);
    cell.output = added(cell.output, outputTokens);
  }
  for (const { key, rater, status, labelAlone } of reader.ratingRows()) {
    const cell = cellOf.get(key);
    if (!cell) continue;
    const by = cell.raters.get(rater) ?? nobody();
    cell.raters.set(rater, by);
    by.ratings[status]++;
    by.keys.add(key);
    if (!labelAlone) continue;
    by.labelAlone++;
    if (by.labelled.size < LABELLED_LOOKED_AT) by.labelled.add(key);
  }
  return cells;
}

/** A sum of counts. A count that is not known is `null`; the sum is `null` while no count is known. */
function added(total: number | null, more: number | null): number | null {
  return more === null ? total : (total ?? 0) + more;
}

function nothing(): Counting {
  const counts = { completed: 0, limits: 0, empty: 0, errors: 0 };
  return { ...counts, input: null, output: null, signs: {}, raters: new Map() };
}

function nobody(): ByRater {
  return { ratings: noRatings(), labelAlone: 0, labelled: new Set(), keys: new Set() };
}

function countsOf({ input, output, ...counts }: Counting, planned: number): StatusCounts {
  const { completed, limits, empty, errors } = counts;
  const done = completed + limits + empty + errors;
  return { planned, done, completed, limits, errors, tokens: { input, output } };
}

async function ratersOf(
  reader: RunReader,
  info: EvalInfo,
  { completed, limits, raters: by }: Counting,
): Promise<RaterStatus[]> {
  const { raters, origin } = reader.manifest;
  const able = raters.filter((rater) => canRate(rater, info) || by.has(rater.id));
  return Promise.all(
    able.map(async (rater) => {
      const { id, kind, digests } = rater;
      const { ratings, keys, labelAlone, labelled } = by.get(id) ?? nobody();
      // A rater that came with imported results has no digests; one that was added to them later has.
      const owes = !isLabeller(rater) && (origin.kind === 'study' || Object.keys(digests).length > 0);
      return {
        rater: id,
        kind,
        ratings,
        ...(labelAlone === 0
          ? {}
          : { labelsAlone: { count: labelAlone, labels: await labelsIn(reader, labelled, id) } }),
        trials: keys.size,
        missing: owes ? completed + limits - keys.size : 0,
      };
    }),
  );
}

/** The labels without a value that a rater gave in these trials, sorted. */
async function labelsIn(
  reader: RunReader,
  keys: Iterable<TrialKey>,
  rater: string,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const key of keys) {
    const ratings = await reader.ratingsOf(key);
    for (const rating of ratings)
      if (rater === rating.rater && hasLabelAlone(rating)) found.add(rating.label!);
  }
  return [...found].sort();
}

/** Panels have no ratings of their own; a rule may know one eval's questions and not another's. */
function canRate({ kind, digests }: RaterInfo, { id, eval: name }: EvalInfo): boolean {
  if (kind === 'panel') return false;
  const questions = Object.keys(digests);
  return (
    questions.length === 0 || questions.some((key) => key.startsWith(`${id}:`) || key.startsWith(`${name}:`))
  );
}

function allRated({ raters }: StatusCell): boolean {
  return raters.every(({ missing }) => missing === 0);
}

function sumOf(cells: readonly StatusCell[]): StatusCounts {
  const sum = (of: 'planned' | 'done' | 'completed' | 'limits' | 'errors') =>
    cells.reduce((total, cell) => total + cell[of], 0);
  const known = (of: 'input' | 'output') =>
    cells.reduce<number | null>((total, { tokens }) => added(total, tokens[of]), null);
  return {
    planned: sum('planned'),
    done: sum('done'),
    completed: sum('completed'),
    limits: sum('limits'),
    errors: sum('errors'),
    tokens: { input: known('input'), output: known('output') },
  };
}
