import { expect, test } from 'vitest';
import { lookAlikeNotes } from './look-alikes.ts';

const notes = (...names: string[]) => lookAlikeNotes('stages', new Map(names.map((name) => [name, 0])));

test.each([
  ['white space at an end', ['base', 'base '], '"base" and "base "'],
  [
    'white space inside',
    ['sft v2', 'sft  v2', 'sft\u00a0v2'],
    '"sft v2", "sft  v2" and "sft\u00a0v2" ("sft\\u00a0v2")',
  ],
  ['forms of Unicode', ['bas\u00e9', 'base\u0301'], '"basé" ("bas\\u00e9") and "base\u0301" ("base\\u0301")'],
  ['wide letters', ['\uff33\uff26\uff34', 'SFT'], '"SFT" and "ＳＦＴ" ("\\uff33\\uff26\\uff34")'],
  ['nothing to see', ['rl', 'rl\u200b'], '"rl" and "rl\u200b" ("rl\\u200b")'],
])('%s: told', (_, names, said) => {
  expect(notes(...names)).toEqual([
    `Some stages have names that look alike and are not the same: ${said}. Write each in one way where one is meant.`,
  ]);
});

test('names that do not look alike, or of which no other has the look, are left alone', () => {
  expect(notes('base', 'Base', 'base-1', '基础', 'base\u0301', 'a b')).toEqual([]);
});

test('of many, the first are told, with how many more there are', () => {
  const names = Array.from({ length: 5 }, (_, n) => [`s${n}`, `s${n} `]).flat();
  expect(notes(...names)[0]).toContain('"s2" and "s2 "; and 2 more.');
});

test('of many names with one look, a few are told, and finding them takes no longer for each', () => {
  const names = Array.from(
    { length: 50_000 },
    (_, n) => `s${' '.repeat(n % 250)}${'\u200b'.repeat(Math.floor(n / 250))}`,
  );
  const [note] = notes(...names);
  expect(note).toContain('and 49997 more. Write each in one way');
  expect(note!.length).toBeLessThan(1000);
});
