import {
  digestOf,
  digestOfText,
  type EvalInfo,
  InputError,
  type Margins,
  type Measure,
  type RaterInfo,
  type Rating,
  type StageInfo,
  sampleDigest,
} from '../../core/index.ts';
import { publishedRating } from '../../evals/published-trial.ts';
import { nearest } from '../../files/index.ts';
import { byName, chained } from '../chain.ts';
import type { DeclaredMeasure } from '../declared-measure.ts';
import { MeasureSurvey, measureId } from '../measure-survey.ts';
import { Names } from '../names.ts';
import type { TableMapping } from './mapping.ts';
import { type DeclaredReplicates, ReplicateNames } from './replicates.ts';
import type { ResultRow } from './rows.ts';
import { sampleOfRow } from './sample.ts';

const MOST_STAGES = 1 << 12;
/** Pairs of a measure and a rater. */
const MOST_COLUMNS = 1 << 12;

/** What the rows so far say of a sample. */
interface SurveyedSample {
  readonly number: number;
  readonly cluster: string;
  /** Only where the table has several files. */
  readonly file?: string;
  readonly line: number;
  readonly digest: string;
}

/**
 * A table read once from end to end: what goes into the manifest, and how many rows each trial has. It holds numbers, not
 * texts, so that millions of rows fit into memory; the second reading takes the texts.
 */
export class Survey {
  readonly #file: string;
  readonly #source: string;
  readonly #mapping: TableMapping;
  readonly #chains: readonly (readonly string[])[];
  readonly #replicates: ReplicateNames;
  readonly #written = new Set<string>();
  readonly #defaultMeasure: string;
  readonly #family: string;
  readonly #stages: Names;
  readonly #raters: Names;
  readonly #stageNumbers = new Numbers();
  readonly #columnNumbers = new Numbers();
  readonly #samples = new Map<string, SurveyedSample>();
  readonly #measures: MeasureSurvey;
  /** By stage and epoch, and then by the number of the sample: 1 + the number of the trial. */
  readonly #trials = new Map<number, GrowingNumbers>();
  /** By trial, in the order of their first rows. */
  readonly #rows = new GrowingNumbers();
  readonly #texts: number[] = [];
  readonly #lines = new GrowingNumbers();
  /** By column of ratings, and then by trial: the line. */
  readonly #rated: GrowingNumbers[] = [];
  readonly #open = new Map<
    number,
    { readonly first: ResultRow; readonly ratings: Omit<Rating, 'key'>[]; rows: number }
  >();
  #epochs = 1;
  #generations = 0;

