import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cells, clipped, left, right, wrapped } from './cells.ts';

it('counts two cells for a wide character and none for a combining one', () => {
  expect(cells('abc')).toBe(3);
  expect(cells('模型')).toBe(4);
  expect(cells('e\u0301')).toBe(1);
});

it('fills or clips to exactly the room there is', () => {
  expect(left('ab', 4)).toBe('ab  ');
  expect(right('ab', 4)).toBe('  ab');
  expect(clipped('production', 6)).toBe('produ…');
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, room) => {
      expect(cells(clipped(text, room))).toBeLessThanOrEqual(room);
    }),
  );
});

it('breaks at spaces, indents the later lines, and breaks words only where it is told to', () => {
  expect(wrapped('one two three four', { width: 10, hanging: 2 })).toEqual(['one two', '  three', '  four']);
  expect(wrapped('', { width: 10 })).toEqual(['']);
  expect(wrapped('a verylongword', { width: 6 })).toEqual(['a', 'verylongword']);
  expect(wrapped('a verylongword', { width: 6, breakWords: true })).toEqual(['a', 'verylo', 'ngword']);
  fc.assert(
    fc.property(fc.lorem({ maxCount: 20 }), fc.integer({ min: 20, max: 60 }), (text, width) => {
      const broken = wrapped(text, { width, hanging: 2, breakWords: true });
      for (const line of broken) expect(cells(line)).toBeLessThanOrEqual(width);
      expect(broken.map((line) => line.trim()).join(' ')).toBe(text.trim().replace(/\s+/g, ' '));
    }),
  );
});

it('breaks what has wide and combining characters by its cells', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', ' ', '模', 'e\u0301', 'ö'), maxLength: 60 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 4, max: 20 }), (text, width) => {
      const broken = wrapped(text, { width, breakWords: true });
      for (const line of broken) expect(cells(line)).toBeLessThanOrEqual(width);
      expect(broken.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }),
  );
});

it('does not count styles', () => {
  expect(cells('\u001b[31mab\u001b[39m')).toBe(2);
  expect(clipped('\u001b[31mabcd\u001b[39m', 3)).toBe('ab…');
});
