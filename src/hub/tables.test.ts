import { expect, test } from 'vitest';
import { isTableFile, tablesOf } from './tables.ts';

const file = (path: string) => ({ path, size: 1, blobId: null });
const named = (paths: readonly string[], card: string | null = null) =>
  tablesOf(paths.map(file), card).map(({ name, paths, files }) => [
    name,
    paths,
    files.map(({ path }) => path),
  ]);

test('parts of one file are one table', () => {
  const parts = ['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002-0a1b2c.parquet'];
  expect(named(parts)).toEqual([['data/train-*.parquet', ['data/train-*.parquet'], parts]]);
  const numbers = ['default/train/0000.parquet', 'default/train/0001.parquet'];
  expect(named([...numbers, 'default/test/0000.parquet'])).toEqual([
    ['default/train/*.parquet', ['default/train/*.parquet'], numbers],
    ['default/test/0000.parquet', ['default/test/0000.parquet'], ['default/test/0000.parquet']],
  ]);
});

const EACH = ['a/x.csv', 'a/y.csv', 'b.csv'].map((path) => [path, [path], [path]]);

test.each<[string, string, readonly unknown[]]>([
  ['one pattern', '{ config_name: x, data_files: "a/*.csv" }', [['', ['a/*.csv'], ['a/x.csv', 'a/y.csv']]]],
  ['a list', '{ data_files: [a/x.csv, b.csv] }', [['', ['a/x.csv', 'b.csv'], ['a/x.csv', 'b.csv']]]],
  [
    'splits by name',
    '{ data_files: { train: a/x.csv, test: [b.csv] } }',
    [
      ['train', ['a/x.csv'], ['a/x.csv']],
      ['test', ['b.csv'], ['b.csv']],
    ],
  ],
  ['files that are not there', '{ data_files: c.csv }', EACH],
  ['nothing of files', '{ config_name: x }', EACH],
])('a card with %s', (_, config, expected) => {
  expect(named(['a/x.csv', 'a/y.csv', 'b.csv'], `---\nconfigs:\n- ${config}\n---\n`)).toEqual(expected);
});

test.each(['# No front matter', '---\nconfigs: 7\n---\n', '---\nconfigs: [\n---\n', '---\n- a\n---\n'])(
  'a card that says nothing of files: %j',
  (card) => {
    expect(named(['a.csv'], card)).toEqual([['a.csv', ['a.csv'], ['a.csv']]]);
  },
);

test('what lies beside data is not a table', () => {
  const paths = [
    'a.json',
    'dataset_infos.json',
    'x/state.json',
    '.hidden/a.json',
    '_tmp.json',
    'README.md',
    'b.csv',
  ];
  expect(paths.filter((path) => isTableFile(file(path), undefined))).toEqual(['a.json', 'b.csv']);
  expect(paths.filter((path) => isTableFile(file(path), 'csv'))).toEqual(['b.csv']);
});
