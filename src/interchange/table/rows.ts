import { InputError, type Json, requireShortId } from '../../core/index.ts';
import { readTable, requireColumns, type TableFormat } from '../../files/index.ts';
import { TABLE_FIELDS, type TableField, type TableMapping } from './mapping.ts';

/** One row of a table of results, its cells checked. Texts are empty where the row says nothing. */
export interface ResultRow {
  /** Rows count from 1; several may be in one line of JSON. */
  readonly number: number;
  readonly line: number;
  readonly stage: string;
  readonly sample: string;
  /** The sample itself where no column says its cluster: then each is its own. */
  readonly cluster: string;
  readonly epoch: number;
  readonly measure: string;
  readonly rater: string;
  /** `null`: not measured. */
  readonly value: number | null;
  readonly label: string;
  readonly explanation: string;
  readonly prompt: string | null;
  readonly thoughts: string | null;
  readonly response: string | null;
}

/** As in a study. A larger number is a seed or a time in the wrong column. */
const MOST_EPOCHS = 10_000;
const NEEDED: readonly TableField[] = ['stage', 'sample', 'value'];
/** How "not measured" is commonly written. */
const NOTHING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none']);

/**
 * The rows of a table of results by a mapping.
 *
 * @throws InputError naming file and line: a column that is missing (with the nearest there is), a stage or sample that is
 *   empty or too long, a value that is not a number, an epoch that is not a whole number from 1
 */
export async function* readRows(
  path: string,
  mapping: TableMapping,
  format: TableFormat | undefined,
): AsyncGenerator<ResultRow> {
  const columns = Object.fromEntries(
    TABLE_FIELDS.map((field) => [field, mapping.columns[field] ?? field]),
  ) as Record<TableField, string>;
  const present = new Set<string>();
  let number = 0;
  for await (const { row, line } of readTable(path, format === undefined ? {} : { format })) {
    for (const column of Object.keys(row)) present.add(column);
    for (const field of NEEDED) requireField(field, columns[field], Object.keys(row), { file: path, line });
    yield { number: ++number, ...readRow(line, (field) => row[columns[field]], { path, columns }) };
  }
  if (present.size === 0) throw new InputError('this table holds no rows', { place: { file: path } });
  requireColumns([...present], Object.values(mapping.columns), { file: path });
}

function requireField(
  field: TableField,
  column: string,
  present: readonly string[],
  place: { file: string; line: number },
): void {
  if (present.includes(column)) return;
  if (column !== field) requireColumns(present, [column], place);
  throw new InputError(`no column says the ${field}: there is none named "${field}"`, {
    place,
    remedy: `Say which one does: --map ${field}=COLUMN. The columns are: ${present.join(', ')}.`,
  });
}

interface TableSource {
  readonly path: string;
  readonly columns: Readonly<Record<TableField, string>>;
}

function readRow(
  line: number,
  cell: (field: TableField) => Json | undefined,
  source: TableSource,
): Omit<ResultRow, 'number'> {
  const text = (field: TableField) => asText(cell(field)) ?? '';
  const wrong = (field: TableField, what: string) =>
    new InputError(`column "${source.columns[field]}": ${what}`, { place: { file: source.path, line } });
  const short = (field: 'stage' | 'sample' | 'cluster') => {
    const place = { file: source.path, line };
    requireShortId(text(field), `column "${source.columns[field]}": the ${field}`, place);
    return text(field);
  };
  const needed = (field: 'stage' | 'sample') => {
    if (text(field) === '') throw wrong(field, `the ${field} is empty`);
    return short(field);
  };
  const value = asValue(cell('value'));
  if (value === undefined) throw wrong('value', `"${text('value')}" is not a number`);
  const epoch = text('epoch') === '' ? 1 : Number(text('epoch'));
  if (!Number.isInteger(epoch) || epoch < 1 || epoch > MOST_EPOCHS) {
    throw wrong('epoch', `"${text('epoch')}" is not an epoch: a whole number from 1 to ${MOST_EPOCHS}`);
  }
  return {
    line,
    stage: needed('stage'),
    sample: needed('sample'),
    cluster: short('cluster') || needed('sample'),
    epoch,
    measure: text('measure'),
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
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
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
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(text) ? finite(Number(text)) : undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
