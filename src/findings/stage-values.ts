import type { Applicability } from './applicability.ts';
import type { Missing } from './contrast-findings.ts';
import type { Interval } from './findings.ts';
import { RATING, type RatingColumn, sampleMeans } from './rating-column.ts';
import { type EvalTable, firstCell, TRIAL } from './trial-table.ts';

/** What one rater's column says of one stage, epochs averaged to one value a sample. */
export interface StageValues {
  /** Over the samples of the table; NaN where a sample has no value. */
  readonly means: Float64Array;
  /** The same with every missing trial at the bottom, or at the top, of the measure's range; NaN where it does not apply. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The share of each sample's trials that has no value; NaN where the measure does not apply. */
  readonly absent: Float64Array;
  /** 1 for each sample of which a trial was run, whatever came of it. */
  readonly begun: Uint8Array;
  /** Trials with a value. */
  readonly trials: number;
  /** Trials with value 1, when every value is 0 or 1; else `null`. */
  readonly events: number | null;
  readonly labels: Readonly<Record<string, number>> | null;
  readonly missing: Missing;
}

/** Reads one stage of a column. Missing trials are counted by reason: first what became of the trial, then of its rating. */
export function stageValues(
  column: RatingColumn,
  stage: number,
  { applies, unseen }: Applicability,
): StageValues {
  const { table, values } = column;
  const [bottom, top] = column.measure.range;
  const low = new Float64Array(table.samples.length).fill(Number.NaN);
  const high = new Float64Array(table.samples.length).fill(Number.NaN);
  const shares = new Float64Array(table.samples.length).fill(Number.NaN);
  const begun = new Uint8Array(table.samples.length);
  const reasons = { ...NO_REASONS };
  const labelsAlone = new Map<string, number>();
  let trials = 0;
  let events: number | null = 0;
  for (let sample = 0; sample < applies.length; sample++) {
    if (applies[sample] === 0) continue;
    const first = firstCell(table, stage, sample);
    let sum = 0;
    let present = 0;
    let absent = 0;
    for (let cell = first; cell < first + table.epochs; cell++) {
      const value = values[cell]!;
      if (table.status[cell] !== TRIAL.notRun) begun[sample] = 1;
      if (!Number.isNaN(value)) {
        sum += value;
        present++;
        if (value !== 0 && value !== 1) events = null;
        else if (events !== null) events += value;
      } else if (table.status[cell] !== TRIAL.notRun || isPlanned(table, stage, cell - first)) {
        absent++;
        const label = labelAlone(column, cell);
        if (label === null) reasons[reasonOf(table.status[cell]!, column.status[cell]!)]++;
        else labelsAlone.set(label, (labelsAlone.get(label) ?? 0) + 1);
      }
    }
    trials += present;
    low[sample] = (sum + absent * bottom) / (present + absent);
    high[sample] = (sum + absent * top) / (present + absent);
    shares[sample] = absent / (present + absent);
  }
  reasons.notRun += unseen * table.info.epochs * table.runs[stage]!;
  const means = sampleMeans(column, stage);
  return {
    means,
    low,
    high,
    absent: shares,
    begun,
    trials,
    events: trials === 0 ? null : events,
    labels: countLabels(column, stage),
    missing: missingOf(reasons, labelsAlone, [meanWith(low, unseen, bottom), meanWith(high, unseen, top)]),
  };
}

/** Whether the study asks for the trial at this place among a sample's trials of a stage. */
function isPlanned({ runEpochs, runs, plannedEpochs }: EvalTable, stage: number, place: number): boolean {
  return place < runEpochs * runs[stage]! && place % runEpochs < plannedEpochs[stage]!;
}

const NO_REASONS = {
  notRun: 0,
  errors: 0,
  notRated: 0,
  unparsed: 0,
  refused: 0,
  raterErrors: 0,
  ties: 0,
  empty: 0,
};

function reasonOf(trial: number, rating: number): keyof typeof NO_REASONS {
  if (trial === TRIAL.notRun) return 'notRun';
  if (trial === TRIAL.error) return 'errors';
  if (trial === TRIAL.empty) return 'empty';
  // Derived columns do not keep the labels.
  if (rating === RATING.unparsed || rating === RATING.labelAlone) return 'unparsed';
  if (rating === RATING.refused) return 'refused';
  if (rating === RATING.error) return 'raterErrors';
  return rating === RATING.tie ? 'ties' : 'notRated';
}

function missingOf(
  reasons: typeof NO_REASONS,
  labelsAlone: ReadonlyMap<string, number>,
  worstCase: Interval | null,
): Missing {
  const { ties, empty, ...others } = reasons;
  const counts = [...Object.values(reasons), ...labelsAlone.values()];
  return {
    trials: counts.reduce((total, count) => total + count, 0),
    ...others,
    ...(ties === 0 ? {} : { ties }),
    ...(empty === 0 ? {} : { empty }),
    ...(labelsAlone.size === 0 ? {} : { labelsAlone: sortedCounts([...labelsAlone]) }),
    worstCase: worstCase?.some(Number.isNaN) ? null : worstCase,
  };
}

/** Mean over the numbers that there are and `more` times another one; NaN over none. */
function meanWith(numbers: Float64Array, more: number, other: number): number {
  let sum = more * other;
  let count = more;
  for (const number of numbers) {
    if (Number.isNaN(number)) continue;
    sum += number;
    count++;
  }
  return sum / count;
}

/** The label of a cell where it has no value for the measure; `null` where the cell has none. */
function labelAlone({ table, status, labelsAlone }: RatingColumn, cell: number): string | null {
  if (status[cell] !== RATING.labelAlone || isUnanswered(table.status[cell]!)) return null;
  return labelsAlone?.names[labelsAlone.numbers[cell]!] ?? null;
}

function isUnanswered(trial: number): boolean {
  return trial === TRIAL.notRun || trial === TRIAL.error || trial === TRIAL.empty;
}

function countLabels(
  { table, labels }: RatingColumn,
  stage: number,
): Readonly<Record<string, number>> | null {
  if (labels === undefined) return null;
  const counts = new Array<number>(labels.names.length).fill(0);
  const end = firstCell(table, stage + 1, 0);
  for (let cell = firstCell(table, stage, 0); cell < end; cell++) {
    const label = labels.numbers[cell]!;
    if (label >= 0) counts[label]!++;
  }
  const pairs = labels.names.map((name, label) => [name, counts[label]!] as const);
  return sortedCounts(pairs.filter(([, count]) => count > 0));
}

function sortedCounts(pairs: readonly (readonly [string, number])[]): Readonly<Record<string, number>> {
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
