import { basename } from 'node:path';
import { InputError, type Json, type JsonObject, requireStorableId } from '../../core/index.ts';
import { MOST_EPOCHS } from '../../core/most-epochs.ts';
import {
  nearest,
  readTableParts,
  requireColumns,
  type TableFormat,
  type TableRow,
} from '../../files/index.ts';
import { type Expression, parseExpression } from './expression.ts';
import {
  cellOf,
  compileField,
  evaluate,
  FILE_COLUMN,
  type Field,
  type FieldSpec,
  type TableSourceRow,
  textOf,
} from './field.ts';
import { type FieldSpecs, TABLE_FIELDS, type TableField, type TableMapping } from './mapping.ts';
import type { TableFile } from './sources.ts';
import { notAValue, readValue } from './value.ts';

/** One result of a table, its cells checked. Texts are empty where the row says nothing. */
export interface ResultRow {
  readonly file: string;
  readonly line: number;
  readonly stage: string;
  readonly sample: string;
  /** The sample itself where no column says its cluster: then each is its own. */
  readonly cluster: string;
  readonly epoch: number;
  readonly measure: string;
  readonly rater: string;
  /** `null`: not measured; `undefined`: the table is of generations alone. */
  readonly value: number | null | undefined;
  readonly label: string;
  readonly explanation: string;
  readonly prompt: string | null;
  readonly thoughts: string | null;
  readonly response: string | null;
  /** What is kept of its sample for raters. */
  readonly metadata: JsonObject;
}

/**
 * The results of a table by a mapping, those of one part of a file together, as `readTableParts` gives them.
 *
 * @throws InputError naming file and line: a column that is missing (with the nearest there is), a stage or sample that is
 *   empty or too long, a value that is not a number, an epoch that is not a whole number from 1
 */
export async function* readRows(
  sources: readonly TableFile[],
  mapping: TableMapping,
  format: TableFormat | undefined,
): AsyncGenerator<Iterable<ResultRow>> {
  let results = 0;
  for (const source of sources) {
    const reader = new SourceReader(source, mapping);
    for await (const rows of readTableParts(source.file, {
      ...(format === undefined ? {} : { format }),
      ...(mapping.rows === undefined ? {} : { rows: mapping.rows }),
    }))
      yield reader.resultsOf(rows);
    reader.requireAllColumns();
    results += reader.results;
  }
  if (results > 0) return;
  throw new InputError(
    mapping.where === undefined ? 'this table holds no rows' : 'no row of this table is left by `where`',
    { place: { file: sources[0]!.file } },
  );
}

/** How one result is read from a row: where the mapping names measures, each row has several. */
interface TableReading {
  /** `null`: the row says which measure it is of. */
  readonly measure: string | null;
  readonly fields: Readonly<Record<TableField, Field>>;
  readonly metadata: readonly (readonly [key: string, Field])[];
  readonly where: readonly Expression[];
  /** A row without its value is not of it. */
  readonly optional: boolean;
}

interface CellPlace {
  readonly file: string;
  readonly line: number;
}

/** Reads the results of one file. */
class SourceReader {
  /** So many were read. */
  results = 0;
  readonly #source: TableFile;
  readonly #fileName: string;
  readonly #filters: readonly Expression[];
  readonly #readings: readonly TableReading[];
  /** Columns that the mapping names and that no row had so far. */
  readonly #unseen: Set<string>;
  readonly #present = new Set<string>();

