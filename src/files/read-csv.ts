import { InputError } from '../core/index.ts';
import { CsvQuoteError, type CsvRecord, CsvRecords } from './csv-records.ts';
import type { TableRow } from './table-row.ts';
import { readText } from './text-file.ts';

/**
 * The rows of a comma- or tab-separated file whose first row names the columns. RFC 4180: cells with commas, quotes or
 * line breaks are in double quotes; both kinds of line ends are read. All cells are texts, and blank lines are skipped.
 *
 * @throws InputError naming file and line for a row with more or fewer cells than the header, a quote that is not closed
 *   or stands where none may, or a column name that comes twice
 */
export async function* readCsv(path: string, usual: ',' | '\t'): AsyncGenerator<TableRow> {
  const { delimiter, skipped } = await separatorOf(path, usual);
  let header: readonly string[] | null = null;
  try {
    for await (const { cells, line } of recordsOf(path, delimiter)) {
      if (line <= skipped) continue;
      if (header === null) {
        header = cells;
        refuseDuplicates(header, path, line);
      } else {
        yield { row: toRow(header, cells, path, line), line };
      }
    }
  } catch (error) {
    throw error instanceof CsvQuoteError ? quoteError(error, path) : error;
  }
}

async function* recordsOf(path: string, delimiter: string): AsyncGenerator<CsvRecord> {
  const records = new CsvRecords(delimiter);
  for await (const piece of readText(path)) yield* records.read(piece);
  yield* records.end();
}

/**
 * What separates the cells, as the first line shows: `sep=;`, which Excel reads and writes, or a header without the usual
 * separator but with another one.
 */
async function separatorOf(path: string, usual: string): Promise<{ delimiter: string; skipped: number }> {
  let start = '';
  for await (const piece of readText(path)) {
    start += piece;
    if (/[\r\n]/.test(piece) || start.length > 1 << 16) break;
  }
  const [line = ''] = start.split(/[\r\n]/, 1);
  const declared = /^"?sep=(.)"?$/.exec(line)?.[1];
  if (declared !== undefined) return { delimiter: declared, skipped: 1 };
  const plain = line.replaceAll(/"[^"]*"/g, '');
  const other = plain.includes(usual) ? undefined : [',', ';', '\t'].find((sign) => plain.includes(sign));
  return { delimiter: other ?? usual, skipped: 0 };
}

function toRow(header: readonly string[], record: readonly string[], path: string, line: number) {
  if (record.length !== header.length) {
    throw new InputError(`this row has ${cells(record.length)}, but the header names ${header.length}`, {
      place: { file: path, line },
      remedy: 'A cell that holds a separator or a line break must be in double quotes.',
    });
  }
  return Object.fromEntries(header.map((name, index) => [name, record[index]!]));
}

function cells(count: number): string {
  return count === 1 ? '1 cell' : `${count} cells`;
}

function refuseDuplicates(header: readonly string[], path: string, line: number): void {
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new InputError(`the header names the column "${twice}" twice`, {
    place: { file: path, line },
    remedy: 'Give the two columns different names.',
  });
}

function quoteError(error: CsvQuoteError, path: string): InputError {
  const options = { place: { file: path, line: error.line }, cause: error };
  if (error.kind === 'never closed') {
    return new InputError('in the row that begins here a quote is never closed', {
      ...options,
      remedy: 'Close it; a double quote within a cell is written as two: "".',
    });
  }
  return new InputError('in the row that begins here there is a double quote within a cell', {
    ...options,
    remedy: 'A cell with a double quote in it must itself be in quotes, with its own written as two: "".',
  });
}
