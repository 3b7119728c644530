import {
  type EvalInfo,
  type Manifest,
  signBits,
  type TranscriptStatus,
  type TrialKey,
} from '../core/index.ts';
import { keptIn } from '../core/kept-in.ts';
import type { RunReader, TrialRow } from '../records/index.ts';
import { AnsweredBy } from './answered-by.ts';
import { placesOfRuns } from './training-runs.ts';

/** What became of a planned trial, as small numbers for the tables below. */
export const TRIAL = { notRun: 0, completed: 1, limit: 2, error: 3, empty: 4 } as const;

const STATUS_CODE: Readonly<Record<TranscriptStatus, number>> = {
  completed: TRIAL.completed,
  limit: TRIAL.limit,
  error: TRIAL.error,
  empty: TRIAL.empty,
};

/**
 * All trials of one eval as columns. A **cell** is a place for a trial: cell (stage·samples + sample)·epochs + epoch − 1.
 * The trials of a stage's further training runs (replicates) are at the stage itself, behind those of its first run.
 * Columns are typed arrays over the cells, so that hundreds of thousands of ratings fit in a few megabytes.
 */
export interface EvalTable {
  readonly info: EvalInfo;
  /** Sample ids, in the order of the trials' keys; a sample's number is its place here. */
  readonly samples: readonly string[];
  /** Cluster of each sample, as whole numbers from 0. */
  readonly clusters: Int32Array;
  /** The clusters' own names, by number. */
  readonly clusterNames: readonly string[];
  /** Cells of a sample at a stage: `runEpochs` for each of the runs of the stage that has most. */
  readonly epochs: number;
  readonly runEpochs: number;
  /**
   * By stage number: how often a sample was to be asked. Nobody knows of results that others published: there it is the most often
   * that a sample of the stage was asked, so that a stage with fewer repetitions than another has not lost any.
   */
  readonly plannedEpochs: readonly number[];
  /** By stage number: its training runs; 1 unless it has replicates. */
  readonly runs: readonly number[];
  readonly stages: number;
  readonly cells: number;
  /** `TRIAL` codes. */
  readonly status: Uint8Array;
  /** Which sample text, and which sampling settings, each trial had: numbers that are equal where the digests are. */
  readonly sampleDigests: Int32Array;
  readonly samplingDigests: Int32Array;
  /** Bits as in `TRIAL_SIGNS`. */
  readonly signs: Uint8Array;
  /** By stage: why its answers are not one checkpoint's, as a clause; `null` where they may be. */
  readonly mixtures: readonly (string | null)[];
}

/** What a stage's answers took, and which models the servers said that they were. */
export interface StageSpent {
  inputTokens: number;
  outputTokens: number;
  /** Trials by what was served: the text of `TrialRow.served`. */
  readonly served: Map<string, number>;
}

/** The trials of a run, and where each has its cell. */
export interface TrialTable {
  readonly evals: readonly EvalTable[];
  /** By stage number. */
  readonly spent: readonly StageSpent[];
  /** Place of a trial: its eval's number in `evals`, and its cell there. */
  readonly place: ReadonlyMap<TrialKey, { readonly table: EvalTable; readonly cell: number }>;
  /** Trials of stages and evals that the manifest does not know. */
  readonly unknownTrials: number;
  readonly answered: AnsweredBy;
}

/** The first cell of a sample in a stage; its `epochs` cells stand one after the other. */
export function firstCell(table: EvalTable, stage: number, sample: number): number {
  return (stage * table.samples.length + sample) * table.epochs;
}

