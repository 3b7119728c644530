import { stripVTControlCharacters, styleText } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapped } from './cells.ts';
import { columns } from './text-table.ts';

describe('columns', () => {
  it('aligns cells, to the right where asked', () => {
    expect(
      columns(
        [
          ['a', '1', 'x'],
          ['long', '200', 'y'],
        ],
        { gap: 2, indent: 1, width: 80, right: [1] },
      ),
    ).toEqual([' a       1  x', ' long  200  y']);
  });

  it('wraps the last cell under itself', () => {
    expect(columns([['key', 'one two three four five six']], { gap: 1, indent: 0, width: 24 })).toEqual([
      'key one two three four',
      '    five six',
    ]);
  });

  it('does not count colours', () => {
    const red = styleText('red', 'ab', { validateStream: false });
    const lines = columns(
      [
        [red, 'x'],
        ['abc', 'y'],
      ],
      { gap: 1, indent: 0, width: 80 },
    );
    expect(lines.map(stripVTControlCharacters)).toEqual(['ab  x', 'abc y']);
  });
});

describe('wrapped', () => {
  it('loses no word, and keeps to the width where words allow', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,8}$/)),
        fc.integer({ min: 12, max: 40 }),
        (words, width) => {
          const lines = wrapped(words.join(' '), { indent: 2, width });
          expect(lines.join(' ').split(/ +/).filter(Boolean)).toEqual(words);
          expect(lines.every((line) => line.length <= width)).toBe(true);
        },
      ),
    );
  });
});
