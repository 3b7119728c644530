import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { InputError } from '../core/index.ts';
import { type ReadTableOptions, readTable, requireColumns } from './table.ts';
import type { TableRow } from './table-row.ts';
import { all, temporaryFile } from './testing/temporary-file.ts';

async function read(
  name: string,
  content: string | Uint8Array,
  options?: ReadTableOptions,
): Promise<TableRow[]> {
  using file = temporaryFile(name, content);
  return await all(readTable(file.path, options));
}

async function refusal(
  name: string,
  content: string | Uint8Array,
  options?: ReadTableOptions,
): Promise<InputError> {
  using file = temporaryFile(name, content);
  const error: unknown = await all(readTable(file.path, options)).catch((error) => error);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).place.file).toBe(file.path);
  return error as InputError;
}

describe('CSV', () => {
  test('quotes, line breaks within cells, both kinds of line ends, a byte order mark: cells and lines are right', async () => {
    const unix = '\ufeffid,prompt\n1,"a, ""b"""\n\n2,"two\nlines"\n3,ü😀\n';
    const rows = [
      { row: { id: '1', prompt: 'a, "b"' }, line: 2 },
      { row: { id: '2', prompt: 'two\nlines' }, line: 4 },
      { row: { id: '3', prompt: 'ü😀' }, line: 6 },
    ];
    expect(await read('a.csv', unix)).toEqual(rows);
    const windows = unix.replaceAll('\n', '\r\n');
    expect((await read('a.csv', windows)).map(({ line }) => line)).toEqual([2, 4, 6]);
    expect((await read('a.csv', windows))[1]!.row.prompt).toBe('two\r\nlines');
    expect(await read('a.csv', unix.trimEnd())).toEqual(rows);
  });

  test('a line break of the other kind within a cell counts as one line', async () => {
    const rows = await read('a.csv', 'id,prompt\n1,"x\r\ny\rz"\n2,b\n');
    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
  });

  test('law: what is written as RFC 4180 says is read back, with the line it is in', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', ' ', 'é', '\t') });
    const rows = fc.array(fc.tuple(cell, cell), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), async (rows, end) => {
        const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
        const lines = [['a', 'b'], ...rows].map((row) => row.map(quoted).join(',') + end);
        const found = await read('a.csv', lines.join(''));
        expect(found.map(({ row }) => [row.a, row.b])).toEqual(rows);
        const starts = rows.map(
          (_, n) =>
            1 +
            lines
              .slice(0, n + 1)
              .join('')
              .split('\n').length -
            1,
        );
        expect(found.map(({ line }) => line)).toEqual(starts);
      }),
      { numRuns: 60 },
    );
  });

  test('tabs separate in TSV, and names of columns that are special to JavaScript are only names', async () => {
    expect(await read('a.tsv', 'a\t__proto__\n1,5\t2\n')).toEqual([
      {
        row: Object.fromEntries([
          ['a', '1,5'],
          ['__proto__', '2'],
        ]),
        line: 2,
      },
    ]);
  });

  test('spaces around a name are not part of it, and columns without names are called by their places', async () => {
    expect(await read('a.csv', ', a ,b,\n0,1,2,x\n')).toEqual([
      { row: { '': '0', a: '1', b: '2', 'column 4': 'x' }, line: 2 },
    ]);
  });

  test.each<[string, string, string, number]>([
    ['too many cells', 'a,b\n1,2\n\n1,2,3\n', 'this row has 3 cells, but the header names 2', 4],
    ['too few cells', 'a,b\n"1\n2"\n', 'this row has 1 cell, but the header names 2', 2],
    ['a quote never closed', 'a,b\n1,2\n3,"4\n5,6\n', 'never closed', 3],
    ['a quote within a cell', 'a,b\n1,2\n3,4"5\n', 'within a cell', 3],
    ['text after a quoted cell', 'a,b\n1,"2"3\n', 'within a cell', 2],
    ['a column twice', 'a,b,a\n1,2,3\n', 'names the column "a" twice', 1],
  ])('%s: an error that names the line', async (_, content, words, line) => {
    const error = await refusal('a.csv', content);
    expect(error.message).toContain(words);
    expect(error.place.line).toBe(line);
    expect(error.remedy).toBeTruthy();
  });

  test('text that is not UTF-8: an error that names the line, however far down', async () => {
    const rows = Array.from({ length: 50_000 }, (_, row) => `${row},x\n`).join('');
    const bytes = Buffer.concat([Buffer.from(`a,b\n${rows}1,`), Buffer.from([0xe9]), Buffer.from('\n2,y\n')]);
    const error = await refusal('a.csv', bytes);
    expect(error.message).toContain('not UTF-8');
    expect(error.place.line).toBe(50_002);
    expect(error.remedy).toContain('iconv');
  });

  test('a reader that has seen enough may stop', async () => {
    using file = temporaryFile('a.csv', `a\n${'1\n'.repeat(200_000)}`);
    for await (const { line } of readTable(file.path)) if (line === 3) break;
  });
});

