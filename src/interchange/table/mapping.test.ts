import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TABLE_FIELDS } from './mapping.ts';

test('docs/import.md describes every field', () => {
  const page = readFileSync(new URL('../../../docs/import.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| `/.test(line) && line.split('|').length === 5);
  const fields = rows.flatMap((row) =>
    [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, field]) => field),
  );
  expect(fields.filter((field) => TABLE_FIELDS.some((known) => known === field)).sort()).toEqual(
    [...TABLE_FIELDS].sort(),
  );
});
