import { extname } from 'node:path';
import { InputError } from '../core/index.ts';
import { nearest } from './nearest.ts';
import { readCsv } from './read-csv.ts';
import { readJsonArray, readJsonLines } from './read-json.ts';
import type { TableRow } from './table-row.ts';
import { readLines } from './text-file.ts';

export const TABLE_FORMATS = ['csv', 'tsv', 'jsonl', 'json', 'parquet'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

export interface ReadTableOptions {
  /** By default, what the file's name ends in. */
  readonly format?: TableFormat;
  /** Columns that every row must have; an absent one is an error that names the nearest. */
  readonly columns?: readonly string[];
  /** Where the rows are in a JSON file that is not itself an array: a path of keys, `results.results`. Lines of JSON are rows themselves. */
  readonly rows?: string;
  /**
   * For lists of texts: the column whose cells the lines of a plain text file are, or texts that are in JSON in the place of
   * objects. Without it they are refused.
   */
  readonly texts?: string;
}

/**
 * The rows of a table in a file, one at a time.
 *
 * @throws InputError naming file and line: no such file, an unknown format, not of that format, a column missing
 */
export async function* readTable(path: string, options: ReadTableOptions = {}): AsyncGenerator<TableRow> {
  for await (const part of readTableParts(path, options)) for (const row of part) yield row;
}

/**
 * The same, with all rows that end in one piece of the file together. For large tables: waiting for each row takes longer than
 * reading it. A part must be read to its end before the next one is asked for.
 */
export async function* readTableParts(
  path: string,
  options: ReadTableOptions = {},
): AsyncGenerator<Iterable<TableRow>> {
  const { texts, columns } = options;
  if (texts !== undefined && options.format === undefined && isPlainText(path)) {
    requireColumns([texts], columns ?? [], { file: path });
    for await (const lines of readLines(path)) yield textRows(lines, texts);
    return;
  }
  const format = options.format ?? formatOf(path);
  if (options.rows !== undefined && format !== 'json' && format !== 'jsonl') {
    throw new InputError(`only JSON has rows at a path such as "${options.rows}"`, { place: { file: path } });
  }
  for await (const rows of READERS[format](path, options))
    yield columns === undefined ? rows : withColumns(rows, columns, path);
}

function* textRows(lines: Iterable<{ text: string; line: number }>, column: string): Generator<TableRow> {
  for (const { text, line } of lines) yield { row: { [column]: text.trim() }, line };
}

function* withColumns(
  rows: Iterable<TableRow>,
  columns: readonly string[],
  file: string,
): Generator<TableRow> {
  for (const row of rows) {
    requireColumns(Object.keys(row.row), columns, { file, line: row.line });
    yield row;
  }
}

/**
 * @param present  the columns that are there
 * @throws InputError naming the first column that is missing, the one that was most likely meant, and all there are
 */
export function requireColumns(
  present: readonly string[],
  wanted: readonly string[],
  place: { readonly file: string; readonly line?: number },
): void {
  const missing = wanted.find((name) => !present.includes(name));
  if (missing === undefined) return;
  const meant = nearest(missing, present);
  throw new InputError(`there is no column "${missing}"`, {
    place,
    remedy: `${meant === undefined ? '' : `Did you mean "${meant}"? `}The columns are: ${present.join(', ') || '(none)'}.`,
  });
}

/** The reader of Parquet is loaded for the first such file: it is large, and few studies have one. */
async function* readParquetLater(path: string): AsyncGenerator<Iterable<TableRow>> {
  const { readParquet } = await import('./read-parquet.ts');
  yield* readParquet(path);
}

const READERS: Readonly<
  Record<TableFormat, (path: string, options: ReadTableOptions) => AsyncIterable<Iterable<TableRow>>>
> = {
  csv: (path) => readCsv(path, ','),
  tsv: (path) => readCsv(path, '\t'),
  jsonl: (path, { texts }) => readJsonLines(path, texts),
  json: (path, { rows, texts }) => readJsonArray(path, rows, texts),
  parquet: (path) => readParquetLater(path),
};

const BY_ENDING: Readonly<Record<string, TableFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.parquet': 'parquet',
};

function isPlainText(path: string): boolean {
  return /\.txt(\.gz)?$/i.test(path);
}

/** The format that a file's name tells; `.gz` behind it changes nothing. */
export function tableFormatOf(path: string): TableFormat | undefined {
  return BY_ENDING[extname(path.replace(/\.gz$/i, '')).toLowerCase()];
}

function formatOf(path: string): TableFormat {
  const format = tableFormatOf(path);
  if (format !== undefined) return format;
  throw new InputError("a table's format can't be told from this file's name", {
    place: { file: path },
    remedy: `Its name should end in one of ${Object.keys(BY_ENDING).join(', ')}; or say which format it is.`,
  });
}
