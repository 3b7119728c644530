import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leastCount } from './least-count.ts';

test('is the first count for which the condition holds', () => {
  const count = fc.integer({ min: 0, max: 200 });
  fc.assert(
    fc.property(count, count, count, (from, most, first) => {
      const expected = first > most ? null : Math.max(first, Math.min(from, most));
      expect(leastCount(from, most, (n) => n >= first)).toBe(expected);
    }),
  );
});
