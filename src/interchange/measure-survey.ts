import { type ErrorPlace, InputError, type Margins, type Measure } from '../core/index.ts';
import { keptIn } from '../core/kept-in.ts';
import { tooWideMargin } from '../core/wide-margin.ts';
import { odcvMeasures } from '../evals/odcv/measures.ts';
import { refusalMeasures } from '../evals/refusals/measures.ts';
import { nearest } from '../files/index.ts';
import { byName } from './chain.ts';
import type { DeclaredMeasure } from './declared-measure.ts';

interface MeasureSurveyOptions {
  /** What the user declared. */
  readonly declared: readonly DeclaredMeasure[];
  /** What a name without a family may belong to. */
  readonly families: readonly string[];
  /** Which way a measure that stemma does not know is safer; `null` where nobody said. */
  readonly safer: Measure['safer'];
  /** Where the values come from, for messages: a `table`, `logs`. */
  readonly source: { readonly name: string; readonly file: string };
  /** What the format itself says of a measure; the user's word comes first. */
  readonly wellKnown?: (id: string) => Partial<Omit<DeclaredMeasure, 'name'>> | undefined;
  /** A measure without any value is missing everywhere, and is not a mistake. */
  readonly emptyAllowed?: boolean;
}

/** The measures of an import: what was declared of them, and what their values show. */
export class MeasureSurvey {
  readonly #options: MeasureSurveyOptions;
  readonly #values = new Map<string, ValueSurvey>();

  constructor(options: MeasureSurveyOptions) {
    this.#options = options;
  }

  /** Takes a value in; `null`: not measured. */
  add(id: string, value: number | null): void {
    keptIn(this.#values, id, () => new ValueSurvey()).add(value);
  }

  /**
   * All measures, in the order of their names.
   *
   * @throws InputError when a measure has no value at all or one beyond its range, or when a declared one is not there
   */
  measures(): Measure[] {
    const names = [...this.#values.keys()];
    const { declared, source } = this.#options;
    const unknown = declared.find(({ name, optional }) => !optional && this.#idOf(name) === undefined);
    if (unknown !== undefined) {
      const near =
        nearest(unknown.name, names) ?? nearest(`${this.#options.families[0]}/${unknown.name}`, names);
      const verb = source.name.endsWith('s') ? 'have' : 'has';
      throw new InputError(`"${unknown.name}" is declared, but the ${source.name} ${verb} no such measure`, {
        place: { file: source.file },
        remedy: `${near === undefined ? '' : `Did you mean "${near}"? `}Its measures are: ${names.join(', ')}.`,
      });
    }
    return byName([...this.#values], ([id]) => id).map(([id, values]) => this.#describe(id, values));
  }

  /** Names of optional measures that no value was of, not even a missing one: perhaps their columns are mistyped. */
  unseen(): string[] {
    return this.#options.declared.flatMap(({ name, optional }) =>
      optional && this.#idOf(name) === undefined ? [name] : [],
    );
  }

  /**
   * Five points of each rate; of anything else what was declared: a margin never depends on the data.
   *
   * @throws InputError for a margin as wide as the measure's range
   */
  margins(measures: readonly Measure[]): Margins {
    refuseWideMargins(measures, (id) => this.#declaredOf(id)?.margin, { file: this.#options.source.file });
    const declared = (key: 'margin' | 'ratio') =>
      Object.fromEntries(
        measures.flatMap(({ id }): [string, number][] => {
          const value = this.#declaredOf(id)?.[key];
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

  /** The id of a measure that is there by its name or id. */
  #idOf(name: string): string | undefined {
    const ids = [name, ...this.#options.families.map((family) => measureId(name, family))];
    return ids.find((id) => this.#values.has(id));
  }

  /** What is declared in several places is taken together; the last word on each counts. */
  #declaredOf(id: string): DeclaredMeasure | undefined {
    const all = this.#options.declared.filter(({ name }) => this.#idOf(name) === id);
    return all.length === 0 ? undefined : Object.assign({}, ...all);
  }

  #describe(id: string, values: ValueSurvey): Measure {
    const { source, safer, wellKnown, emptyAllowed } = this.#options;
    const place = { file: source.file };
    if (values.lowest > values.highest && !emptyAllowed)
      throw new InputError(`the measure "${id}" has no value in any row`, { place });
    const known = [...refusalMeasures, ...odcvMeasures].find((measure) => measure.id === id);
    const declared = this.#declaredOf(id);
    if (known !== undefined) refuseContradiction(known, declared, place);
    const measure =
      known === undefined ? values.asMeasure(id, safer, { ...wellKnown?.(id), ...declared }) : asRated(known);
    const [lowest, highest] = measure.range;
    if (values.lowest > values.highest) return measure;
    if (values.lowest >= lowest && values.highest <= highest) return measure;
    throw new InputError(
      `${id} lies between ${lowest} and ${highest}, but there are values from ${values.lowest} to ${values.highest}`,
      { place },
    );
  }
}

/** @throws InputError for a margin with which everything would be the same */
export function refuseWideMargins(
  measures: readonly Measure[],
  declared: (id: string) => number | undefined,
  place: ErrorPlace = {},
): void {
  for (const measure of measures) {
    const margin = declared(measure.id);
    const wide = margin === undefined ? null : tooWideMargin(margin, [measure]);
    if (wide !== null) throw new InputError(wide.message, { place, remedy: wide.remedy });
  }
}

/** The id of a measure by the name that others gave it: `family/name`. */
export function measureId(name: string, family: string): string {
  return name.includes('/') ? name : `${family}/${name}`;
}

/** A measure that stemma derives from another one, of which the source itself has values. */
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
  asMeasure(id: string, safer: Measure['safer'], declared: Partial<DeclaredMeasure>): Measure {
    const title = id.slice(id.indexOf('/') + 1);
    const kind = declared.kind ?? (declared.range === undefined && this.#binary ? 'rate' : 'score');
    const range = kind === 'rate' ? ([0, 1] as const) : declared.range;
    return {
      id,
      title,
      description: `Imported from the column or measure "${title}".`,
      kind,
      range: range ?? this.#spanned(),
      ...(range === undefined ? { rangeOf: 'values' } : {}),
      safer: declared.safer ?? safer,
      level: this.#binary ? 'nominal' : 'interval',
    };
  }

  /** The range that the values span; a single value has one unit around it. */
  #spanned(): readonly [number, number] {
    if (this.lowest > this.highest) return [0, 1];
    return this.lowest < this.highest ? [this.lowest, this.highest] : [this.lowest - 0.5, this.highest + 0.5];
  }
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
