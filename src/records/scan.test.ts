import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineNumberAt, scanLines } from './scan.ts';
import { newFolder } from './testing/example-run.ts';

function scan(content: string | Buffer, from = 0): { lines: string[]; offsets: number[]; until: number } {
  using folder = newFolder();
  const path = join(folder.parent, 'segment');
  writeFileSync(path, content);
  const descriptor = openSync(path, 'r');
  const lines: string[] = [];
  const offsets: number[] = [];
  const until = scanLines(descriptor, from, (bytes, start, end, offset) => {
    lines.push(Buffer.from(bytes.slice(start, end), 'latin1').toString());
    offsets.push(offset);
  });
  closeSync(descriptor);
  return { lines, offsets, until };
}

test('law: the lines are the text between the line feeds; what follows the last is left', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.string({ unit: 'grapheme' }), (lines, rest) => {
      const clean = lines.map((line) => line.replaceAll('\n', ''));
      const whole = clean.map((line) => `${line}\n`).join('');
      const found = scan(whole + rest.replaceAll('\n', ''));
      expect(found.lines).toEqual(clean);
      expect(found.until).toBe(Buffer.byteLength(whole));
      expect(found.offsets).toEqual(
        clean.map((_, index) =>
          Buffer.byteLength(
            clean
              .slice(0, index)
              .map((line) => `${line}\n`)
              .join(''),
          ),
        ),
      );
    }),
    { numRuns: 50 },
  );
});

test('lines longer than what is read at once', () => {
  const long = 'é'.repeat(3_000_000);
  const { lines, until } = scan(`a\n${long}\nb\ntorn`);
  expect(lines.map((line) => line.length)).toEqual([1, 3_000_000, 1]);
  expect(until).toBe(2 + 6_000_001 + 2);
});

test('goes on from an offset', () => {
  expect(scan('one\ntwo\nthree\n', 4)).toEqual({ lines: ['two', 'three'], offsets: [4, 8], until: 14 });
});

test('the number of a line is that of its offset', () => {
  using folder = newFolder();
  const path = join(folder.parent, 'segment');
  writeFileSync(path, 'one\ntwo\n\nfour\n');
  const descriptor = openSync(path, 'r');
  expect([0, 4, 8, 9].map((offset) => lineNumberAt(descriptor, offset))).toEqual([1, 2, 3, 4]);
  closeSync(descriptor);
});
