import { ServedByStage, servedNames } from '../checkpoints/index.ts';
import { definedOnly } from '../core/defined-only.ts';
import {
  hasLabelAlone,
  type Manifest,
  type Measure,
  type RaterInfo,
  type Rating,
  type RatingStatus,
  RecordsError,
} from '../core/index.ts';
import { keptIn } from '../core/kept-in.ts';
import type { RunReader } from '../records/index.ts';
import { ExplanationCounts } from './explanation-counts.ts';
import { type EvalTable, firstCell, numberOf, type TrialTable } from './trial-table.ts';

/** What a rater said of a trial, as small numbers. `tie`: a panel's majority that could not decide. `labelAlone`: as `hasLabelAlone`. */
export const RATING = {
  none: 0,
  rated: 1,
  unparsed: 2,
  refused: 3,
  error: 4,
  tie: 5,
  labelAlone: 6,
} as const;

const STATUS_CODE: Readonly<Record<RatingStatus, number>> = {
  rated: RATING.rated,
  unparsed: RATING.unparsed,
  refused: RATING.refused,
  error: RATING.error,
};

/** One rater's values for one measure of one eval, over the cells of the eval's table. */
export interface RatingColumn {
  readonly table: EvalTable;
  readonly measure: Measure;
  readonly rater: RaterInfo;
  /** NaN where there is none. */
  readonly values: Float64Array;
  /** `RATING` codes. */
  readonly status: Uint8Array;
  /**
   * Which version of the rater each cell was rated by (equal numbers for equal digests, −1 for none): one array, or for
   * a panel one a member.
   */
  readonly versions: readonly Int32Array[];
  /** The labels given, where the rater gives labels: names, and their number in each cell (−1 for none). */
  readonly labels?: LabelCells;
  /** The same for labels that have no value for the measure. */
  readonly labelsAlone?: LabelCells;
  /** What a judge's explanations look like; absent for other raters and where none were given. */
  readonly explanations?: ExplanationCounts;
}

interface LabelCells {
  readonly names: readonly string[];
  readonly numbers: Int32Array;
}

/** The ratings of a run as columns, and what could not be placed in any. */
interface RatingColumns {
  /** In the manifest's order: by eval, measure, rater. Raters without any rating of a measure have no column there. */
  readonly columns: readonly RatingColumn[];
  /** Tokens of the judges' calls, by rater; raters whose calls say nothing of them are left out. */
  readonly tokens: ReadonlyMap<string, { readonly input: number; readonly output: number }>;
  /** Which models the judges' servers say that they served, by rater in place of a stage. */
  readonly judges: ServedByStage;
  /** Ratings by raters or of measures that the manifest does not know, or without their trial: how many, by which. */
  readonly unknownRatings: ReadonlyMap<string, number>;
}

/**
 * Reads the ratings of a run into columns: those that count, as the reader gives them. Panels have none here.
 *
 * @throws RecordsError for a value outside its measure's range
 */
export async function readRatings(run: RunReader, trials: TrialTable): Promise<RatingColumns> {
  const raters = new Map(run.manifest.raters.map((rater) => [rater.id, rater]));
  const drafts = new Map<EvalTable, Map<string, Map<string, ColumnDraft>>>();
  for (const table of trials.evals) {
    const rated = table.info.measures.filter(
      ({ derived, without }) => derived === undefined && without === undefined,
    );
    drafts.set(table, new Map(rated.map(({ id }) => [id, new Map()])));
  }
  const versions = new Map<string, number>();
  const tokens = new Map<string, { input: number; output: number }>();
  const unknownRatings = new Map<string, number>();
  const judges = new ServedByStage();
  for await (const batch of run.ratingBatches()) {
    for (const rating of batch) {
      if (rating.usage !== undefined) addTokens(tokens, rating.rater, rating.usage);
      if (rating.served !== undefined) judges.add(rating.rater, servedNames([rating.served]));
      const place = trials.place.get(rating.key);
      const ofMeasure = place && drafts.get(place.table)?.get(rating.measure);
      if (place === undefined || ofMeasure === undefined || !raters.has(rating.rater)) {
        const name = `${rating.measure} by ${rating.rater}`;
        unknownRatings.set(name, (unknownRatings.get(name) ?? 0) + 1);
        continue;
      }
      const { cell, table } = place;
      const column = keptIn(ofMeasure, rating.rater, () => draft(table.cells));
      const rated = rating.status === 'rated' && rating.value !== null;
      const alone = hasLabelAlone(rating);
      if (rated) requireInRange(rating, table);
      const code = alone ? RATING.labelAlone : STATUS_CODE[rating.status];
      column.status[cell] = rated ? RATING.rated : code || RATING.error;
      column.values[cell] = rated ? rating.value : Number.NaN;
      column.versions[cell] = numberOf(versions, rating.raterDigest);
      if (rated && rating.label !== undefined) noteLabel(column.labels, cell, rating.label);
      if (alone) noteLabel(column.labelsAlone, cell, rating.label!);
      if (rated && rating.explanation !== undefined && raters.get(rating.rater)!.kind === 'autorater') {
        column.explanations ??= new ExplanationCounts();
        column.explanations.note(rating.explanation);
      }
    }
  }
  return { columns: settle(run.manifest, trials, drafts), tokens, judges, unknownRatings };
}

