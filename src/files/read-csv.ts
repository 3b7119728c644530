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
export async function* readCsv(path: string, usual: ',' | '\t'): AsyncGenerator<Iterable<TableRow>> {
  const { delimiter, skipped } = await separatorOf(path, usual);
  let header: readonly string[] | null = null;
  let blank: Record<string, string> = {};
  function* rowsOf(records: Iterable<CsvRecord>): Generator<TableRow> {
    try {
      for (const { cells, line } of records) {
        if (line <= skipped) continue;
        if (header === null) {
          header = named(cells);
          refuseDuplicates(header, path, line);
          blank = Object.fromEntries(header.map((name) => [name, '']));
        } else {
          if (cells.length !== header.length) throw otherLength(cells.length, header.length, path, line);
          // To copy an object that has all columns is faster than to build a new one for each row.
          const row = { ...blank };
          for (let column = 0; column < header.length; column++) row[header[column]!] = cells[column]!;
          yield { row, line };
        }
      }
    } catch (error) {
      throw error instanceof CsvQuoteError ? quoteError(error, path) : error;
    }
  }
  const records = new CsvRecords(delimiter);
  for await (const piece of readText(path)) yield rowsOf(records.read(piece));
  yield rowsOf(records.end());
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

/** Spaces around a name are not part of it. Of several columns without a name each after the first is called by its place. */
function named(cells: readonly string[]): string[] {
  const names = cells.map((cell) => cell.trim());
  return names.map((name, index) =>
    name === '' && names.indexOf('') < index ? `column ${index + 1}` : name,
  );
}

function otherLength(cells: number, columns: number, path: string, line: number): InputError {
  const many = cells === 1 ? '1 cell' : `${cells} cells`;
  return new InputError(`this row has ${many}, but the header names ${columns}`, {
    place: { file: path, line },
    remedy: 'A cell that holds a separator or a line break must be in double quotes.',
  });
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
