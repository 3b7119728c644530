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
  type TrialId,
  trialKey,
} from '../../core/index.ts';
import { keptIn } from '../../core/kept-in.ts';
import { publishedRating } from '../../evals/published-trial.ts';
import { nearest } from '../../files/index.ts';
import { listed } from '../../format/index.ts';
import { byName, chained, type DeclaredTraining } from '../chain.ts';
import type { DeclaredMeasure } from '../declared-measure.ts';
import { lookAlikeNotes } from '../look-alikes.ts';
import { MeasureSurvey, measureId } from '../measure-survey.ts';
import { Names } from '../names.ts';
import { DigestList, NumberList } from './compact-lists.ts';
import type { TableMapping } from './mapping.ts';
import { type DeclaredReplicates, ReplicateNames } from './replicates.ts';
import { RowPlaces } from './row-places.ts';
import type { ResultRow } from './rows.ts';
import { sampleOfRow } from './sample.ts';

const MOST_STAGES = 1 << 12;
/** Pairs of a measure and a rater. */
const MOST_COLUMNS = 1 << 12;

/** A trial of the second reading. */
export interface CollectedTrial {
  readonly trial: TrialId;
  readonly first: ResultRow;
  readonly ratings: readonly Rating[];
}

/** The same while some of its rows are still to come. */
interface OpenTrial extends CollectedTrial {
  readonly ratings: Rating[];
  rows: number;
}

/**
 * A table read once from end to end: what goes into the manifest, and how many rows each trial has. It holds numbers, not
 * texts, so that millions of rows fit into memory; the second reading takes the texts.
 */
export class Survey {
  readonly #source: string;
  readonly #mapping: TableMapping;
  readonly #training: DeclaredTraining;
  readonly #replicates: ReplicateNames;
  readonly #written = new Set<string>();
  readonly #defaultMeasure: string;
  readonly #family: string;
  readonly #stages: Names;
  readonly #raters: Names;
  readonly #file: string;
  readonly #stageNumbers = new Numbers();
  readonly #columnNumbers = new Numbers();
  /** Samples are numbered in the order of their first rows. What is known of each is by that number. */
  readonly #samples = new Map<string, number>();
  readonly #clusters: string[] = [];
  readonly #samplePlaces = new NumberList();
  readonly #sampleDigests = new DigestList();
  /** Of what is kept of each for raters; empty where nothing can be. */
  readonly #metadataDigests = new DigestList();
  readonly #measures: MeasureSurvey;
  /** By stage and epoch, and then by the number of the sample: 1 + the number of the trial. */
  readonly #trials = new Map<number, NumberList>();
  /** By trial, in the order of their first rows. */
  readonly #rows = new NumberList();
  readonly #texts: number[] = [];
  readonly #places = new RowPlaces();
  /** By trial: the place of its first row. */
  readonly #placeOf = new NumberList();
  /** By column of ratings, and then by trial: the place. */
  readonly #rated: NumberList[] = [];
  readonly #open = new Map<number, OpenTrial>();
  #epochs = 1;
  #generations = 0;
  /** Whether any row has a response or thoughts. */
  #isAnswered = false;

