import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportedNames, readModules } from '../scripts/modules.ts';
import { root } from '../scripts/run-tool.ts';

const page = readFileSync(join(root, 'docs/api.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| `'));
const documented = rows.flatMap((row) =>
  [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
);

test('docs/api.md names every export of the package once, and nothing else', () => {
  const exported = [...exportedNames(readModules(root, ['src']), 'src/index.ts').keys()];
  expect(exported.length).toBeGreaterThan(50);
  expect(documented.toSorted()).toEqual(exported.toSorted());
});

test('every row says what its exports are', () => {
  for (const row of rows) expect(row.split('|')[2]!.trim().length, row).toBeGreaterThan(10);
});
