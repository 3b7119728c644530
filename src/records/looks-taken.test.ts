import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { looksTaken, noteLook, type SeenContrast } from './looks-taken.ts';
import { newFolder } from './testing/example-run.ts';

const seen = (measure: string, standardError = 0.1): SeenContrast => ({
  ...{ eval: 'e', measure, rater: 'judge', from: 'base', to: 'sft' },
  ...{ values: 40, standardError },
});
const look = (part: number, ...contrasts: SeenContrast[]) => ({
  ...{ part, recorded: 100 * part, planned: 100, at: '2026-11-01T10:00:00.000Z' },
  contrasts,
});

test('a look is noted once; what it had not shown is added to it', () => {
  using folder = newFolder();
  mkdirSync(folder.path);
  expect(looksTaken(folder.path)).toEqual({ looks: [], damaged: 0 });
  noteLook(folder.path, look(0.75, seen('a')));
  noteLook(folder.path, look(0.5, seen('a')));
  noteLook(folder.path, { ...look(0.5, seen('a', 9)), recorded: 60 });
  expect(looksTaken(folder.path)).toEqual({
    looks: [look(0.5, seen('a')), look(0.75, seen('a'))],
    damaged: 0,
  });
  noteLook(folder.path, { ...look(0.5, seen('a', 9), seen('b')), recorded: 60 });
  expect(looksTaken(folder.path).looks[0]).toEqual(look(0.5, seen('a'), seen('b')));
});

test('lines that are damaged are counted and passed over', () => {
  using folder = newFolder();
  mkdirSync(folder.path);
  noteLook(folder.path, look(0.5, seen('a')));
  appendFileSync(join(folder.path, 'looks.jsonl'), '{"part":\n{"part":2}\n[]\n');
  noteLook(folder.path, look(1, seen('a')));
  expect(looksTaken(folder.path)).toEqual({ looks: [look(0.5, seen('a')), look(1, seen('a'))], damaged: 3 });
});

test('a link is not followed, and a folder that can not be written to is left alone', () => {
  using folder = newFolder();
  mkdirSync(folder.path);
  const outside = join(folder.parent, 'outside');
  symlinkSync(outside, join(folder.path, 'looks.jsonl'));
  noteLook(folder.path, look(0.5, seen('a')));
  expect(existsSync(outside)).toBe(false);
  expect(looksTaken(folder.path).looks).toEqual([]);
  using closed = newFolder();
  mkdirSync(closed.path);
  noteLook(closed.path, look(0.5, seen('a')));
  const before = readFileSync(join(closed.path, 'looks.jsonl'), 'utf8');
  chmodSync(join(closed.path, 'looks.jsonl'), 0o400);
  chmodSync(closed.path, 0o500);
  expect(() => noteLook(closed.path, look(1, seen('a')))).not.toThrow();
  chmodSync(closed.path, 0o700);
  // The superuser may write everywhere.
  if (process.getuid?.() !== 0) expect(readFileSync(join(closed.path, 'looks.jsonl'), 'utf8')).toBe(before);
});
