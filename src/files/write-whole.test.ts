import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from './write-whole.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stemma-whole-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the file has the new content, and nothing else is left, also where many write it at once', async () => {
  const file = join(folder, 'a.json');
  const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(100_000));
  await Promise.all(texts.map((text) => writeWhole(file, text)));
  expect(texts).toContain(readFileSync(file, 'utf8'));
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('a file that cannot be replaced stays as it was, without a draft beside it', async () => {
  const file = join(folder, 'taken');
  mkdirSync(join(file, 'inside'), { recursive: true });
  await expect(writeWhole(file, 'new')).rejects.toThrow();
  await expect(writeWhole(file, 'new', `${file}.part`)).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['taken']);
});

test('a draft with a name of its own is written over, where a killed process left it', async () => {
  const file = join(folder, 'state');
  writeFileSync(`${file}.part`, 'half of what was much longer than the new content');
  await writeWhole(file, 'new', `${file}.part`);
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['state']);
});
