import { extname } from 'node:path';
import { InputError } from '../core/index.ts';
import { nearest } from './nearest.ts';
import { readCsv } from './read-csv.ts';
import { readJsonArray, readJsonLines } from './read-json.ts';
import type { TableRow } from './table-row.ts';

export const TABLE_FORMATS = ['csv', 'tsv', 'jsonl', 'json', 'parquet'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

export interface ReadTableOptions {
  /** By default, what the file's name ends in. */
  readonly format?: TableFormat;
  /** Columns that every row must have; an absent one is an error that names the nearest. */
  readonly columns?: readonly string[];
}

/**
 * The rows of a table in a file, one at a time.
 *
 * @throws InputError naming file and line: no such file, an unknown format, not of that format, a column missing
 */
export async function* readTable(path: string, options: ReadTableOptions = {}): AsyncGenerator<TableRow> {
  for await (const row of READERS[options.format ?? formatOf(path)](path)) {
    if (options.columns !== undefined) {
      requireColumns(Object.keys(row.row), options.columns, { file: path, line: row.line });
    }
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
async function* readParquetLater(path: string): AsyncGenerator<TableRow> {
  const { readParquet } = await import('./read-parquet.ts');
  yield* readParquet(path);
}

const READERS: Readonly<Record<TableFormat, (path: string) => AsyncIterable<TableRow>>> = {
  csv: (path) => readCsv(path, ','),
  tsv: (path) => readCsv(path, '\t'),
  jsonl: readJsonLines,
  json: readJsonArray,
  parquet: readParquetLater,
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

function formatOf(path: string): TableFormat {
  const format = BY_ENDING[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new InputError("a table's format can't be told from this file's name", {
    place: { file: path },
    remedy: `Its name should end in one of ${Object.keys(BY_ENDING).join(', ')}; or say which format it is.`,
  });
}