  /** @param declared what is known beforehand of measures and of the order of stages */
  constructor(
    file: string,
    source: string,
    mapping: TableMapping,
    declared: {
      readonly family: string;
      readonly measures?: readonly DeclaredMeasure[];
      readonly chains?: readonly (readonly string[])[];
      readonly replicates?: readonly DeclaredReplicates[];
    },
  ) {
    this.#file = file;
    this.#source = source;
    this.#mapping = mapping;
    const { value } = mapping.columns;
    this.#defaultMeasure = typeof value === 'string' ? value : 'value';
    this.#family = declared.family;
    this.#stages = new Names('stage', file);
    this.#raters = new Names('rater', file);
    this.#chains = declared.chains ?? [];
    this.#measures = new MeasureSurvey({
      declared: [...(mapping.measures ?? []), ...(declared.measures ?? [])],
      families: [this.#family],
      safer: mapping.safer ?? null,
      source: { name: 'table', file },
    });
    this.#replicates = new ReplicateNames(declared.replicates ?? []);
  }

  /** @throws InputError naming both lines where a row contradicts an earlier one */
  add(row: ResultRow): void {
    this.#written.add(row.stage);
    this.stageId(row);
    this.#takeSample(row);
    this.#epochs = Math.max(this.#epochs, row.epoch);
    const trial = this.#takeTrial(row);
    if (row.value === undefined) {
      this.#generations++;
      return;
    }
    const measure = this.#measureOf(row);
    const rater = this.#raterOf(row);
    const column = this.#columnNumbers.of(`${measure}\n${rater}`, MOST_COLUMNS, 'measures and raters');
    this.#rated[column] ??= new GrowingNumbers();
    const before = this.#rated[column].get(trial);
    if (before !== 0) throw this.#twice(row, before);
    this.#rated[column].set(trial, row.line);
    this.#measures.add(measure, row.value);
  }

  stageId(row: ResultRow): string {
    return this.#stages.idOf(this.#replicates.nameOf(row.stage), row.line);
  }

  /**
   * Takes a row of the second reading.
   *
   * @returns the trial's first row and all its ratings with the last of its rows; `null` before
   */
  collect(
    row: ResultRow,
  ): { readonly first: ResultRow; readonly ratings: readonly Omit<Rating, 'key'>[] } | null {
    const trial = this.#trialOf(row)!;
    let open = this.#open.get(trial);
    if (open === undefined) {
      open = { first: row, ratings: [], rows: 0 };
      this.#open.set(trial, open);
    }
    open.rows++;
    if (row.value !== undefined) open.ratings.push(this.#rating(row, row.value));
    if (open.rows < this.#rows.get(trial)) return null;
    this.#open.delete(trial);
    return open;
  }

  stages(): readonly StageInfo[] {
    this.#replicates.requireIn(this.#written);
    return this.#replicates.marked(chained(this.#stages.all(), this.#chains, this.#mapping.stages ?? []));
  }

  /** A rater whose name begins with "human" is one; any other is taken for an autorater, whose word is not the truth. */
  raters(): readonly RaterInfo[] {
    const said = this.#mapping.raters ?? {};
    const all = this.#raters.all();
    const unknown = Object.keys(said).find(
      (name) => !all.some(({ id, title }) => id === name || title === name),
    );
    if (unknown !== undefined) {
      const names = all.map(({ id, title }) => title ?? id);
      const near = nearest(unknown, names);
      throw new InputError(`the mapping names the rater "${unknown}", which is not there`, {
        remedy: `${near === undefined ? '' : `Did you mean "${near}"? `}Its raters are: ${names.join(', ')}.`,
      });
    }
    return byName(all, ({ id }) => id).map((rater) => {
      const { kind, title } = said[rater.title ?? rater.id] ?? said[rater.id] ?? {};
      return {
        ...rater,
        ...(title === undefined ? {} : { title }),
        kind: kind ?? (/^human/i.test(rater.id) ? 'human' : 'autorater'),
        digests: {},
      };
    });
  }

  /** @throws InputError when a measure has no value at all, or one beyond its range */
  evalInfo(id: string): EvalInfo {
    const samples = [...this.#samples.values()];
    return {
      id,
      eval: id,
      version: 'imported',
      measures: this.#measures.measures(),
      epochs: this.#epochs,
      options: {},
      samples: {
        count: samples.length,
        clusters: new Set(samples.map(({ cluster }) => cluster)).size,
        digest: digestOfText(
          samples
            .map(({ digest }) => digest)
            .sort()
            .join(),
        ),
      },
    };
  }

  /** Margins of the measures: five points of each rate, and what was declared. */
  margins(measures: readonly Measure[]): Margins {
    return this.#measures.margins(measures);
  }

  /** What the user should know of the table. */
  notes(): string[] {
    return this.#generations > 0
      ? [
          'This table holds responses without values. `stemma view` shows them; `stemma import … --add` adds values of the same samples. `stemma rate` does not rate imported responses yet.',
        ]
      : [];
  }

  #takeSample(row: ResultRow): void {
    const { sample, cluster } = row;
    const known = this.#samples.get(sample);
    if (known === undefined) {
      const digest = sampleDigest(sampleOfRow(row));
      this.#samples.set(sample, {
        number: this.#samples.size,
        cluster,
        ...(row.file === this.#file ? {} : { file: row.file }),
        line: row.line,
        digest,
      });
    } else if (known.cluster !== cluster) {
      throw new InputError(
        `sample "${sample}" is of cluster "${cluster}" here, but of "${known.cluster}" in ${known.file === undefined ? '' : `${known.file}, `}line ${known.line}`,
        { place: { file: row.file, line: row.line }, remedy: 'A sample has one cluster in all stages.' },
      );
    }
  }

  /** @returns the number of the row's trial */
  #takeTrial(row: ResultRow): number {
    const texts = Number.parseInt(digestOf([row.prompt, row.thoughts, row.response]).slice(0, 13), 16);
    const known = this.#trialOf(row);
    if (known === null) {
      const trial = this.#texts.length;
      this.#slotOf(row).set(this.#samples.get(row.sample)!.number, trial + 1);
      this.#rows.set(trial, 1);
      this.#texts.push(texts);
      this.#lines.set(trial, row.line);
      return trial;
    }
    this.#rows.set(known, this.#rows.get(known) + 1);
    if (this.#texts[known] === texts) return known;
    throw new InputError(
      `stage "${row.stage}", sample "${row.sample}", epoch ${row.epoch} has another prompt or response here than in line ${this.#lines.get(known)}`,
      {
        place: { file: row.file, line: row.line },
        remedy:
          'If these are repetitions of the sample, name the column that numbers them: --map epoch=COLUMN.',
      },
    );
  }

  #twice(row: ResultRow, before: number): InputError {
    return new InputError(
      `stage "${row.stage}", sample "${row.sample}", epoch ${row.epoch} has a value of the same measure by the same rater in line ${before} already`,
      {
        place: { file: row.file, line: row.line },
        remedy:
          'Name the column that tells the two apart: --map epoch=COLUMN for repetitions, rater=COLUMN for judges, measure=COLUMN for measures.',
      },
    );
  }

  #rating(row: ResultRow, value: number | null): Omit<Rating, 'key'> {
    const { key: _, ...rating } = publishedRating(this.#source, {
      key: '',
      measure: this.#measureOf(row),
      rater: this.#raterOf(row),
      status: value === null ? 'unparsed' : 'rated',
      value,
      ...(row.label === '' ? {} : { label: row.label }),
      ...(row.explanation === '' ? {} : { explanation: row.explanation }),
    });
    return rating;
  }

  #measureOf({ measure }: ResultRow): string {
    return measureId(measure || this.#defaultMeasure, this.#family);
  }

  #raterOf({ rater, line }: ResultRow): string {
    return this.#raters.idOf(rater || 'published', line);
  }

  /** The number of the row's trial; `null` where this is its first row. */
  #trialOf(row: ResultRow): number | null {
    const found = this.#slotOf(row).get(this.#samples.get(row.sample)!.number);
    return found === 0 ? null : found - 1;
  }

  #slotOf({ stage, epoch }: ResultRow): GrowingNumbers {
    const name = epoch * MOST_STAGES + this.#stageNumbers.of(stage, MOST_STAGES, 'stages');
    let slot = this.#trials.get(name);
    if (slot === undefined) {
      slot = new GrowingNumbers();
      this.#trials.set(name, slot);
    }
    return slot;
  }
}

/** Whole numbers by a place, 0 where none was set: four bytes each. */
class GrowingNumbers {
  #numbers = new Int32Array(1024);

  get(place: number): number {
    return this.#numbers[place] ?? 0;
  }

  set(place: number, number: number): void {
    if (place >= this.#numbers.length) {
      const longer = new Int32Array(Math.max(place + 1, 2 * this.#numbers.length));
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[place] = number;
  }
}

/** Numbers names in the order of their first appearance. */
class Numbers {
  readonly #numbers = new Map<string, number>();

  /** @throws InputError for more names than there may be */
  of(name: string, most: number, what: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    if (number >= most) {
      throw new InputError(`this table has more than ${most} ${what}`, { remedy: 'Is the mapping right?' });
    }
    this.#numbers.set(name, number);
    return number;
  }
}