function addTokens(
  tokens: Map<string, { input: number; output: number }>,
  rater: string,
  { inputTokens, outputTokens }: NonNullable<Rating['usage']>,
): void {
  const sum = keptIn(tokens, rater, () => ({ input: 0, output: 0 }));
  sum.input += inputTokens ?? 0;
  sum.output += outputTokens ?? 0;
}

/** Estimators rely on the range; a value beyond it means that the measure, or an import's mapping, is wrong. */
function requireInRange({ key, measure, rater, value }: Rating, { info }: EvalTable): void {
  const [bottom, top] = info.measures.find(({ id }) => id === measure)!.range;
  if (value! >= bottom && value! <= top) return;
  throw new RecordsError(
    `${rater} rated ${measure} with ${value}, outside its range of ${bottom} to ${top}`,
    {
      place: { trial: key },
      remedy: `Give ${measure} the range that its values really have, and import the ratings again.`,
    },
  );
}

interface ColumnDraft {
  readonly values: Float64Array;
  readonly status: Uint8Array;
  readonly versions: Int32Array;
  readonly labels: LabelDraft;
  readonly labelsAlone: LabelDraft;
  explanations?: ExplanationCounts;
}

function draft(cells: number): ColumnDraft {
  return {
    values: new Float64Array(cells).fill(Number.NaN),
    status: new Uint8Array(cells),
    versions: new Int32Array(cells).fill(-1),
    labels: { cells, names: new Map() },
    labelsAlone: { cells, names: new Map() },
  };
}

interface LabelDraft {
  readonly cells: number;
  readonly names: Map<string, number>;
  numbers?: Int32Array;
}

function noteLabel(labels: LabelDraft, cell: number, label: string): void {
  labels.numbers ??= new Int32Array(labels.cells).fill(-1);
  labels.numbers[cell] = numberOf(labels.names, label);
}

/** `undefined` where there are none. */
function settled({ names, numbers }: LabelDraft): LabelCells | undefined {
  return numbers && { names: [...names.keys()], numbers };
}

function settle(
  manifest: Manifest,
  trials: TrialTable,
  drafts: ReadonlyMap<EvalTable, ReadonlyMap<string, ReadonlyMap<string, ColumnDraft>>>,
): RatingColumn[] {
  const columns: RatingColumn[] = [];
  for (const table of trials.evals) {
    for (const measure of table.info.measures) {
      for (const rater of manifest.raters) {
        const found = drafts.get(table)?.get(measure.id)?.get(rater.id);
        if (found === undefined) continue;
        const { values, status, versions, explanations } = found;
        const [labels, labelsAlone] = [settled(found.labels), settled(found.labelsAlone)];
        const told = definedOnly({ labels, labelsAlone, explanations });
        columns.push({ table, measure, rater, values, status, versions: [versions], ...told });
      }
    }
  }
  return columns;
}

/**
 * One value a sample: the mean over those of its trials that have one.
 *
 * @param run  of the stage's training runs this one alone, counted from 0; left out for all
 * @returns over the samples of the column's table; NaN where no trial has a value
 */
export function sampleMeans({ table, values }: RatingColumn, stage: number, run?: number): Float64Array {
  const means = new Float64Array(table.samples.length);
  const [start, count] = run === undefined ? [0, table.epochs] : [run * table.runEpochs, table.runEpochs];
  for (let sample = 0; sample < means.length; sample++) {
    const first = firstCell(table, stage, sample) + start;
    let sum = 0;
    let there = 0;
    for (let cell = first; cell < first + count; cell++) {
      const value = values[cell]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      there++;
    }
    means[sample] = there === 0 ? Number.NaN : sum / there;
  }
  return means;
}
