import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvQuoteError, CsvRecords } from './csv-records.ts';

function read(pieces: readonly string[], delimiter = ','): { cells: readonly string[]; line: number }[] {
  const reader = new CsvRecords(delimiter);
  return [...pieces.flatMap((piece) => [...reader.read(piece)]), ...reader.end()];
}

/** A text cut at some of its places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1))), text.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

describe('CsvRecords', () => {
  test('the three line ends, an empty line, a quoted cell that is empty, an empty last cell', () => {
    expect(read(['a,b\r\n1,\r2,"x\ry"\n\n""\n3'])).toEqual([
      { cells: ['a', 'b'], line: 1 },
      { cells: ['1', ''], line: 2 },
      { cells: ['2', 'x\ry'], line: 3 },
      { cells: [''], line: 6 },
      { cells: ['3'], line: 7 },
    ]);
  });

  test('the row of a wrong quote is named by the line that it begins in', () => {
    const refusal = (text: string) => {
      try {
        return read([text]);
      } catch (error) {
        return error;
      }
    };
    expect(refusal('a\n\n"b\n\nc')).toMatchObject({ kind: 'never closed', line: 3 });
    expect(refusal('a\n"b\nc",d"\n')).toMatchObject({ kind: 'within a cell', line: 2 });
    expect(refusal('a\n"b"c\n')).toMatchObject({ kind: 'within a cell', line: 2 });
  });

  test('law: the same records and refusals as csv-parse, however the text is cut', () => {
    const text = (end: string) =>
      fc
        .array(
          fc.constantFrom(
            'a',
            'b',
            ' ',
            ',',
            ',',
            '"',
            '"',
            end,
            end,
            '""',
            'é😀',
            'a long word, as some are',
          ),
        )
        .map((parts) => parts.join(''));
    const places = fc.array(fc.nat(), { maxLength: 5 });
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom('\n', '\r\n').chain(text), places, (whole, at) => {
        let theirs: string[][] | null = null;
        try {
          theirs = parse(whole, {
            skip_empty_lines: true,
            relax_column_count: true,
            record_delimiter: ['\n', '\r\n'],
          });
        } catch {
          refused++;
        }
        if (theirs === null) expect(() => read(cut(whole, at))).toThrow(CsvQuoteError);
        else expect(read(cut(whole, at)).map(({ cells }) => cells)).toEqual(theirs);
      }),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(50);
    expect(refused).toBeLessThan(950);
  });
});