describe('JSON', () => {
  test('an object a line', async () => {
    const rows = await read('a.jsonl', '{"a":1}\n\n{"b":[null,{"c":"\u2028"}]}\r\n{"a":2}');
    expect(rows).toEqual([
      { row: { a: 1 }, line: 1 },
      { row: { b: [null, { c: '\u2028' }] }, line: 3 },
      { row: { a: 2 }, line: 4 },
    ]);
  });

  test('lines longer than what is read at once', async () => {
    const long = 'é'.repeat(500_000);
    const rows = await read('a.jsonl', `{"a":"${long}"}\n{"a":"b"}\n`);
    expect(rows.map(({ row }) => String(row.a).length)).toEqual([500_000, 1]);
  });

  test('an array of objects, each with its line', async () => {
    const rows = await read('a.json', '\n[\n  {"a": "],[\\"{"},\n\n  {"b": {\n "c": [1] }}\n]\n');
    expect(rows).toEqual([
      { row: { a: '],["{' }, line: 3 },
      { row: { b: { c: [1] } }, line: 5 },
    ]);
    expect(await read('a.json', ' [ ] ')).toEqual([]);
  });

  test('law: an array is read as JSON.parse reads it', async () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(objects, fc.constantFrom(0, 2), async (objects, indent) => {
        const plain = JSON.parse(JSON.stringify(objects));
        const rows = await read('a.json', JSON.stringify(plain, null, indent));
        expect(JSON.stringify(rows.map(({ row }) => row))).toEqual(JSON.stringify(plain));
      }),
      { numRuns: 50 },
    );
  });

  test.each<[string, string, string, string, number]>([
    ['a.jsonl', 'a broken line', '{"a":1}\n{"a":\n', 'not JSON', 2],
    ['a.jsonl', 'a line that is not an object', '{"a":1}\n[1]\n', 'an array', 2],
    ['a.jsonl', 'a number', '\n3\n', 'a number', 2],
    ['a.json', 'no array', '{"a":1}', 'not an array', 1],
    ['a.json', 'a broken element', '[{"a":1},\n{"a":}]', 'not JSON', 2],
    ['a.json', 'an element that is not an object', '[{"a":1},\nnull]', 'null', 2],
    ['a.json', 'a missing element', '[{"a":1},\n,{}]', 'not JSON', 1],
    ['a.json', 'an array cut off', '[{"a":1},\n{"b', 'ends too early', 2],
    ['a.json', 'two arrays', '[{"a":1}]\n\n[]', 'follows the end', 3],
  ])('%s with %s: an error that names the line', async (name, _, content, words, line) => {
    const error = await refusal(name, content);
    expect(error.message).toContain(words);
    expect(error.place.line).toBe(line);
  });
});

