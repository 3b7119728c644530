import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type BasicType, fileWriter, parquetWriteRows } from 'hyparquet-writer';
import { unwritable } from '../files/index.ts';
import { openRun } from '../records/run-reader.ts';
import {
  type ColumnType,
  type ExportCell,
  type ExportTable,
  ratingsTable,
  transcriptsTable,
} from './export-tables.ts';

interface ExportOptions {
  readonly to: 'csv' | 'jsonl' | 'parquet';
  /** `ratings`: one row each, with the columns of its trial. `transcripts`: one row a trial. */
  readonly what: 'ratings' | 'transcripts';
  /** The file to write. One that is there is replaced once the new one is whole. */
  readonly out: string;
  /** Of CSV: an apostrophe before every cell that a spreadsheet would take for a formula. */
  readonly spreadsheet?: boolean;
}

/**
 * Writes what counts in a run (latest attempts, last ratings) as one table, a row at a time. The columns are described in
 * docs/records.md.
 *
 * @returns how many rows it has
 * @throws RecordsError when the folder is not a run or is damaged; InputError when the file can't be written
 */
export async function exportRun(folder: string, options: ExportOptions): Promise<number> {
  const { to, what, out, spreadsheet = false } = options;
  const table = what === 'ratings' ? ratingsTable : transcriptsTable;
  using run = await openRun(folder);
  const draft = `${out}.${process.pid}.draft`;
  let count = 0;
  const rows = async function* () {
    for await (const row of table.rows(run)) {
      count++;
      yield spreadsheet ? row.map(guarded) : row;
    }
  };
  try {
    await WRITERS[to](draft, table, rows());
    await rename(draft, out);
    return count;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw unwritable('the export', out, error);
  }
}

type TableWriter = (
  file: string,
  table: ExportTable,
  rows: AsyncIterable<readonly ExportCell[]>,
) => Promise<void>;

const WRITERS: Readonly<Record<ExportOptions['to'], TableWriter>> = {
  csv: async (file, { columns }, rows) => {
    await writeLines(file, async function* () {
      yield columns.map(({ name }) => name).join(',');
      for await (const row of rows) yield row.map(csvCell).join(',');
    });
  },
  jsonl: async (file, { columns }, rows) => {
    await writeLines(file, async function* () {
      for await (const row of rows) {
        yield JSON.stringify(Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
      }
    });
  },
  parquet: async (file, { columns }, rows) => {
    await parquetWriteRows({
      writer: fileWriter(file),
      columns: columns.map(({ name, type }) => ({ name, type: PARQUET_TYPES[type] })),
      rows: parquetRows(columns, rows),
      rowGroupSize: 1000,
    });
  },
};

const PARQUET_TYPES: Readonly<Record<ColumnType, BasicType>> = {
  text: 'STRING',
  whole: 'INT64',
  number: 'DOUBLE',
  json: 'JSON',
};

async function* parquetRows(
  columns: ExportTable['columns'],
  rows: AsyncIterable<readonly ExportCell[]>,
): AsyncGenerator<Record<string, ExportCell>> {
  const cell = (type: ColumnType, value: ExportCell) =>
    type === 'whole' && value !== null ? BigInt(value as number) : value;
  for await (const row of rows) {
    yield Object.fromEntries(columns.map(({ name, type }, index) => [name, cell(type, row[index])]));
  }
}

/** What begins like a formula is shown as text; transcripts are not trusted. */
function guarded(cell: ExportCell): ExportCell {
  return typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

/** RFC 4180. Nothing recorded is an empty cell, an empty text a quoted one. */
function csvCell(cell: ExportCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const BLOCK_CHARACTERS = 1 << 18;

async function writeLines(file: string, lines: () => AsyncIterable<string>): Promise<void> {
  const blocks = async function* () {
    let block = '';
    for await (const line of lines()) {
      block += `${line}\n`;
      if (block.length < BLOCK_CHARACTERS) continue;
      yield block;
      block = '';
    }
    yield block;
  };
  await pipeline(blocks, createWriteStream(file));
}
