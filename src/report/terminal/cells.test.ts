import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cells, clipped, left, lines, right } from './cells.ts';

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

it('breaks at spaces and indents the later lines', () => {
  expect(lines('one two three four', 10, '  ')).toEqual(['one two', '  three', '  four']);
  expect(lines('', 10)).toEqual([]);
  fc.assert(
    fc.property(fc.lorem({ maxCount: 20 }), fc.integer({ min: 20, max: 60 }), (text, room) => {
      const broken = lines(text, room, '  ');
      for (const line of broken) expect(cells(line)).toBeLessThanOrEqual(room);
      expect(broken.map((line) => line.trim()).join(' ')).toBe(text.trim().replace(/\s+/g, ' '));
    }),
  );
});