describe('JSON arrays', () => {
  test.each([
    ['line ends', '\n'],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['plain letters', 'x'],
  ])('with millions of %s in one text are read', async (_, piece) => {
    const rows = [{ a: 'before' }, { a: piece.repeat(12_000_000) }, { a: ']}"' }];
    const found = await read('a.json', `{"meta":{"a":"]"},"rows":\n${JSON.stringify(rows)}}`, {
      rows: 'rows',
    });
    expect(found.map(({ row }) => (row as { a: string }).a.length)).toEqual([6, 12_000_000, 3]);
    expect(found.map(({ line }) => line)).toEqual([2, 2, 2]);
  });

  test.each(['{"', '{"ab', '{"ab\\', '{"ab\\"', '{"\\x":1}'])('%s is refused as no array', async (text) => {
    expect((await refusal('a.json', text)).message).toBe('this JSON is not an array of objects');
    expect((await refusal('a.json', text, { rows: 'rows' })).message).toContain(
      'there is no "rows" in this JSON',
    );
  });
});

describe('gzip', () => {
  test('is unpacked on the way, whatever is in it; the name before .gz says the format', async () => {
    expect(await read('a.csv.gz', gzipSync('a\n1\n'))).toEqual([{ row: { a: '1' }, line: 2 }]);
    expect(await read('a.jsonl.gz', gzipSync('{"a":1}\n'))).toEqual([{ row: { a: 1 }, line: 1 }]);
    expect(await read('a.json', gzipSync('[{"a":1}]'))).toEqual([{ row: { a: 1 }, line: 1 }]);
  });

  test('that was cut off, holds other text or was made to fill memory is an error', async () => {
    const whole = gzipSync(`a,b\n${'1,2\n'.repeat(1000)}`);
    expect((await refusal('a.csv.gz', whole.subarray(0, 40))).message).toContain('cannot be unpacked');
    const latin = await refusal('a.csv.gz', gzipSync(Buffer.from('a\n1\n\xe9\n', 'latin1')));
    expect([latin.message, latin.place.line]).toEqual(['this line is not UTF-8 text', 3]);
    const bomb = gzipSync(Buffer.alloc(70 << 20, '"'));
    expect((await refusal('a.jsonl.gz', bomb)).message).toContain('more than 500 times its size');
  });
});

describe('rows of JSON at a path', () => {
  const text = '{"meta": {"results": [1]}, "results": {"n": 2,\n"rows": [\n{"a": 1},\n{"a": "}"}]}, "z": []}';

  test('are read with their lines', async () => {
    expect(await read('a.json', text, { rows: 'results.rows' })).toEqual([
      { row: { a: 1 }, line: 3 },
      { row: { a: '}' }, line: 4 },
    ]);
  });

  test('that is wrong or not named: the error says what there is', async () => {
    expect((await refusal('a.json', text, { rows: 'results.row' })).remedy).toBe('There is: n, rows.');
    expect((await refusal('a.json', text, { rows: 'results' })).remedy).toContain('--map rows=results.rows');
    expect((await refusal('a.json', '{"out": [{"a": 1}]}')).remedy).toContain('--map rows=out');
    expect((await refusal('a.csv', 'a\n1\n', { rows: 'out' })).message).toContain('only JSON');
  });

  test('lines of JSON are rows themselves', async () => {
    expect(await read('a.jsonl', '{"a": 1}', { rows: 'results.rows' })).toEqual([{ row: { a: 1 }, line: 1 }]);
  });
});

