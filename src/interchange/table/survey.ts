import {
  digestOf,
  type EvalInfo,
  InputError,
  type Margins,
  type Measure,
  type RaterInfo,
  type Rating,
  type StageInfo,
} from '../../core/index.ts';
import { publishedRating, surveySamples } from '../../evals/published-trial.ts';
import { byName, chained } from '../chain.ts';
import type { DeclaredMeasure } from '../declared-measure.ts';
import { MeasureSurvey, measureId } from '../measure-survey.ts';
import { Names } from '../names.ts';
import type { TableMapping } from './mapping.ts';
import { type DeclaredReplicates, ReplicateNames } from './replicates.ts';
import type { ResultRow } from './rows.ts';
import { sampleOfRow } from './sample.ts';

/** The family of measures that stemma does not know. */
const FAMILY = 'imported';

/** A trial as the table's rows make it up; its texts are read from its first row when it is written. */
interface SurveyedTrial {
  /** The number of its first row, and that row's line. */
  readonly row: number;
  readonly line: number;
  /** Digest of prompt, thoughts and response, which the trial's other rows must not contradict. */
  readonly texts: string;
  readonly ratings: { readonly line: number; readonly rating: Omit<Rating, 'key'> }[];
}

/** A table read once from end to end: what goes into the manifest, and every trial's ratings. */
export class Survey {
  readonly #file: string;
  readonly #source: string;
  readonly #chains: readonly (readonly string[])[];
  readonly #replicates: ReplicateNames;
  readonly #written = new Set<string>();
  readonly #defaultMeasure: string;
  readonly #stages: Names;
  readonly #raters: Names;
  readonly #clusters = new Map<string, { readonly cluster: string; readonly line: number }>();
  readonly #samples = new Map<string, ReturnType<typeof sampleOfRow>>();
  readonly #measures: MeasureSurvey;
  readonly #trials = new Map<string, SurveyedTrial>();
  #epochs = 1;

  /** @param declared what is known beforehand of measures and of the order of stages */
  constructor(
    file: string,
    source: string,
    { columns, safer }: TableMapping,
    declared: {
      readonly measures?: readonly DeclaredMeasure[];
      readonly chains?: readonly (readonly string[])[];
      readonly replicates?: readonly DeclaredReplicates[];
    } = {},
  ) {
    this.#file = file;
    this.#source = source;
    this.#defaultMeasure = columns.value ?? 'value';
    this.#stages = new Names('stage', file);
    this.#raters = new Names('rater', file);
    this.#chains = declared.chains ?? [];
    this.#measures = new MeasureSurvey({
      declared: declared.measures ?? [],
      families: [FAMILY],
      safer: safer ?? null,
      source: { name: 'table', file },
    });
    this.#replicates = new ReplicateNames(declared.replicates ?? []);
  }

  /** @throws InputError naming both lines where a row contradicts an earlier one */
  add(row: ResultRow): void {
    this.#written.add(row.stage);
    this.stageId(row);
    this.#requireOneCluster(row);
    this.#epochs = Math.max(this.#epochs, row.epoch);
    if (!this.#samples.has(row.sample)) this.#samples.set(row.sample, sampleOfRow(row));
    const trial = this.#trialOf(row);
    const measure = this.#measureOf(row);
    const rater = this.#raters.idOf(row.rater || 'published', row.line);
    const before = trial.ratings.find(({ rating }) => rating.measure === measure && rating.rater === rater);
    if (before !== undefined) throw this.#twice(row, before.line);
    this.#measures.add(measure, row.value);
    const { key: _, ...rating } = publishedRating(this.#source, {
      key: '',
      measure,
      rater,
      status: row.value === null ? 'unparsed' : 'rated',
      value: row.value,
      ...(row.label === '' ? {} : { label: row.label }),
      ...(row.explanation === '' ? {} : { explanation: row.explanation }),
    });
    trial.ratings.push({ line: row.line, rating });
  }

  stageId(row: ResultRow): string {
    return this.#stages.idOf(this.#replicates.nameOf(row.stage), row.line);
  }

  /** The trial that a row belongs to. */
  trial(row: ResultRow): SurveyedTrial {
    return this.#trials.get(trialName(row))!;
  }

  stages(): readonly StageInfo[] {
    this.#replicates.requireIn(this.#written);
    return this.#replicates.marked(chained(this.#stages.all(), this.#chains));
  }

  /** A rater whose name begins with "human" is one; any other is taken for an autorater, whose word is not the truth. */
  raters(): readonly RaterInfo[] {
    return byName(this.#raters.all(), ({ id }) => id).map((rater) => ({
      ...rater,
      kind: /^human/i.test(rater.id) ? 'human' : 'autorater',
      digests: {},
    }));
  }

  /** @throws InputError when a measure has no value at all, or one beyond its range */
  evalInfo(id: string): EvalInfo {
    return {
      id,
      eval: id,
      version: 'imported',
      measures: this.#measures.measures(),
      epochs: this.#epochs,
      options: {},
      samples: surveySamples(this.#samples.values()),
    };
  }

  /** Margins of the measures: five points of each rate, and what was declared. */
  margins(measures: readonly Measure[]): Margins {
    return this.#measures.margins(measures);
  }

  #trialOf(row: ResultRow): SurveyedTrial {
    const name = trialName(row);
    const texts = digestOf([row.prompt, row.thoughts, row.response]);
    const known = this.#trials.get(name);
    if (known === undefined) {
      const trial = { row: row.number, line: row.line, texts, ratings: [] };
      this.#trials.set(name, trial);
      return trial;
    }
    if (known.texts === texts) return known;
    throw new InputError(
      `stage "${row.stage}", sample "${row.sample}", epoch ${row.epoch} has another prompt or response here than in line ${known.line}`,
      {
        place: { file: this.#file, line: row.line },
        remedy:
          'If these are repetitions of the sample, name the column that numbers them: --map epoch=COLUMN.',
      },
    );
  }

  #requireOneCluster({ sample, cluster, line }: ResultRow): void {
    const known = this.#clusters.get(sample);
    if (known === undefined) {
      this.#clusters.set(sample, { cluster, line });
    } else if (known.cluster !== cluster) {
      throw new InputError(
        `sample "${sample}" is of cluster "${cluster}" here, but of "${known.cluster}" in line ${known.line}`,
        { place: { file: this.#file, line }, remedy: 'A sample has one cluster in all stages.' },
      );
    }
  }

  #twice(row: ResultRow, before: number): InputError {
    return new InputError(
      `stage "${row.stage}", sample "${row.sample}", epoch ${row.epoch} has a value of the same measure by the same rater in line ${before} already`,
      {
        place: { file: this.#file, line: row.line },
        remedy:
          'Name the column that tells the two apart: --map epoch=COLUMN for repetitions, rater=COLUMN for judges, measure=COLUMN for measures.',
      },
    );
  }

  #measureOf({ measure }: ResultRow): string {
    return measureId(measure || this.#defaultMeasure, FAMILY);
  }
}

function trialName({ stage, sample, epoch }: ResultRow): string {
  return JSON.stringify([stage, sample, epoch]);
}
