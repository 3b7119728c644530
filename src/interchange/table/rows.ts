import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, type Json, requireShortId } from '../../core/index.ts';
import { readTable, requireColumns, type TableFormat } from '../../files/index.ts';
import { type Expression, parseExpression } from './expression.ts';
import { cellOf, compileField, evaluate, FILE_COLUMN, type Field, type SourceRow, textOf } from './field.ts';
import { type FieldSpecs, TABLE_FIELDS, type TableField, type TableMapping } from './mapping.ts';

/** One result of a table, its cells checked. Texts are empty where the row says nothing. */
export interface ResultRow {
  /** Results count from 1; a row has several where the mapping names several measures. */
  readonly number: number;
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
}

/** As in a study. A larger number is a seed or a time in the wrong column. */
const MOST_EPOCHS = 10_000;
/** How "not measured" is commonly written. */
const NOTHING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none']);

/**
 * The results of a table by a mapping.
 *
 * @param path the file, or the folder below which the mapping's `sources` are
 * @throws InputError naming file and line: a column that is missing (with the nearest there is), a stage or sample that is
 *   empty or too long, a value that is not a number, an epoch that is not a whole number from 1
 */
export async function* readRows(
  path: string,
  mapping: TableMapping,
  format: TableFormat | undefined,
): AsyncGenerator<ResultRow> {
  let number = 0;
  for (const source of sourcesOf(path, mapping)) {
    for await (const result of readSourceRows(source, mapping, format)) yield { number: ++number, ...result };
  }
  if (number > 0) return;
  throw new InputError(
    mapping.where === undefined ? 'this table holds no rows' : 'no row of this table is left by `where`',
    { place: { file: path } },
  );
}

interface Source {
  readonly file: string;
  readonly fields: FieldSpecs;
  readonly where?: string;
}

function sourcesOf(path: string, { sources, columns }: TableMapping): Source[] {
  if (sources === undefined) return [{ file: path, fields: columns }];
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError('the mapping names several sources, so this must be the folder that they are in', {
      place: { file: path },
    });
  }
  return sources.map(({ file, fields, where }) => ({
    file: join(path, file),
    fields: { ...columns, ...fields },
    ...(where === undefined ? {} : { where }),
  }));
}

/** How one result is read from a row: where the mapping names measures, each row has several. */
interface Reading {
  /** `null`: the row says which measure it is of. */
  readonly measure: string | null;
  readonly fields: Readonly<Record<TableField, Field>>;
  readonly where: readonly Expression[];
}

interface Place {
  readonly file: string;
  readonly line: number;
}

async function* readSourceRows(
  source: Source,
  mapping: TableMapping,
  format: TableFormat | undefined,
): AsyncGenerator<Omit<ResultRow, 'number'>> {
  const filters = expressionsOf(mapping.where, source.where);
  const readings = readingsOf(source, mapping);
  const { file } = source;
  const fileName = basename(file).replace(/\.[^.]+$/, '');
  const unseen = namedColumns(source, mapping, [...filters, ...readings.flatMap(({ where }) => where)]);
  const present = new Set<string>();
  let generations = false;
  for await (const { row, line } of readTable(file, format === undefined ? {} : { format })) {
    if (present.size === 0) generations = isOfGenerations(row, source, mapping);
    for (const column of Object.keys(row)) present.add(column);
    for (const column of unseen) if (cellOf(row, column) !== undefined) unseen.delete(column);
    (row as Record<string, Json>)[FILE_COLUMN] = fileName;
    if (!allHold(filters, row)) continue;
    for (const reading of readings) {
      if (allHold(reading.where, row))
        yield readRow(row, reading, { file, line }, { present, generations, mapping });
    }
  }
  if (present.size === 0) throw new InputError('this table holds no rows', { place: { file } });
  requireColumns([...present], [...unseen], { file });
}

function expressionsOf(...texts: readonly (string | undefined)[]): Expression[] {
  return texts.flatMap((text) => (text === undefined ? [] : [parseExpression(text)]));
}

/** What is not known does not hold. */
function allHold(filters: readonly Expression[], row: SourceRow): boolean {
  return filters.every((filter) => {
    const value = evaluate(filter, row);
    return value === true || (value !== null && value !== false && /^(true|yes|1)$/i.test(String(value)));
  });
}

