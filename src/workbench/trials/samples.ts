import {
  type Rating,
  type Transcript,
  type TranscriptStatus,
  type TrialKey,
  trialKey,
} from '../../core/index.ts';
import type { RunReader, TrialRow } from '../../records/index.ts';
import type { TrialFilter } from './filter.ts';

/** What one rater said on one measure of a trial. */
type RatedValue = Pick<Rating, 'measure' | 'rater' | 'status' | 'value'> & {
  readonly label: string | null;
};

/** A trial without its texts. */
export interface RatedTrial {
  readonly key: TrialKey;
  readonly stage: string;
  readonly epoch: number;
  readonly status: TranscriptStatus;
  readonly ratings: readonly RatedValue[];
  /** Whether the trial itself passes the filter; the others of its sample are shown beside it. */
  readonly matches: boolean;
}

/** A sample with its trials at all stages. */
export interface SampleTrials {
  readonly eval: string;
  readonly sample: string;
  readonly cluster: string;
  /** By stage in training order, then by epoch. */
  readonly trials: readonly RatedTrial[];
  /** The largest difference between the means of two stages, by one rater on one measure; 0 where none differ. */
  readonly change: number;
}

/**
 * The samples that pass a filter, in the order of the evals and of the sample ids. Texts are not read, unless the filter
 * looks for one.
 */
export async function findSamples(reader: RunReader, filter: TrialFilter): Promise<SampleTrials[]> {
  const ratings = await ratingsByTrial(reader, filter);
  const stages = reader.manifest.stages.map(({ id }) => id);
  const found: SampleTrials[] = [];
  for (const rows of groupsOf(reader.trials(), filter)) {
    const texts = filter.text === undefined ? null : await textsOf(reader, rows, filter.text);
    const trials = rows
      .map((row) => ratedTrial(row, ratings.get(row.key) ?? [], filter, texts))
      .sort((a, b) => stages.indexOf(a.stage) - stages.indexOf(b.stage) || a.epoch - b.epoch);
    const change = largestChange(trials);
    if (!trials.some(({ matches }) => matches)) continue;
    if (filter.stagesDiffer && change === 0) continue;
    if (filter.ratersDiffer && !trials.some((trial) => trial.matches && ratersDiffer(trial))) continue;
    const { eval: evaluation, sample, cluster } = rows[0]!;
    found.push({ eval: evaluation, sample, cluster, trials, change });
  }
  const evals = reader.manifest.evals.map(({ id }) => id);
  return found.sort(
    (a, b) =>
      evals.indexOf(a.eval) - evals.indexOf(b.eval) ||
      (a.sample < b.sample ? -1 : a.sample > b.sample ? 1 : 0),
  );
}

/** The texts of a sample's trials, by key. */
export async function transcriptsOf(
  reader: RunReader,
  { trials }: Pick<SampleTrials, 'trials'>,
): Promise<ReadonlyMap<TrialKey, Transcript>> {
  const read = await Promise.all(trials.map(async ({ key }) => [key, await reader.transcript(key)] as const));
  return new Map(read.flatMap(([key, transcript]) => (transcript === undefined ? [] : [[key, transcript]])));
}

async function ratingsByTrial(
  reader: RunReader,
  { measures, raters }: TrialFilter,
): Promise<ReadonlyMap<TrialKey, readonly RatedValue[]>> {
  const byTrial = new Map<TrialKey, RatedValue[]>();
  for await (const { key, measure, rater, status, value, label } of reader.ratings()) {
    if (!includes(measures, measure) || !includes(raters, rater)) continue;
    const ratings = byTrial.get(key);
    const rating = { measure, rater, status, value, label: label ?? null };
    if (ratings === undefined) byTrial.set(key, [rating]);
    else ratings.push(rating);
  }
  return byTrial;
}

function groupsOf(rows: Iterable<TrialRow>, filter: TrialFilter): TrialRow[][] {
  const groups = new Map<string, TrialRow[]>();
  for (const row of rows) {
    if (!includes(filter.evals, row.eval) || !includes(filter.samples, row.sample)) continue;
    if (!includes(filter.clusters, row.cluster)) continue;
    const name = `${row.eval}\n${row.sample}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** The keys of the trials in whose prompt, thoughts or response a text stands. */
async function textsOf(reader: RunReader, rows: readonly TrialRow[], text: string): Promise<Set<TrialKey>> {
  const wanted = text.toLocaleLowerCase();
  const found = new Set<TrialKey>();
  for (const { key } of rows) {
    const transcript = await reader.transcript(key);
    if (transcript && spoken(transcript).toLocaleLowerCase().includes(wanted)) found.add(key);
  }
  return found;
}

function spoken({ input, output, thoughts, response }: Transcript): string {
  const turns = [...input, ...output].flatMap((message) => [
    message.content,
    message.role === 'assistant' ? (message.thoughts ?? '') : '',
  ]);
  return [...turns, thoughts ?? '', response ?? ''].join('\n');
}

function ratedTrial(
  row: TrialRow,
  ratings: readonly RatedValue[],
  filter: TrialFilter,
  texts: ReadonlySet<TrialKey> | null,
): RatedTrial {
  const matches =
    includes(filter.stages, row.stage) &&
    includes(filter.statuses, row.status) &&
    (filter.labels === undefined || ratings.some((rating) => filter.labels!.includes(labelOf(rating)))) &&
    ((filter.measures === undefined && filter.raters === undefined) || ratings.length > 0) &&
    (texts === null || texts.has(row.key));
  const { stage, eval: evaluation, sample, epoch, status } = row;
  return {
    key: trialKey({ stage, eval: evaluation, sample, epoch }),
    stage,
    epoch,
    status,
    ratings,
    matches,
  };
}

/** A label as it is shown and filtered: the rater's own, else the value, else why there is none. */
export function labelOf({ label, value, status }: Pick<RatedValue, 'label' | 'value' | 'status'>): string {
  return status === 'rated' ? (label ?? String(value)) : status;
}

function ratersDiffer({ ratings }: RatedTrial): boolean {
  const values = new Map<string, number>();
  for (const { measure, value } of ratings) {
    if (value === null) continue;
    const other = values.get(measure);
    if (other !== undefined && other !== value) return true;
    values.set(measure, value);
  }
  return false;
}

function largestChange(trials: readonly RatedTrial[]): number {
  const sums = new Map<string, Map<string, { sum: number; count: number }>>();
  for (const { stage, ratings } of trials) {
    for (const { measure, rater, value } of ratings) {
      if (value === null) continue;
      const name = `${measure}\n${rater}`;
      if (!sums.has(name)) sums.set(name, new Map());
      const mean = sums.get(name)!.get(stage) ?? { sum: 0, count: 0 };
      sums.get(name)!.set(stage, { sum: mean.sum + value, count: mean.count + 1 });
    }
  }
  const changes = [...sums.values()].map((byStage) => {
    const means = [...byStage.values()].map(({ sum, count }) => sum / count);
    return Math.max(...means) - Math.min(...means);
  });
  return Math.max(0, ...changes);
}

function includes<T>(list: readonly T[] | undefined, value: T): boolean {
  return list === undefined || list.includes(value);
}
