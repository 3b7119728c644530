import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FileSource, readRows, sourceDigest } from './file-source.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-source-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const row = (n: number, answer: string, more: object = {}) => ({
  prompt: `Question ${n}?`,
  response: answer,
  ...more,
});
/** A source of a file with these lines. */
function sourceOf(
  name: string,
  lines: readonly (object | string)[],
  more: Partial<FileSource> = {},
): FileSource {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  writeFileSync(join(folder, name), text);
  return { path: name, digest: sourceDigest(join(folder, name)), weight: 1, ...more };
}
const rowsOf = (source: FileSource) => readRows('safety', source, 'sft', folder);
const rows = [
  row(1, 'No.', { cluster: 'a', language: 'en' }),
  row(2, 'Nein.', { cluster: 'b', language: 'de' }),
];

test('its filters leave rows by their columns and clusters, with their lines', () => {
  expect(rowsOf(sourceOf('all.jsonl', [rows[0]!, '', rows[1]!])).map(({ line }) => line)).toEqual([1, 3]);
  const german = rowsOf(sourceOf('all.jsonl', rows, { where: { language: ['de', 'fr'] } }));
  expect(german.map(({ line, cluster }) => [line, cluster])).toEqual([[2, 'b']]);
  expect(rowsOf(sourceOf('all.jsonl', rows, { drop: ['b'] })).map(({ line }) => line)).toEqual([1]);
});

test.each([
  ['an empty file', [], {}],
  ['filters that leave nothing', rows, { where: { language: 'fr' } }],
  ['clusters that are all dropped', rows, { drop: ['a', 'b'] }],
])('%s is refused, unless nothing is drawn of it', (_, lines, filters) => {
  const source = sourceOf('none.jsonl', lines, filters);
  expect(() => rowsOf(source)).toThrow(
    expect.objectContaining({
      message: 'the source "safety" has no example that its filters leave',
      place: { file: join(folder, 'none.jsonl') },
      remedy: expect.stringContaining('weight: 0'),
    }),
  );
  expect(rowsOf({ ...source, weight: 0 })).toEqual([]);
  expect(rowsOf({ ...source, draws: 0 })).toEqual([]);
});

test('a file that was changed after the study was read is refused', () => {
  const source = sourceOf('changed.jsonl', rows);
  writeFileSync(join(folder, 'changed.jsonl'), JSON.stringify(rows[0]));
  expect(() => rowsOf(source)).toThrow(
    expect.objectContaining({
      message: 'the file of the source "safety" was changed since the study was read',
      remedy: expect.stringContaining('Run the command again'),
    }),
  );
});

test.each([
  ['not JSON', 'is not a JSON object'],
  ['[1]', 'is not a JSON object'],
  ['{"prompt":"Q?"}', 'has neither messages nor a prompt and a response'],
  ['{"messages":[{"role":"user","content":"Q?"}]}', 'does not end with a message of the assistant'],
])('a line that is no example is named: %s', (line, expected) => {
  const source = sourceOf('bad.jsonl', [rows[0]!, line]);
  expect(() => rowsOf(source)).toThrow(
    expect.objectContaining({
      message: `this line ${expected}`,
      place: { file: join(folder, 'bad.jsonl'), line: 2 },
    }),
  );
});

test('an exact share of the answers is swapped, and the prompts must be the same line by line', () => {
  const many = Array.from({ length: 20 }, (_, n) => row(n, 'No.'));
  const swapOf = (answers: readonly object[], share: number) => {
    const { path, digest } = sourceOf('teacher.jsonl', answers);
    return sourceOf('own.jsonl', many, { swap: { teacher: 'b', path, digest, share } });
  };
  const other = many.map(({ prompt }) => ({ prompt, response: 'Never.' }));
  const swapped = (share: number) =>
    rowsOf(swapOf(other, share)).flatMap(({ line, example }) =>
      JSON.stringify(example).includes('Never.') ? [line] : [],
    );
  expect(swapped(0.1)).toHaveLength(2);
  expect(swapped(0.5)).toHaveLength(10);
  // More of it is the same and more.
  expect(swapped(0.5)).toEqual(expect.arrayContaining(swapped(0.1)));
  expect(() => rowsOf(swapOf(other.toReversed(), 0.5))).toThrow('does not answer the same prompt');
});
