import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { InputError } from '../core/errors.ts';
import { unwritable } from './unwritable.ts';

const folder = mkdtempSync(join(tmpdir(), 'stemma-unwritable-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'file');
writeFileSync(file, '');

it.each<[string, () => void, RegExp]>([
  ['a folder that is missing', () => writeFileSync(join(folder, 'no', 'table'), ''), /no such folder/],
  ['a file where a folder is wanted', () => mkdirSync(join(file, 'a'), { recursive: true }), /is a file/],
  ['a folder where a file is wanted', () => writeFileSync(folder, ''), /this is a folder/],
  ['what is there already', () => mkdirSync(file), /something else of this name/],
  ['a code without words of its own', () => writeFileSync(join(folder, 'x'.repeat(300)), ''), /ENAMETOOLONG/],
])('says of %s where it is and what to do', (_, write, words) => {
  let error: unknown;
  try {
    write();
  } catch (thrown) {
    error = unwritable('the table', '/some/where', thrown);
  }
  expect(error).toBeInstanceOf(InputError);
  expect(String(error)).toMatch(/^\/some\/where: the table can't be written: /);
  expect(String(error)).toMatch(words);
  expect(String(error)).toMatch(/\n {2}\S.* place\.$/);
});

it.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'])('has words for %s', (code) => {
  const error = Object.assign(new Error(`${code}: as Node says it`), { code, syscall: 'open' });
  expect(String(unwritable('the table', '/some/where', error))).not.toContain(code);
});

it('says of folders that were to be made on the way that they can’t be', () => {
  const error = Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'mkdir' });
  expect(String(unwritable('the table', '/some/where', error))).toContain("can't be made there");
});

it('leaves alone what is not an error of the file system', () => {
  const error = new TypeError('a mistake of ours');
  expect(unwritable('the table', '/some/where', error)).toBe(error);
});