  constructor(source: TableFile, mapping: TableMapping) {
    this.#source = source;
    this.#fileName = basename(source.file).replace(/\.[^.]+$/, '');
    this.#filters = expressionsOf(mapping.where, source.where);
    this.#readings = readingsOf(source, mapping);
    const filters = [...this.#filters, ...this.#readings.flatMap(({ where }) => where)];
    this.#unseen = namedColumns(source, mapping, filters);
  }

  *resultsOf(rows: Iterable<TableRow>): Generator<ResultRow> {
    const { file } = this.#source;
    for (const { row, line } of rows) {
      for (const column in row) this.#present.add(column);
      for (const column of this.#unseen) if (cellOf(row, column) !== undefined) this.#unseen.delete(column);
      (row as Record<string, Json>)[FILE_COLUMN] = this.#fileName;
      if (!allHold(this.#filters, row)) continue;
      const isOf = ({ optional, fields }: TableReading) => !optional || fields.value.read(row) !== undefined;
      const generations = isOfGenerations(row, this.#readings, this.#source);
      const about = { present: this.#present, generations };
      for (const reading of this.#readings) {
        if (!isOf(reading) || !allHold(reading.where, row)) continue;
        yield readRow(row, reading, { file, line }, about);
        this.results++;
      }
      // A response of which nothing was measured is kept.
      if (this.#readings.some(isOf)) continue;
      yield readRow(row, this.#readings[0]!, { file, line }, { ...about, generations: true });
      this.results++;
    }
  }

  /** @throws InputError where there was no row, or none with a column that the mapping names */
  requireAllColumns(): void {
    const { file } = this.#source;
    if (this.#present.size === 0) throw new InputError('this table holds no rows', { place: { file } });
    requireColumns([...this.#present], [...this.#unseen], { file });
  }
}

function expressionsOf(...texts: readonly (string | undefined)[]): Expression[] {
  return texts.flatMap((text) => (text === undefined ? [] : [parseExpression(text)]));
}

/** What is not known does not hold. */
function allHold(filters: readonly Expression[], row: TableSourceRow): boolean {
  return filters.every((filter) => {
    const value = evaluate(filter, row);
    return value === true || (value !== null && value !== false && /^(true|yes|1)$/i.test(String(value)));
  });
}

function readingsOf({ fields, metadata: specs }: TableFile, { measures }: TableMapping): TableReading[] {
  const read = (specs: FieldSpecs) =>
    Object.fromEntries(TABLE_FIELDS.map((name) => [name, compileField(specs[name] ?? name)])) as Record<
      TableField,
      Field
    >;
  const metadata = Object.entries(specs).map(([key, spec]) => [key, compileField(spec)] as const);
  if (measures === undefined)
    return [{ measure: null, fields: read(fields), metadata, where: [], optional: false }];
  return measures.map(({ name, fields: own, where, optional = false }) => ({
    measure: name,
    fields: read({ ...fields, ...own }),
    metadata,
    where: expressionsOf(where),
    optional,
  }));
}

/** The columns that the mapping names; any other field is read where there is a column of its name. */
function namedColumns(
  { fields, metadata }: TableFile,
  { measures = [] }: TableMapping,
  filters: readonly Expression[],
): Set<string> {
  const specs: Readonly<Record<string, FieldSpec>>[] = [
    fields,
    metadata,
    ...measures.filter(({ optional }) => !optional).map((measure) => measure.fields),
  ];
  const columns = specs.flatMap((some) => Object.values(some).flatMap((spec) => compileField(spec).columns));
  const named = new Set([...columns, ...filters.flatMap((filter) => filter.columns)]);
  named.delete(FILE_COLUMN);
  return named;
}

/** A row without a value is a response to be rated afterwards, if it has one; other rows of its table may have values. */
function isOfGenerations(
  row: TableSourceRow,
  [reading]: readonly TableReading[],
  { fields }: TableFile,
): boolean {
  if (reading!.measure !== null || fields.value !== undefined) return false;
  const { value, response } = reading!.fields;
  return value.read(row) === undefined && response.read(row) !== undefined;
}

/** Whether an earlier row had a column of this field: JSON may leave out what was not measured. */
function isKnown({ columns }: Field, present: ReadonlySet<string>): boolean {
  return columns.some((column) => present.has(column.split('.')[0]!) || present.has(column));
}

const ONE_FILE_A_STAGE =
  " Where each file is of one stage, name it, as in sft=results.csv, or take the files' names: --map 'stage=$file'.";

function requireField(
  field: TableField,
  column: Field,
  present: ReadonlySet<string>,
  place: CellPlace,
): void {
  const columns = [...present].filter((name) => name !== FILE_COLUMN);
  if (column.columns[0] !== field) requireColumns(columns, column.columns, place);
  const near = nearest(field, columns);
  throw new InputError(`no column says the ${field}: there is none named "${field}"`, {
    place,
    remedy: `${near === undefined ? '' : `Perhaps ${JSON.stringify(near)}. `}Say which one does: --map ${field}=${near ?? 'COLUMN'}.${field === 'stage' ? ONE_FILE_A_STAGE : ''} The columns are: ${columns.join(', ')}.`,
  });
}

function readRow(
  row: TableSourceRow,
  { measure, fields, metadata }: TableReading,
  place: CellPlace,
  { present, generations }: { present: ReadonlySet<string>; generations: boolean },
): ResultRow {
  const cell = (field: TableField) => fields[field].read(row);
  const text = (field: TableField) => asText(cell(field)) ?? '';
  const wrong = (field: TableField, what: string) =>
    new InputError(`${fields[field].name}: ${what}`, { place });
  const short = (field: 'stage' | 'sample' | 'cluster') => {
    const found = text(field);
    // The id of a stage is made of its name, and leaves out what an id can't hold.
    const stored = field === 'stage' ? found.toWellFormed() : found;
    requireStorableId(stored, `${fields[field].name}: the ${field}`, place);
    return found;
  };
  const needed = (field: 'stage' | 'sample') => {
    if (cell(field) === undefined) requireField(field, fields[field], present, place);
    const found = short(field);
    if (found === '') throw wrong(field, `the ${field} is empty`);
    return found;
  };
  const written = generations ? undefined : cell('value');
  if (written === undefined && !generations && measure === null && !isKnown(fields.value, present))
    requireField('value', fields.value, present, place);
  const value = generations ? undefined : readValue(written);
  if (value === undefined && !generations)
    throw notAValue(fields.value.name, shortened(text('value')), place);
  const epochText = text('epoch');
  const epoch = epochText === '' ? 1 : Number(epochText);
  if (!Number.isInteger(epoch) || epoch < 1 || epoch > MOST_EPOCHS) {
    throw wrong('epoch', `"${epochText}" is not an epoch: a whole number from 1 to ${MOST_EPOCHS}`);
  }
  const stage = needed('stage');
  const sample = needed('sample');
  return {
    ...place,
    stage,
    sample,
    cluster: short('cluster') || sample,
    epoch,
    measure: measure ?? text('measure'),
    rater: text('rater'),
    value,
    label: text('label'),
    explanation: text('explanation'),
    prompt: asText(cell('prompt')),
    thoughts: asText(cell('thoughts')),
    response: asText(cell('response')),
    metadata: metadataOf(row, metadata),
  };
}

/** What is not there is left out. */
function metadataOf(row: TableSourceRow, fields: TableReading['metadata']): JsonObject {
  return Object.fromEntries(
    fields.flatMap(([key, { read }]): [string, Json][] => {
      const value = read(row);
      return value === undefined || value === null || value === '' ? [] : [[key, value]];
    }),
  );
}

function asText(value: Json | undefined): string | null {
  return value === undefined || value === null ? null : textOf(value);
}

/** A cell as an error shows it. */
function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
