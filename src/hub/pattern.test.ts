import { expect, test } from 'vitest';
import { fitsPattern } from './pattern.ts';

test.each([
  ['data/train-*.parquet', 'data/train-00000-of-00002.parquet', true],
  ['data/train-*.parquet', 'data/test-00000-of-00002.parquet', false],
  ['data/*.parquet', 'data/en/a.parquet', false],
  ['*.csv', 'a.csv', true],
  ['*.csv', 'data/a.csv', false],
  ['**/*.csv', 'a.csv', true],
  ['**/*.csv', 'data/en/a.csv', true],
  ['data/**', 'data/en/a.csv', true],
  ['data/**/a.csv', 'data/a.csv', true],
  ['data/**/a.csv', 'other/data/a.csv', false],
  ['?.csv', 'a.csv', true],
  ['?.csv', 'ab.csv', false],
  ['part-[0-9].csv', 'part-7.csv', true],
  ['part-[!0-9].csv', 'part-7.csv', false],
  ['part-[ab-].csv', 'part--.csv', true],
  ['a[.csv', 'a[.csv', true],
  ['a.csv', 'a.csv', true],
  ['a.csv', 'abcsv', false],
  ['*a*b*', 'xaxbx', true],
  ['*a*b*', 'xbxax', false],
  ['é?.csv', 'é😀.csv', true],
])('%s: %s', (pattern, path, expected) => {
  expect(fitsPattern(pattern, path)).toBe(expected);
});
