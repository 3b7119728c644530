import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ratingsTable, transcriptsTable } from './export-tables.ts';

const page = readFileSync(new URL('../../docs/records.md', import.meta.url), 'utf8');

test.each([
  ['ratings', ratingsTable],
  ['transcripts', transcriptsTable],
])('docs/records.md names the columns of %s, in order', (name, { columns }) => {
  const paragraph = new RegExp(`^\\*\\*\`${name}\`\\*\\*:([\\s\\S]*?)\\n\\n`, 'm').exec(page)![1]!;
  expect([...paragraph.matchAll(/`(\w+)`/g)].map(([, column]) => column)).toEqual(
    columns.map(({ name }) => name),
  );
});
