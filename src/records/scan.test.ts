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
  longest?: number,
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
  const until = withFile(path, (source) => {
    const visit: Parameters<typeof scanLines>[2] = ({ bytes, latin1, offset }, start, end, whole) => {
      const text = bytes.toString('utf8', start, end);
      expect(Buffer.from(latin1.slice(start, end), 'latin1').toString()).toBe(text);
      if (!whole) rest = text;
      else {
        lines.push(text);
        offsets.push(offset + start);
      }
    };
    return scanLines(source, from, visit, longest);
  });
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

test.each([299_999, 300_000, 300_001, 700_000, 2_000_000])(
  'of a line of %d bytes, where 300,000 make the longest text, all of it or its beginning is seen',
  (length) => {
    const long = 'x'.repeat(length);
    const isLong = length >= 300_000;
    const found = scan(`one\n${long}\ntwo\nthree\n`, 0, 300_000);
    const [first, seen, ...others] = found.lines;
    expect([first, ...others]).toEqual(['one', 'two', 'three']);
    expect(seen === long).toBe(!isLong);
    expect(long.startsWith(seen!)).toBe(true);
    expect(found.offsets).toEqual([0, 4, length + 5, length + 9]);
    expect(found.until).toBe(length + 15);
    const torn = scan(`one\n${long}`, 0, 300_000);
    expect(torn.lines).toEqual(['one']);
    expect(torn.until).toBe(4);
    expect(long.startsWith(torn.rest) && torn.rest !== '').toBe(true);
  },
);
