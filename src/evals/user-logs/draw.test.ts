import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOfText } from '../../core/index.ts';
import { DigestSet } from './digest-set.ts';
import { Draw, equalShares, proportionalShares } from './draw.ts';

const sizesAndLimit = fc.tuple(
  fc.array(fc.nat(200), { minLength: 1, maxLength: 12 }),
  fc.integer({ min: 1, max: 500 }),
);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe('shares of strata', () => {
  it.each([
    ['proportional', proportionalShares],
    ['equal', equalShares],
  ])('that are %s sum to the limit or to all there is, and are no larger than their stratum', (_, shares) => {
    fc.assert(
      fc.property(sizesAndLimit, ([sizes, limit]) => {
        const counts = shares(sizes, limit);
        expect(sum(counts)).toBe(Math.min(limit, sum(sizes)));
        expect(counts.every((count, index) => count <= sizes[index]!)).toBe(true);
      }),
    );
  });

  it('proportional ones are off by less than one', () => {
    fc.assert(
      fc.property(sizesAndLimit, ([sizes, limit]) => {
        fc.pre(sum(sizes) > limit);
        proportionalShares(sizes, limit).forEach((count, index) => {
          expect(Math.abs(count - (sizes[index]! * limit) / sum(sizes))).toBeLessThan(1);
        });
      }),
    );
  });
});

describe('a draw', () => {
  it('takes the lowest priorities of a long stream, as sorting all of it would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 3000 }),
        fc.integer({ min: 1, max: 40 }),
        (priorities, limit) => {
          const draw = new Draw(limit, 'proportional');
          priorities.forEach((priority, row) => {
            draw.offer(row, priority, '');
          });
          const sorted = priorities
            .map((priority, row) => ({ priority, row }))
            .sort((a, b) => a.priority - b.priority || a.row - b.row);
          expect([...draw.rows()].sort((a, b) => a - b)).toEqual(
            sorted
              .slice(0, limit)
              .map(({ row }) => row)
              .sort((a, b) => a - b),
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a set of digests', () => {
  it('knows what was added, and nothing else', () => {
    const set = new DigestSet();
    const digests = Array.from({ length: 5000 }, (_, i) => digestOfText(`text ${i}`));
    expect(digests.every((digest) => set.add(digest))).toBe(true);
    expect(digests.some((digest) => set.add(digest))).toBe(false);
    expect(set.size).toBe(5000);
    expect(set.add(digestOfText('another'))).toBe(true);
  });
});
