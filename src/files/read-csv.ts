import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, type Info, parse } from 'csv-parse';
import { InputError } from '../core/index.ts';
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
  const { delimiter, from } = await separatorOf(path, usual);
  const parser = parse({
    delimiter,
    info: true,
    from_line: from,
    skip_empty_lines: true,
    relax_column_count: true,
  });
  // The parser's failure is thrown by the loop below; so is the source's, which destroys the parser.
  pipeline(Readable.from(readText(path)), parser).catch(() => {});
  const lines = new LineCount();
  let header: readonly string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const line = lines.startOf(record, info.lines);
      if (header === null) {
        header = record;
        refuseDuplicates(header, path, line);
      } else {
        yield { row: toRow(header, record, path, line), line };
      }
    }
  } catch (error) {
    throw error instanceof CsvError ? quoteError(error, path, lines) : error;
  }
}

/**
 * What separates the cells, as the first line shows: `sep=;`, which Excel reads and writes, or a header without the usual
 * separator but with another one.
 */
async function separatorOf(path: string, usual: string): Promise<{ delimiter: string; from: number }> {
  let start = '';
  for await (const piece of readText(path)) {
    start += piece;
    if (/[\r\n]/.test(piece) || start.length > 1 << 16) break;
  }
  const [line = ''] = start.split(/[\r\n]/, 1);
  const declared = /^"?sep=(.)"?$/.exec(line)?.[1];
  if (declared !== undefined) return { delimiter: declared, from: 2 };
  const plain = line.replaceAll(/"[^"]*"/g, '');
  const other = plain.includes(usual) ? undefined : [',', ';', '\t'].find((sign) => plain.includes(sign));
  return { delimiter: other ?? usual, from: 1 };
}

/** The lines at which records begin. The parser counts those at which they end, and a CR LF within a cell as two. */
class LineCount {
  #surplus = 0;
  /** The last line of the last record. */
  end = 0;

  startOf(record: readonly string[], parserLines: number): number {
    let within = 0;
    for (const cell of record) {
      if (!cell.includes('\n') && !cell.includes('\r')) continue;
      within += cell.match(/\r\n|\r|\n/g)!.length;
      this.#surplus += cell.match(/\r\n/g)?.length ?? 0;
    }
    this.end = parserLines - this.#surplus;
    return this.end - within;
  }
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

function quoteError(error: CsvError, path: string, { end }: LineCount): InputError {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new InputError('in the row that begins here (or after blank lines) a quote is never closed', {
      place: { file: path, line: end + 1 },
      remedy: 'Close it; a double quote within a cell is written as two: "".',
      cause: error,
    });
  }
  return new InputError(
    'in the row that begins here (or after blank lines) there is a double quote within a cell',
    {
      place: { file: path, line: end + 1 },
      remedy: 'A cell with a double quote in it must itself be in quotes, with its own written as two: "".',
      cause: error,
    },
  );
}
