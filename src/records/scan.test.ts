import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withFile } from './byte-source.ts';
import { scanLines } from './scan.ts';
import { newFolder } from './testing/example-run.ts';

function scan(
  content: string | Buffer,
  from = 0,
): {
  lines: string[];
  offsets: number[];
  until: number;
  rest: string;
} {
  using folder = newFolder();
  const path = join(folder.parent, 'segment');
  writeFileSync(path, content);
  const lines: string[] = [];
  const offsets: number[] = [];
  let rest = '';
  const until = withFile(path, (source) =>
    scanLines(source, from, ({ bytes, latin1, offset }, start, end, whole) => {
      const text = bytes.toString('utf8', start, end);
      expect(Buffer.from(latin1.slice(start, end), 'latin1').toString()).toBe(text);
      if (!whole) rest = text;
      else {
        lines.push(text);
        offsets.push(offset + start);
      }
    }),
  );
  return { lines, offsets, until, rest };
}

test('law: the lines are the text between the line feeds; what follows the last is told apart', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.string({ unit: 'grapheme' }), (lines, rest) => {
      const clean = lines.map((line) => line.replaceAll('\n', ''));
      const whole = clean.map((line) => `${line}\n`).join('');
      const found = scan(whole + rest.replaceAll('\n', ''));
      expect(found.lines).toEqual(clean);
      expect(found.rest).toBe(rest.replaceAll('\n', ''));
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
  expect(scan('one\ntwo\nthree\n', 4)).toEqual({
    lines: ['two', 'three'],
    offsets: [4, 8],
    until: 14,
    rest: '',
  });
});
