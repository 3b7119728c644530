import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { decompressLz4Block } from './lz4.ts';
import { parsePythonLiteral } from './python-literal.ts';
import { readTable } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'stemma-elsewhere-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rowsOf(name: string, content: string | Uint8Array): Promise<unknown[]> {
  writeFileSync(join(folder, name), content);
  const rows: unknown[] = [];
  for await (const { row } of readTable(join(folder, name))) rows.push(row);
  return rows;
}

const text = 'stage,value\r\nbäse,1\r\n"s;ft",0\r\n';
const rows = [
  { stage: 'bäse', value: '1' },
  { stage: 's;ft', value: '0' },
];

test.each<[string, string | Uint8Array]>([
  ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['big-endian UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ['semicolons', text.replaceAll(',', ';')],
  ['sep=;', `sep=;\r\n${text.replaceAll(',', ';')}`],
  ['tabs', text.replaceAll(',', '\t')],
])('a CSV with %s is read', async (_, content) => {
  expect(await rowsOf('a.csv', content)).toEqual(rows);
});

test('UTF-16 without a mark is named', async () => {
  await expect(rowsOf('b.csv', Buffer.from('a,b\n1,2\n', 'utf16le'))).rejects.toThrow('UTF-16');
});

test.each<[string, string, Buffer, string]>([
  ['a zip archive', 'd.csv', Buffer.from('504b0304140000000000', 'hex'), 'this file is a zip archive'],
  ['a workbook', 'd.jsonl', Buffer.from('504b0304140006000800', 'hex'), 'this file is a zip archive'],
  ['UTF-32', 'd.csv', Buffer.from('fffe0000610000002c000000', 'hex'), 'UTF-32'],
  ['big-endian UTF-32', 'd.tsv', Buffer.from('0000feff000000610000002c', 'hex'), 'UTF-32'],
  [
    'a zero byte',
    'd.csv',
    Buffer.from('stage,sample,value\nbase,q\0,1\nsft,q,0\n'),
    'holds zero bytes, as text does not',
  ],
])('%s is told by its name', async (_, name, content, words) => {
  await expect(rowsOf(name, content)).rejects.toThrow(words);
});

test('NaN in JSON is nothing; in a text it stays', async () => {
  expect(await rowsOf('c.jsonl', '{"a": NaN, "b": "NaN \\" NaN"}\n')).toEqual([{ a: null, b: 'NaN " NaN' }]);
});

test('a pipe is an input error', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.csv')]);
  const first = readTable(join(folder, 'pipe.csv')).next();
  await expect(first).rejects.toMatchObject({ exitCode: 2, message: 'this is not a plain file' });
});

test('a Python literal of any depth is read or is not one', () => {
  expect(parsePythonLiteral(`${'['.repeat(100)}${']'.repeat(100)}`)).toBeDefined();
  expect(parsePythonLiteral('['.repeat(1_000_000))).toBeUndefined();
});

test('an LZ4 block: literals, and a match that overlaps what it writes', () => {
  // "ab" as literals, then 8 bytes from 2 back, then "c".
  const block = Uint8Array.of(0x24, 0x61, 0x62, 2, 0, 0x10, 0x63);
  expect(Buffer.from(decompressLz4Block(block, 11)).toString()).toBe('ababababab'.concat('c'));
  expect(() => decompressLz4Block(block, 12)).toThrow(RangeError);
  expect(() => decompressLz4Block(block.subarray(0, 4), 11)).toThrow(RangeError);
  expect(() => decompressLz4Block(Uint8Array.of(0x04, 9, 0), 8)).toThrow(RangeError);
});
