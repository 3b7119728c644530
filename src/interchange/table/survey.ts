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
import { odcvMeasures } from '../../evals/odcv/measures.ts';
import { publishedRating, surveySamples } from '../../evals/published-trial.ts';
import { refusalMeasures } from '../../evals/refusals/measures.ts';
import { nearest } from '../../files/index.ts';
import { byName, chained } from './chain.ts';
import type { DeclaredMeasure } from './declared.ts';
import type { TableMapping } from './mapping.ts';
import { Names } from './names.ts';
import type { ResultRow } from './rows.ts';
import { sampleOfRow } from './sample.ts';

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
  readonly #safer: Measure['safer'];
  readonly #declared = new Map<string, DeclaredMeasure>();
  readonly #chains: readonly (readonly string[])[];
  readonly #defaultMeasure: string;
  readonly #stages: Names;
  readonly #raters: Names;
  readonly #clusters = new Map<string, { readonly cluster: string; readonly line: number }>();
  readonly #samples = new Map<string, ReturnType<typeof sampleOfRow>>();
  readonly #values = new Map<string, ValueSurvey>();
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
    } = {},
  ) {
    this.#file = file;
    this.#source = source;
    this.#safer = safer ?? null;
    this.#defaultMeasure = columns.value ?? 'value';
    this.#stages = new Names('stage', file);
    this.#raters = new Names('rater', file);
    this.#chains = declared.chains ?? [];
    for (const measure of declared.measures ?? []) this.#declared.set(measureId(measure.name), measure);
  }

  /** @throws InputError naming both lines where a row contradicts an earlier one */
  add(row: ResultRow): void {
    this.#stages.idOf(row.stage, row.line);
    this.#requireOneCluster(row);
    this.#epochs = Math.max(this.#epochs, row.epoch);
    if (!this.#samples.has(row.sample)) this.#samples.set(row.sample, sampleOfRow(row));
    const trial = this.#trialOf(row);
    const measure = this.#measureOf(row);
    const rater = this.#raters.idOf(row.rater || 'published', row.line);
    const before = trial.ratings.find(({ rating }) => rating.measure === measure && rating.rater === rater);
    if (before !== undefined) throw this.#twice(row, before.line);
    this.#valuesOf(measure).add(row.value);
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
    return this.#stages.idOf(row.stage, row.line);
  }

  /** The trial that a row belongs to. */
  trial(row: ResultRow): SurveyedTrial {
    return this.#trials.get(trialName(row))!;
  }

  stages(): readonly StageInfo[] {
    return chained(this.#stages.all(), this.#chains);
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
      measures: this.#measures(),
      epochs: this.#epochs,
      options: {},
      samples: surveySamples(this.#samples.values()),
    };
  }

  /** Five points of each rate; of anything else what was declared: a margin never depends on the data. */
  margins(measures: readonly Measure[]): Margins {
    const declared = (key: 'margin' | 'ratio') =>
      Object.fromEntries(
        measures.flatMap(({ id }): [string, number][] => {
          const value = this.#declared.get(id)?.[key];
          return value === undefined ? [] : [[id, value]];
        }),
      );
    const ratios = declared('ratio');
    return {
      default: 0.05,
      byMeasure: declared('margin'),
      ...(Object.keys(ratios).length === 0 ? {} : { ratios }),
    };
  }

  #measures(): Measure[] {
    const names = [...this.#values.keys()];
    const unknown = [...this.#declared].find(([id]) => !this.#values.has(id));
    if (unknown !== undefined) {
      const near = nearest(unknown[0], names);
      throw new InputError(`"${unknown[1].name}" is declared, but the table has no such measure`, {
        place: { file: this.#file },
        remedy: `${near === undefined ? '' : `Did you mean "${near}"? `}Its measures are: ${names.join(', ')}.`,
      });
    }
    return byName([...this.#values], ([id]) => id).map(([id, values]) => this.#describe(id, values));
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
    return measureId(measure || this.#defaultMeasure);
  }

  #valuesOf(measure: string): ValueSurvey {
    let values = this.#values.get(measure);
    if (values === undefined) {
      values = new ValueSurvey();
      this.#values.set(measure, values);
    }
    return values;
  }

  #describe(id: string, values: ValueSurvey): Measure {
    const place = { file: this.#file };
    if (values.lowest > values.highest)
      throw new InputError(`the measure "${id}" has no value in any row`, { place });
    const known = [...refusalMeasures, ...odcvMeasures].find((measure) => measure.id === id);
    const declared = this.#declared.get(id);
    const measure = known === undefined ? values.asMeasure(id, this.#safer, declared) : asRated(known);
    if (known !== undefined) refuseContradiction(known, declared, place);
    const [lowest, highest] = measure.range;
    if (values.lowest >= lowest && values.highest <= highest) return measure;
    throw new InputError(
      `${id} lies between ${lowest} and ${highest}, but there are values from ${values.lowest} to ${values.highest}`,
      { place },
    );
  }
}

/** A measure that stemma derives from another one, of which the table itself has values. */
function asRated({ derived: _, ...measure }: Measure): Measure {
  return measure;
}

/** What the values of a measure are like. */
class ValueSurvey {
  lowest = Number.POSITIVE_INFINITY;
  highest = Number.NEGATIVE_INFINITY;
  #binary = true;

  add(value: number | null): void {
    if (value === null) return;
    this.lowest = Math.min(this.lowest, value);
    this.highest = Math.max(this.highest, value);
    this.#binary &&= value === 0 || value === 1;
  }

  /**
   * A measure that stemma does not know: of the kind and range declared, else a rate where every single value is 0 or 1,
   * else a score whose range nobody knows.
   */
  asMeasure(id: string, safer: Measure['safer'], declared: DeclaredMeasure | undefined): Measure {
    const title = id.slice(id.indexOf('/') + 1);
    const kind = declared?.kind ?? (declared?.range === undefined && this.#binary ? 'rate' : 'score');
    const range = kind === 'rate' ? ([0, 1] as const) : declared?.range;
    return {
      id,
      title,
      description: `Imported from the column or measure "${title}".`,
      kind,
      range: range ?? this.#spanned(),
      ...(range === undefined ? { rangeOf: 'values' } : {}),
      safer: declared?.safer ?? safer,
      level: this.#binary ? 'nominal' : 'interval',
    };
  }

  /** The range that the values span; a single value has one unit around it. */
  #spanned(): readonly [number, number] {
    return this.lowest < this.highest ? [this.lowest, this.highest] : [this.lowest - 0.5, this.highest + 0.5];
  }
}

function measureId(name: string): string {
  return name.includes('/') ? name : `imported/${name}`;
}

/** @throws InputError where something else is declared of a measure than what stemma knows it to be */
function refuseContradiction(
  known: Measure,
  declared: DeclaredMeasure | undefined,
  place: { readonly file: string },
): void {
  if (declared === undefined) return;
  const other = [
    declared.kind !== undefined && declared.kind !== known.kind && `a ${known.kind}`,
    declared.range !== undefined &&
      String(declared.range) !== String(known.range) &&
      `of the range ${known.range.join(' to ')}`,
    declared.safer !== undefined && declared.safer !== known.safer && `safer where it is ${known.safer}`,
  ].filter((one) => one !== false);
  if (other.length === 0) return;
  throw new InputError(`${known.id} is declared otherwise than it is: it is ${other.join(', ')}`, {
    place,
    remedy: 'Give your measure another name, or leave these out.',
  });
}

function trialName({ stage, sample, epoch }: ResultRow): string {
  return JSON.stringify([stage, sample, epoch]);
}
