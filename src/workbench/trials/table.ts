import {
  parseTrialKey,
  type Rating,
  type RatingStatus,
  type TranscriptStatus,
  type TrialKey,
} from '../../core/index.ts';
import type { TrialFilter } from './filter.ts';

export const TRIAL_STATUSES: readonly TranscriptStatus[] = ['completed', 'limit', 'error', 'empty'];
export const RATING_STATUSES: readonly RatingStatus[] = ['rated', 'unparsed', 'refused', 'error'];

/** What one rater said on one measure of a trial. */
export interface RatedValue extends Pick<Rating, 'measure' | 'rater' | 'status' | 'value'> {
  readonly label: string | null;
}

/** The same as records have it. */
export type GivenValue = Omit<RatedValue, 'label'> & { readonly label?: string | null };

/** One measure as one rater rates it. Arrays have an entry for each trial of the table. */
export interface ValueColumn {
  readonly measure: string;
  readonly rater: string;
  /** `NaN` where there is no value. */
  readonly value: Float64Array;
  /** Index into the table's labels; -1 where the rating has none. */
  readonly label: Int32Array;
  /** Index into the rating statuses, plus 1; 0 where the trial has no such rating. */
  readonly status: Uint8Array;
}

/**
 * Every trial of a run, without its texts, in columns: a million trials take some 50 MB, and a filter some milliseconds.
 * Samples are in the order of the evals and of their ids; the trials of a sample in training order, then by epoch. It uses
 * nothing that a browser lacks, so that an exported bundle filters with the same code as the server.
 */
export interface TrialColumns {
  readonly stages: readonly string[];
  readonly evals: readonly string[];
  readonly clusters: readonly string[];
  readonly labels: readonly string[];
  readonly samples: {
    readonly id: readonly string[];
    readonly eval: Uint16Array;
    readonly cluster: Int32Array;
    /** Where the trials of each sample begin; one more entry than there are samples. */
    readonly first: Int32Array;
  };
  readonly trials: { readonly stage: Uint16Array; readonly epoch: Int32Array; readonly status: Uint8Array };
  readonly columns: readonly ValueColumn[];
}

/** The place of a trial in the table; -1 where it is not there. */
export function trialAt(
  { samples, trials }: Pick<TrialColumns, 'samples' | 'trials'>,
  sample: number,
  stage: number,
  epoch: number,
): number {
  for (let at = samples.first[sample]!; at < samples.first[sample + 1]!; at++)
    if (trials.stage[at] === stage && trials.epoch[at] === epoch) return at;
  return -1;
}

/** Finds the place of a trial by its key; -1 where the table does not have it. */
export function placeOfTrial(table: TrialColumns): (key: TrialKey) => number {
  const samples = new Map(
    table.samples.id.map((id, at) => [`${table.evals[table.samples.eval[at]!]}/${id}`, at]),
  );
  return (key) => {
    const { stage, eval: name, sample, epoch } = parseTrialKey(key);
    const at = samples.get(`${name}/${sample}`);
    return at === undefined ? -1 : trialAt(table, at, table.stages.indexOf(stage), epoch);
  };
}

/** What of a table passes a filter. */
export interface SampleSelection {
  /** Places of the samples that pass, in the order of the table. */
  readonly samples: Int32Array;
  /** For each of them: the largest difference between the means of two stages, by one rater on one measure. */
  readonly changes: Float64Array;
  /** Whether a trial itself passes; the others of its sample are shown beside it. */
  matches(trial: number): boolean;
  /** The columns that the filter leaves. */
  readonly columns: readonly ValueColumn[];
}

/**
 * The samples with a trial that passes a filter. Where the filter has a text, `hasText` says which trials have it; without
 * `hasText` the text is not looked at.
 */