/** Reads the trials of a run into columns: latest attempts only, as the reader gives them. */
export function readTrials(run: RunReader): TrialTable {
  const { stages, evals, origin } = run.manifest;
  const imported = origin.kind === 'import';
  const stageNumber = new Map(stages.map(({ id }, number) => [id, number]));
  const { places, runs } = placesOfRuns(stages);
  const drafts = new Map(evals.map((info) => [info.id, draft(info, stages.length)]));
  const answered = new AnsweredBy();
  const spent = stages.map((): StageSpent => ({ inputTokens: 0, outputTokens: 0, served: new Map() }));
  let unknownTrials = 0;
  for (const row of run.trials()) {
    const stage = stageNumber.get(row.stage);
    const target = drafts.get(row.eval);
    if (stage === undefined || target === undefined) {
      unknownTrials++;
      continue;
    }
    answered.add(row);
    spend(spent[stage]!, row);
    const sample = numberOf(target.numbers, row.sample);
    if (sample === target.clusters.length) target.clusters.push(numberOf(target.clusterNumbers, row.cluster));
    target.epochs = Math.max(target.epochs, row.epoch);
    const { stage: whole } = places[stage]!;
    target.epochsAt.set(whole, Math.max(target.epochsAt.get(whole) ?? 0, row.epoch));
    target.rows.push({
      key: row.key,
      ...places[stage]!,
      sample,
      epoch: row.epoch,
      status: STATUS_CODE[row.status],
      sampleDigest: numberOf(target.digests, row.sampleDigest),
      samplingDigest: numberOf(target.digests, row.samplingDigest),
      signs: signBits(row.signs),
    });
  }
  const place = new Map<TrialKey, { table: EvalTable; cell: number }>();
  const ownMixtures = stages.map((stage) => answered.mixture(stage));
  const mixtures = stages.map(
    (_, number) =>
      ownMixtures.find((mixture, arm) => places[arm]!.stage === number && mixture !== null) ?? null,
  );
  const tables = [...drafts.values()].map((target) => settle(target, place, mixtures, runs, imported));
  return { evals: tables, spent, place, unknownTrials, answered };
}

function spend(spent: StageSpent, { inputTokens, outputTokens, served }: TrialRow): void {
  spent.inputTokens += inputTokens ?? 0;
  spent.outputTokens += outputTokens ?? 0;
  if (served !== null) spent.served.set(served, (spent.served.get(served) ?? 0) + 1);
}

type TableDraft = ReturnType<typeof draft>;

interface DraftRow {
  readonly key: TrialKey;
  readonly stage: number;
  readonly run: number;
  readonly sample: number;
  readonly epoch: number;
  readonly status: number;
  readonly sampleDigest: number;
  readonly samplingDigest: number;
  readonly signs: number;
}

function draft(info: EvalInfo, stages: number) {
  return {
    info,
    stages,
    numbers: new Map<string, number>(),
    clusters: [] as number[],
    clusterNumbers: new Map<string, number>(),
    digests: new Map<string, number>(),
    rows: [] as DraftRow[],
    epochs: info.epochs,
    /** By stage number: the highest epoch that was seen. */
    epochsAt: new Map<number, number>(),
  };
}

function settle(
  target: TableDraft,
  place: Map<TrialKey, { table: EvalTable; cell: number }>,
  mixtures: EvalTable['mixtures'],
  runs: readonly number[],
  imported: boolean,
): EvalTable {
  const epochs = target.epochs * Math.max(1, ...runs);
  const cells = target.stages * target.numbers.size * epochs;
  const table: EvalTable = {
    info: target.info,
    samples: [...target.numbers.keys()],
    clusters: Int32Array.from(target.clusters),
    clusterNames: [...target.clusterNumbers.keys()],
    epochs,
    runEpochs: target.epochs,
    plannedEpochs: Array.from({ length: target.stages }, (_, stage) =>
      imported
        ? Math.min(target.info.epochs, target.epochsAt.get(stage) ?? target.info.epochs)
        : target.info.epochs,
    ),
    runs,
    stages: target.stages,
    cells,
    status: new Uint8Array(cells),
    sampleDigests: new Int32Array(cells).fill(-1),
    samplingDigests: new Int32Array(cells).fill(-1),
    signs: new Uint8Array(cells),
    mixtures,
  };
  for (const row of target.rows) {
    const cell = firstCell(table, row.stage, row.sample) + row.run * target.epochs + row.epoch - 1;
    table.status[cell] = row.status;
    table.sampleDigests[cell] = row.sampleDigest;
    table.samplingDigests[cell] = row.samplingDigest;
    table.signs[cell] = row.signs;
    place.set(row.key, { table, cell });
  }
  return table;
}

/** A number for a text: the same for the same text, counted from 0 in order of first appearance. */
export function numberOf(numbers: Map<string, number>, text: string): number {
  return keptIn(numbers, text, () => numbers.size);
}

/** Trials that the plan asks for: every stage with every sample of every eval, as often as its epochs say. */
export function plannedTrials({ stages, evals }: Manifest): number {
  return evals.reduce((total, { samples, epochs }) => total + stages.length * samples.count * epochs, 0);
}
