import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstFindings, noteFindings } from './findings-made.ts';
import { newFolder } from './testing/example-run.ts';

test('the first findings are noted, and stay the first', () => {
  using folder = newFolder();
  mkdirSync(folder.path);
  expect(firstFindings(folder.path)).toBeNull();
  noteFindings(folder.path, new Date('2026-11-01T10:00:00Z'));
  noteFindings(folder.path, new Date('2026-11-02T10:00:00Z'));
  expect(firstFindings(folder.path)).toBe('2026-11-01T10:00:00.000Z');
});

test('a link is not followed, and a file that says nothing is not a date', () => {
  using folder = newFolder();
  mkdirSync(folder.path);
  const file = join(folder.path, 'findings-made.json');
  const outside = join(folder.parent, 'outside');
  symlinkSync(outside, file);
  noteFindings(folder.path);
  expect(existsSync(outside)).toBe(false);
  writeFileSync(outside, '{"first":"2026-11-01T10:00:00Z"}');
  expect(firstFindings(folder.path)).toBeNull();
  expect(readFileSync(outside, 'utf8')).toContain('2026-11-01');
  for (const text of ['', '[]', '{"first":7}', '{"first":"soon"}']) {
    using other = newFolder();
    mkdirSync(other.path);
    writeFileSync(join(other.path, 'findings-made.json'), text);
    expect(firstFindings(other.path)).toBeNull();
  }
});

test('a folder that can not be written to is left alone', () => {
  using folder = newFolder();
  mkdirSync(folder.path);
  chmodSync(folder.path, 0o500);
  expect(() => noteFindings(folder.path)).not.toThrow();
  chmodSync(folder.path, 0o700);
});
