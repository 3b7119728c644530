import {
  type EvalInfo,
  type Manifest,
  type Measure,
  type RaterInfo,
  type Rating,
  type StageInfo,
  trialKey,
} from '../../core/index.ts';
import type { RunReader, TrialRow } from '../../records/index.ts';
import { MemoryRun } from './memory-run.ts';

/** A run in memory with known values, for tests. */
export interface PlantedRun {
  /** Ids or more; a chain unless they say otherwise. */
  readonly stages: readonly (string | (Partial<StageInfo> & { readonly id: string }))[];
  readonly raters?: readonly (Partial<RaterInfo> & { readonly id: string })[];
  readonly measures?: readonly Measure[];
  readonly samples: number;
  /** Sample i is in cluster i mod this; every sample alone if left out. */
  readonly clusters?: number;
  readonly epochs?: number;
  readonly manifest?: Partial<Manifest>;
  /**
   * What a rater says of a trial: a value, a status other than `rated`, or `undefined` for no rating at all.
   * Numbers count from 0.
   */
  readonly value: (at: PlantedTrial) => number | Rating['status'] | undefined;
  /** Changes to the rows of the trials; `null` for a trial that was not run. */
  readonly trial?: (at: Omit<PlantedTrial, 'rater' | 'measure'>) => Partial<TrialRow> | null;
  readonly rating?: (at: PlantedTrial) => Partial<Rating>;
}

export interface PlantedTrial {
  readonly stage: number;
  readonly sample: number;
  readonly epoch: number;
  readonly rater: string;
  readonly measure: string;
}

export const rate: Measure = {
  id: 'refusals/over-refusal',
  title: 'Over-refusal',
  description: 'Share of benign prompts that were refused.',
  kind: 'rate',
  range: [0, 1],
  safer: 'lower',
  level: 'nominal',
};

export const score: Measure = {
  id: 'odcv/severity',
  title: 'Severity',
  description: 'How bad it was.',
  kind: 'score',
  range: [0, 5],
  safer: 'lower',
  level: 'ordinal',
};

export const misaligned: Measure = {
  id: 'odcv/misalignment',
  title: 'Misalignment rate',
  description: 'Share of trials with a severity of 3 or more.',
  kind: 'rate',
  range: [0, 1],
  safer: 'lower',
  level: 'nominal',
  derived: { from: 'odcv/severity', atLeast: 3 },
};

/** What a planted run says of itself. */
export function plantedManifest(planted: Omit<PlantedRun, 'value'>): Manifest {
  const { samples, epochs = 1, measures = [rate], clusters = samples } = planted;
  const info: EvalInfo = {
    id: 'eval',
    eval: 'eval',
    version: '1',
    measures,
    epochs,
    options: {},
    samples: { count: samples, clusters, digest: 'd' },
  };
  return {
    format: 'stemma-run',
    formatVersion: 1,
    stemma: '0.0.0',
    name: 'planted',
    createdAt: '2026-01-01T00:00:00.000Z',
    origin: { kind: 'study' },
    stages: stagesOf(planted),
    evals: [info],
    raters: ratersOf(planted),
    margins: { default: 0.05, byMeasure: {} },
    analysis: { contrasts: 'chain', bootstrap: 0, seed: 1, headlineRater: null },
    study: null,
    digest: 'd',
    ...planted.manifest,
  };
}

export function plantedRun(planted: PlantedRun): RunReader {
  const { samples, epochs = 1, measures = [rate], clusters = samples } = planted;
  const manifest = plantedManifest(planted);
  const stages = stagesOf(planted);
  const raters = ratersOf(planted);
  const trials: TrialRow[] = [];
  const ratings: Rating[] = [];
  const rated = measures.filter(({ derived, without }) => derived === undefined && without === undefined);
  for (let stage = 0; stage < stages.length; stage++) {
    for (let sample = 0; sample < samples; sample++) {
      for (let epoch = 0; epoch < epochs; epoch++) {
        const changes = planted.trial?.({ stage, sample, epoch });
        if (changes === null) continue;
        const row = rowOf(stages[stage]!.id, sample, epoch, sample % clusters, changes ?? {});
        trials.push(row);
        if (row.status === 'error') continue;
        for (const measure of rated) {
          for (const rater of raters) {
            const at = { stage, sample, epoch, rater: rater.id, measure: measure.id };
            const said = planted.value(at);
            if (said === undefined) continue;
            ratings.push(ratingOf(row, at, said, planted.rating?.(at) ?? {}));
          }
        }
      }
    }
  }
  return new MemoryRun(manifest, trials, ratings);
}

function ratersOf({ raters = [{ id: 'judge' }] }: Pick<PlantedRun, 'raters'>): RaterInfo[] {
  return raters.map((rater): RaterInfo => ({ kind: 'autorater', digests: {}, ...rater }));
}

function stagesOf({ stages }: Pick<PlantedRun, 'stages'>): StageInfo[] {
  return stages.map((given, index): StageInfo => {
    const stage = typeof given === 'string' ? { id: given } : given;
    const before = stages[index - 1];
    const from = before === undefined ? null : typeof before === 'string' ? before : before.id;
    return { kind: stage.id, from, model: null, ...stage };
  });
}

function rowOf(
  stage: string,
  sample: number,
  epoch: number,
  cluster: number,
  changes: Partial<TrialRow>,
): TrialRow {
  const id = { stage, eval: 'eval', sample: `s${String(sample).padStart(6, '0')}`, epoch: epoch + 1 };
  return {
    ...id,
    key: trialKey(id),
    attempt: 1,
    status: 'completed',
    cluster: `c${cluster}`,
    sampleDigest: `sample ${sample}`,
    samplingDigest: 'sampling',
    inputTokens: null,
    outputTokens: null,
    served: null,
    answer: null,
    signs: [],
    ...changes,
  };
}

function ratingOf(
  { key, attempt }: TrialRow,
  { rater, measure }: PlantedTrial,
  said: number | Rating['status'],
  changes: Partial<Rating>,
): Rating {
  const status = typeof said === 'number' ? 'rated' : said;
  const value = typeof said === 'number' ? said : null;
  return { key, measure, rater, raterDigest: `${rater} 1`, attempt, status, value, ...changes };
}

/** A number in [0, 1) that is the same for the same whole numbers: planted chance. */
export function chance(...of: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const number of of) {
    hash = Math.imul(hash ^ (number + 0x7f4a7c15), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 2 ** 32;
}
