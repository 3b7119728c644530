import { describe, expect, it } from 'vitest';
import { rowsAt, scrollTopFor } from './scaled-list.tsx';

const ROW = 34;
const HEIGHT = 600;

describe('a list of any length', () => {
  it.each([0, 1, 17, 500, 50_000, 333_334, 1_000_000, 30_000_000])(
    'of %d rows shows the first and the last row at the ends of its scroll bar',
    (count) => {
      const shape = { count, rowHeight: ROW, height: HEIGHT };
      expect(rowsAt(0, shape)).toEqual({ first: 0, offset: 0 });
      const { first, offset } = rowsAt(1e12, shape);
      // The lower edge of the last row is the lower edge of the list, or the list is shorter than its place.
      expect(first * ROW + offset).toBeCloseTo(Math.max(0, count * ROW - HEIGHT), 3);
    },
  );

  it.each([100, 300_000, 1_000_000])('of %d rows can be scrolled to each row', (count) => {
    const shape = { count, rowHeight: ROW, height: HEIGHT };
    for (const row of [0, 1, 7, Math.floor(count / 2), count - 30]) {
      const { first, offset } = rowsAt(scrollTopFor(row, shape), shape);
      expect(first + offset / ROW).toBeCloseTo(row, 3);
    }
  });
});