describe('Parquet', () => {
  const columnData = [
    { name: 'id', data: [1n, 2n, 2n ** 60n] },
    { name: 'text', data: ['a', null, 'é\n'] },
    { name: 'when', data: [new Date(0), new Date(1), null], type: 'TIMESTAMP' as const },
    { name: 'value', data: [0.5, Number.NaN, 1] },
    { name: 'meta', data: [{ a: [1] }, null, {}], type: 'JSON' as const },
  ];
  const rows = [
    { id: 1, text: 'a', when: '1970-01-01T00:00:00.000Z', value: 0.5, meta: { a: [1] } },
    { id: 2, text: null, when: '1970-01-01T00:00:00.001Z', value: null, meta: null },
    { id: '1152921504606846976', text: 'é\n', when: null, value: 1, meta: {} },
  ];

  test.each([
    ['SNAPPY', {}],
    ['UNCOMPRESSED', {}],
    ['GZIP', { GZIP: gzipSync }],
    ['BROTLI', { BROTLI: brotliCompressSync }],
    ['ZSTD', { ZSTD: zstdCompressSync }],
  ] as const)('compressed with %s, over several row groups', async (codec, compressors) => {
    const bytes = parquetWriteBuffer({ columnData, codec, compressors, rowGroupSize: 2 });
    const found = await read('a.parquet', new Uint8Array(bytes));
    expect(found.map(({ row }) => row)).toEqual(rows);
    expect(found.map(({ line }) => line)).toEqual([1, 2, 3]);
  });

  test('moments finer than milliseconds, and bytes that are not UTF-8, stay apart', async () => {
    const columnData = [
      { name: 'micros', data: [1_704_067_200_000_001n, 1_704_067_200_000_000n, -1n] },
      { name: 'nanos', data: [1_704_067_200_000_000_010n, 1_704_067_200_120_000_000n, -1n] },
      { name: 'bytes', data: [new Uint8Array([0xff]), new Uint8Array([0xfe]), new Uint8Array([0x61])] },
    ];
    const repetition_type = 'REQUIRED' as const;
    const schema: Parameters<typeof parquetWriteBuffer>[0]['schema'] = [
      { name: 'root', num_children: 3 },
      { name: 'micros', type: 'INT64', converted_type: 'TIMESTAMP_MICROS', repetition_type },
      {
        name: 'nanos',
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
        repetition_type,
      },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type },
    ];
    const found = await read('a.parquet', new Uint8Array(parquetWriteBuffer({ columnData, schema })));
    expect(found.map(({ row }) => Object.values(row))).toEqual([
      ['2024-01-01T00:00:00.000001Z', '2024-01-01T00:00:00.000000010Z', '/w=='],
      ['2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.120Z', '/g=='],
      ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999999Z', 'a'],
    ]);
  });

  test.each([
    ['another file', Buffer.from('id,prompt\n1,a\n')],
    ['an empty file', Buffer.alloc(0)],
    ['a file cut off', new Uint8Array(parquetWriteBuffer({ columnData })).slice(0, 300)],
  ])('%s: an error that says so', async (_, bytes) => {
    const error = await refusal('a.parquet', bytes);
    expect(error.message).toContain("can't be read as Parquet");
  });
});

describe('a table', () => {
  test('that lacks a column: the nearest one is named', async () => {
    const error = await refusal('a.csv', 'id,Prompt,type\n1,a,b\n', { columns: ['id', 'prompt'] });
    expect(error.message).toBe('there is no column "prompt"');
    expect(error.remedy).toBe('Did you mean "Prompt"? The columns are: id, Prompt, type.');
  });

  test('of JSON lacks a column where a row does', async () => {
    const error = await refusal('a.jsonl', '{"id":1}\n{"name":1}\n', { columns: ['id'] });
    expect(error.place.line).toBe(2);
  });

  test('of which nothing is near', () => {
    const missing = () => requireColumns(['a', 'b'], ['category'], { file: 'x.csv', line: 1 });
    expect(missing).toThrow(
      expect.objectContaining({ message: 'there is no column "category"', remedy: 'The columns are: a, b.' }),
    );
    expect(() => requireColumns(['a', 'b'], ['b', 'a'], { file: 'x.csv' })).not.toThrow();
  });

  test('of an unknown ending needs its format said', async () => {
    expect((await refusal('a.dat', 'a\n1\n')).remedy).toContain('.csv, .tsv');
    expect(await read('a.dat', 'a\n1\n', { format: 'csv' })).toEqual([{ row: { a: '1' }, line: 2 }]);
  });

  test.each(['csv', 'jsonl', 'json', 'parquet'])('that is not there, or is a folder (%s)', async (format) => {
    using file = temporaryFile('a.txt', '');
    const folder = file.path.replace(/a\.txt$/, '');
    const error = (path: string) =>
      all(readTable(path, { format: format as 'csv' })).catch((error: InputError) => error.message);
    expect(await error(`${folder}none.${format}`)).toBe('there is no such file');
    expect(await error(folder)).toContain('this is a folder');
  });
});