export function select(
  table: TrialColumns,
  filter: TrialFilter,
  hasText?: (trial: number) => boolean,
): SampleSelection {
  const { samples, trials } = table;
  const columns = table.columns.filter(
    ({ measure, rater }) => passes(filter.measures, measure) && passes(filter.raters, rater),
  );
  const needsRating = filter.measures !== undefined || filter.raters !== undefined;
  const stages = places(table.stages, filter.stages);
  const evals = places(table.evals, filter.evals);
  const clusters = places(table.clusters, filter.clusters);
  const statuses = places(TRIAL_STATUSES, filter.statuses);
  const ids = filter.samples === undefined ? null : new Set(filter.samples);
  const labels = filter.labels === undefined ? null : labelTest(table, filter.labels);
  const matches = (at: number): boolean =>
    (stages === null || stages.has(trials.stage[at]!)) &&
    (statuses === null || statuses.has(trials.status[at]!)) &&
    (labels === null || columns.some((column) => labels(column, at))) &&
    (!needsRating || columns.some(({ status }) => status[at] !== 0)) &&
    (filter.text === undefined || hasText === undefined || hasText(at));
  const found: number[] = [];
  const changes: number[] = [];
  const largest = largestChange(table, columns, filter.between);
  for (let sample = 0; sample < samples.id.length; sample++) {
    if (evals !== null && !evals.has(samples.eval[sample]!)) continue;
    if (clusters !== null && !clusters.has(samples.cluster[sample]!)) continue;
    if (ids !== null && !ids.has(samples.id[sample]!)) continue;
    let passing = false;
    let differing = false;
    for (let at = samples.first[sample]!; at < samples.first[sample + 1]!; at++) {
      if (!matches(at)) continue;
      passing = true;
      if (!filter.ratersDiffer) break;
      differing ||= ratersDiffer(columns, at);
    }
    if (!passing || (filter.ratersDiffer && !differing)) continue;
    const change = largest(sample);
    if (filter.stagesDiffer && change === 0) continue;
    found.push(sample);
    changes.push(change);
  }
  return { samples: Int32Array.from(found), changes: Float64Array.from(changes), matches, columns };
}

/** Ratings of a trial in the order of the columns. */
export function ratingsAt(
  { labels }: Pick<TrialColumns, 'labels'>,
  columns: readonly ValueColumn[],
  at: number,
): RatedValue[] {
  return columns.flatMap(({ measure, rater, value, label, status }) => {
    if (status[at] === 0) return [];
    return {
      measure,
      rater,
      status: RATING_STATUSES[status[at]! - 1]!,
      value: Number.isNaN(value[at]!) ? null : value[at]!,
      label: label[at]! < 0 ? null : labels[label[at]!]!,
    };
  });
}

/** A label as it is shown and filtered: the rater's own, else the value, else why there is none. */
export function labelOf({ label, value, status }: Pick<GivenValue, 'label' | 'value' | 'status'>): string {
  return status === 'rated' ? (label ?? String(value)) : status;
}

function labelTest(
  table: TrialColumns,
  wanted: readonly string[],
): (column: ValueColumn, at: number) => boolean {
  const named = new Set(wanted.map((label) => table.labels.indexOf(label)).filter((at) => at >= 0));
  const text = new Set(wanted);
  return ({ label, value, status }, at) => {
    const rated = status[at]!;
    if (rated === 0) return false;
    if (rated > 1) return text.has(RATING_STATUSES[rated - 1]!);
    return label[at]! >= 0 ? named.has(label[at]!) : text.has(String(value[at]));
  };
}

function ratersDiffer(columns: readonly ValueColumn[], at: number): boolean {
  return columns.some(({ measure, value }, place) => {
    if (Number.isNaN(value[at]!)) return false;
    for (let other = place + 1; other < columns.length; other++) {
      const column = columns[other]!;
      if (column.measure !== measure || Number.isNaN(column.value[at]!)) continue;
      if (column.value[at] !== value[at]) return true;
    }
    return false;
  });
}

/** For each sample the largest difference between the means of two stages, by one rater on one measure; 0 where none differ. */
function largestChange(
  { stages, samples, trials }: TrialColumns,
  columns: readonly ValueColumn[],
  between: TrialFilter['between'],
): (sample: number) => number {
  const sum = new Float64Array(stages.length);
  const times = new Int32Array(stages.length);
  const compared = stages.map((stage) => between === undefined || between.includes(stage));
  return (sample) => {
    let largest = 0;
    for (const { value } of columns) {
      sum.fill(0);
      times.fill(0);
      for (let at = samples.first[sample]!; at < samples.first[sample + 1]!; at++) {
        if (Number.isNaN(value[at]!)) continue;
        sum[trials.stage[at]!]! += value[at]!;
        times[trials.stage[at]!]!++;
      }
      let [low, high] = [Infinity, -Infinity];
      for (let stage = 0; stage < stages.length; stage++) {
        if (times[stage] === 0 || !compared[stage]) continue;
        const mean = sum[stage]! / times[stage]!;
        low = Math.min(low, mean);
        high = Math.max(high, mean);
      }
      largest = Math.max(largest, high - low);
    }
    return largest;
  };
}

function places(all: readonly string[], wanted: readonly string[] | undefined): Set<number> | null {
  return wanted === undefined ? null : new Set(wanted.map((name) => all.indexOf(name)));
}

function passes(wanted: readonly string[] | undefined, name: string): boolean {
  return wanted === undefined || wanted.includes(name);
}