  /** @param declared what is known beforehand of measures and of the order of stages */
  constructor(
    file: string,
    source: string,
    mapping: TableMapping,
    declared: {
      readonly family: string;
      readonly measures?: readonly DeclaredMeasure[];
      readonly training: DeclaredTraining;
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
    this.#training = declared.training;
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
    const place = this.#places.numberOf(row);
    this.#written.add(row.stage);
    this.stageId(row);
    this.#takeSample(row, place);
    this.#epochs = Math.max(this.#epochs, row.epoch);
    const trial = this.#takeTrial(row, place);
    if (row.value === undefined) {
      this.#generations++;
      this.#isAnswered ||= row.response !== null || row.thoughts !== null;
      return;
    }
    const measure = this.#measureOf(row);
    const rater = this.#raterOf(row);
    const column = this.#columnNumbers.of(`${measure}\n${rater}`, MOST_COLUMNS, 'measures and raters');
    this.#rated[column] ??= new NumberList();
    const before = this.#rated[column].get(trial);
    if (before !== 0) throw this.#twice(row, before);
    this.#rated[column].set(trial, place);
    this.#measures.add(measure, row.value);
  }

  stageId(row: ResultRow): string {
    return this.#stages.idOf(this.#replicates.nameOf(row.stage), row);
  }

  /**
   * Takes a row of the second reading.
   *
   * @returns the trial's first row and all its ratings with the last of its rows; `null` before
   */
  collect(row: ResultRow): CollectedTrial | null {
    const trial = this.#trialOf(row)!;
    const rows = this.#rows.get(trial);
    let open = this.#open.get(trial);
    if (open === undefined) {
      const { sample, epoch } = row;
      const id = { stage: this.stageId(row), eval: this.#family, sample, epoch };
      open = { trial: id, first: row, ratings: [], rows: 0 };
      if (rows > 1) this.#open.set(trial, open);
    }
    open.rows++;
    if (row.value !== undefined) open.ratings.push(this.#rating(trialKey(open.trial), row, row.value));
    if (open.rows < rows) return null;
    this.#open.delete(trial);
    return open;
  }

  stages(): readonly StageInfo[] {
    this.#replicates.requireIn(this.#written);
    return this.#replicates.marked(chained(this.#stages.all(), this.#training));
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
    if (this.#holdsNoValue && !this.#isAnswered) throw this.#nothing();
    return {
      id,
      eval: id,
      version: 'imported',
      measures: this.#measures.measures(),
      epochs: this.#epochs,
      options: {},
      samples: {
        count: this.#samples.size,
        clusters: new Set(this.#clusters).size,
        digest: digestOfText(this.#sampleDigests.sorted().join()),
      },
    };
  }

  #nothing(): InputError {
    const unseen = this.#measures.unseen();
    const mistyped = unseen.length === 0 ? '' : `No row has the columns of ${listed(unseen)}. `;
    return new InputError('no row of this table has a value or a response', {
      place: { file: this.#file },
      remedy: `${mistyped}Say which column holds the values, or the responses.`,
    });
  }

  /** Margins of the measures: five points of each rate, and what was declared. */
  margins(measures: readonly Measure[]): Margins {
    return this.#measures.margins(measures);
  }

  /** What the user should know of the table. */
  notes(): string[] {
    return [
      ...(this.#holdsNoValue
        ? [
            'This table holds responses without values. `stemma rate RUN --as FAMILY` or `--rubric FILE` has them rated, `stemma label` by people; `--add` adds values of the same samples.',
          ]
        : []),
      ...this.#measures
        .unseen()
        .map((name) => `No row has the column of the optional measure "${name}": it is not in the run.`),
      ...this.#stages.notes(),
      ...this.#raters.notes(),
      ...lookAlikeNotes('samples', this.#samples),
    ];
  }

  get #holdsNoValue(): boolean {
    return this.#generations > 0 && this.#rated.length === 0;
  }

  #takeSample(row: ResultRow, place: number): void {
    const { sample, cluster } = row;
    const number = this.#samples.get(sample);
    if (number === undefined) {
      this.#samplePlaces.set(this.#samples.size, place);
      this.#samples.set(sample, this.#samples.size);
      this.#clusters.push(cluster);
      this.#sampleDigests.push(sampleDigest(sampleOfRow(row)));
      if (this.#keepsMetadata) this.#metadataDigests.push(digestOf(row.metadata));
      return;
    }
    const before = () => this.#places.inWords(this.#samplePlaces.get(number), row.file);
    if (this.#keepsMetadata && this.#metadataDigests.get(number) !== digestOf(row.metadata))
      throw otherMetadata(row, before());
    if (this.#clusters[number] !== cluster) {
      throw new InputError(
        `sample "${sample}" is of cluster "${cluster}" here, but of "${this.#clusters[number]}" in ${before()}`,
        { place: { file: row.file, line: row.line }, remedy: 'A sample has one cluster in all stages.' },
      );
    }
  }

  get #keepsMetadata(): boolean {
    return this.#mapping.metadata !== undefined || this.#mapping.sources !== undefined;
  }

  /** @returns the number of the row's trial */
  #takeTrial(row: ResultRow, place: number): number {
    const said = JSON.stringify([row.prompt, row.thoughts, row.response]);
    const texts = Number.parseInt(digestOfText(said).slice(0, 13), 16);
    const known = this.#trialOf(row);
    if (known === null) {
      const trial = this.#texts.length;
      this.#slotOf(row).set(this.#samples.get(row.sample)!, trial + 1);
      this.#rows.set(trial, 1);
      this.#texts.push(texts);
      this.#placeOf.set(trial, place);
      return trial;
    }
    this.#rows.set(known, this.#rows.get(known) + 1);
    if (this.#texts[known] === texts) return known;
    throw new InputError(
      `stage "${row.stage}", sample "${row.sample}", epoch ${row.epoch} has another prompt or response here than in ${this.#places.inWords(this.#placeOf.get(known), row.file)}`,
      {
        place: { file: row.file, line: row.line },
        remedy:
          'If these are repetitions of the sample, name the column that numbers them: --map epoch=COLUMN.',
      },
    );
  }

  #twice(row: ResultRow, before: number): InputError {
    return new InputError(
      `stage "${row.stage}", sample "${row.sample}", epoch ${row.epoch} has a value of the same measure by the same rater in ${this.#places.inWords(before, row.file)} already`,
      {
        place: { file: row.file, line: row.line },
        remedy:
          'Name the column that tells the two apart: --map epoch=COLUMN for repetitions, rater=COLUMN for judges, measure=COLUMN for measures.',
      },
    );
  }

  #rating(key: string, row: ResultRow, value: number | null): Rating {
    return publishedRating(this.#source, {
      key,
      measure: this.#measureOf(row),
      rater: this.#raterOf(row),
      status: value === null ? 'unparsed' : 'rated',
      value,
      ...(row.label === '' ? {} : { label: row.label }),
      ...(row.explanation === '' ? {} : { explanation: row.explanation }),
    });
  }

  #measureOf({ measure }: ResultRow): string {
    return measureId(measure || this.#defaultMeasure, this.#family);
  }

  #raterOf(row: ResultRow): string {
    return this.#raters.idOf(row.rater || 'published', row);
  }

  /** The number of the row's trial; `null` where this is its first row. */
  #trialOf(row: ResultRow): number | null {
    const found = this.#slotOf(row).get(this.#samples.get(row.sample)!);
    return found === 0 ? null : found - 1;
  }

  #slotOf({ stage, epoch }: ResultRow): NumberList {
    const name = epoch * MOST_STAGES + this.#stageNumbers.of(stage, MOST_STAGES, 'stages');
    return keptIn(this.#trials, name, () => new NumberList());
  }
}

/** Raters are told of a sample what is the same for all stages. */
function otherMetadata({ sample, file, line, metadata }: ResultRow, before: string): InputError {
  return new InputError(
    `sample "${sample}" has other metadata here than in ${before}: ${JSON.stringify(metadata).slice(0, 200)}`,
    {
      place: { file, line },
      remedy: 'Keep columns that are the same for all stages and epochs of a sample.',
    },
  );
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
