import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InputError } from '../../core/index.ts';
import { temporaryFolder, trialsOf } from '../../evals/testing/published.ts';
import { importTable } from './import.ts';
import { parseMapping } from './mapping.ts';

const FILES = {
  'base.csv': 'sample,value\n1,0\n2,1\n',
  'sft.csv': 'sample,value\n1,1\n2,1\n',
  'notes.txt': 'not a table',
};
const KEYS = ['base/imported/1#1', 'base/imported/2#1', 'sft/imported/1#1', 'sft/imported/2#1'];

async function keysOf(sources: (folder: string) => string | string[], map?: string) {
  using folder = temporaryFolder(FILES);
  mkdirSync(join(folder.path, 'empty'));
  const results = await importTable(sources(folder.path), { mapping: parseMapping(map), format: 'csv' });
  return { source: results.source, keys: (await trialsOf(results)).map(({ transcript }) => transcript.key) };
}

test('several files are one table; a name before a file says the stage of its rows', async () => {
  const { source, keys } = await keysOf((folder) => [`base=${folder}/base.csv`, `sft=${folder}/sft.csv`]);
  expect(source).toBe('base.csv and sft.csv');
  expect(keys).toEqual(KEYS);
});

test('a folder is all its files of the format, and the names of files can be those of stages', async () => {
  expect((await keysOf((folder) => folder, 'stage=$file')).keys).toEqual(KEYS);
  expect((await keysOf((folder) => [`${folder}/base.csv`, `${folder}/sft.csv`], 'stage=$file')).keys).toEqual(
    KEYS,
  );
});

test.each<[string, (folder: string) => string[], RegExp]>([
  [
    'files that do not say their stage',
    (folder) => [`${folder}/base.csv`, `${folder}/sft.csv`],
    /sft=results\.csv/,
  ],
  [
    'a folder without a file of the format',
    (folder) => [join(folder, 'empty')],
    /there is no csv file in this folder/,
  ],
  [
    'a row of one file again in another',
    (folder) => [`a=${folder}/base.csv`, `a=${folder}/sft.csv`],
    /sft\.csv:2: .* by the same rater in .*base\.csv, line 2 already/,
  ],
  ['a file that is not there', (folder) => [`a=${folder}/base.csv`, `b=${folder}/rl.csv`], /no such file/],
])('%s: an error', async (_, sources, message) => {
  const error: unknown = await keysOf(sources).catch((error) => error);
  expect(error).toBeInstanceOf(InputError);
  expect(`${error} ${(error as InputError).remedy}`).toMatch(message);
});