function readingsOf({ fields }: Source, { measures }: TableMapping): Reading[] {
  const read = (specs: FieldSpecs) =>
    Object.fromEntries(TABLE_FIELDS.map((name) => [name, compileField(specs[name] ?? name)])) as Record<
      TableField,
      Field
    >;
  if (measures === undefined) return [{ measure: null, fields: read(fields), where: [] }];
  return measures.map(({ name, fields: own, where }) => ({
    measure: name,
    fields: read({ ...fields, ...own }),
    where: expressionsOf(where),
  }));
}

/** The columns that the mapping names; any other field is read where there is a column of its name. */
function namedColumns(
  { fields }: Source,
  { measures = [] }: TableMapping,
  filters: readonly Expression[],
): Set<string> {
  const specs = [fields, ...measures.map((measure) => measure.fields)];
  const columns = specs.flatMap((some) => Object.values(some).flatMap((spec) => compileField(spec).columns));
  const named = new Set([...columns, ...filters.flatMap((filter) => filter.columns)]);
  named.delete(FILE_COLUMN);
  return named;
}

/** A table without values is one of generations, which are rated afterwards, if it has responses. */
function isOfGenerations(row: SourceRow, { fields }: Source, { measures }: TableMapping): boolean {
  if (measures !== undefined || fields.value !== undefined || cellOf(row, 'value') !== undefined)
    return false;
  return compileField(fields.response ?? 'response').read(row) !== undefined;
}

function requireField(field: TableField, column: Field, present: ReadonlySet<string>, place: Place): void {
  const columns = [...present].filter((name) => name !== FILE_COLUMN);
  if (column.columns[0] !== field) requireColumns(columns, column.columns, place);
  throw new InputError(`no column says the ${field}: there is none named "${field}"`, {
    place,
    remedy: `Say which one does: --map ${field}=COLUMN. The columns are: ${columns.join(', ')}.`,
  });
}

function readRow(
  row: SourceRow,
  { measure, fields }: Reading,
  place: Place,
  {
    present,
    generations,
    mapping,
  }: { present: ReadonlySet<string>; generations: boolean; mapping: TableMapping },
): Omit<ResultRow, 'number'> {
  const cell = (field: TableField) => fields[field].read(row);
  const text = (field: TableField) => asText(cell(field)) ?? '';
  const wrong = (field: TableField, what: string) =>
    new InputError(`${fields[field].name}: ${what}`, { place });
  const short = (field: 'stage' | 'sample' | 'cluster') => {
    const found = text(field);
    requireShortId(found, `${fields[field].name}: the ${field}`, place);
    return found;
  };
  const needed = (field: 'stage' | 'sample') => {
    if (cell(field) === undefined) requireField(field, fields[field], present, place);
    const found = short(field);
    if (found === '') throw wrong(field, `the ${field} is empty`);
    return found;
  };
  const written = generations ? undefined : cell('value');
  if (written === undefined && !generations && mapping.measures === undefined)
    requireField('value', fields.value, present, place);
  const value = generations ? undefined : asValue(written);
  if (value === undefined && !generations)
    throw wrong('value', `"${shortened(text('value'))}" is not a number`);
  const epoch = text('epoch') === '' ? 1 : Number(text('epoch'));
  if (!Number.isInteger(epoch) || epoch < 1 || epoch > MOST_EPOCHS) {
    throw wrong('epoch', `"${text('epoch')}" is not an epoch: a whole number from 1 to ${MOST_EPOCHS}`);
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
  };
}

function asText(value: Json | undefined): string | null {
  return value === undefined || value === null ? null : textOf(value);
}

/** Numbers, and yes and no as Python and JSON write them. @returns undefined for what is not a value */
function asValue(value: Json | undefined): number | null | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') return undefined;
  const text = value.trim().toLowerCase();
  if (NOTHING.has(text)) return null;
  if (text === 'true' || text === 'false') return text === 'true' ? 1 : 0;
  return /^[-+]?(\d+(?:\.\d*)?|\.\d+)(e[-+]?\d+)?$/.test(text) ? finite(Number(text)) : undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** A cell as an error shows it. */
function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
