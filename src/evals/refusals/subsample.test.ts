import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stratifiedSubsample } from './subsample.ts';

const items = Array.from({ length: 60 }, (_, index) => `${'abcdef'[index % 6]}${index}`);
const stratum = (item: string) => item[0]!;
const take = (size: number, seed = 1) => stratifiedSubsample(items, size, stratum, seed);

describe('stratifiedSubsample', () => {
  it('takes equally many of equally large strata', () => {
    const counts = Map.groupBy(take(18), stratum);
    expect([...counts.values()].map((members) => members.length)).toEqual([3, 3, 3, 3, 3, 3]);
  });

  it('takes of a large stratum in proportion', () => {
    const lopsided = [...Array(90).keys()].map((index) => (index < 60 ? `big${index}` : `small${index}`));
    const taken = stratifiedSubsample(lopsided, 30, (item) => item.slice(0, 3), 7);
    expect(taken.filter((item) => item.startsWith('big'))).toHaveLength(20);
  });

  it('is the same for a seed and another for another', () => {
    expect(take(20)).toEqual(take(20));
    expect(take(20, 2)).not.toEqual(take(20));
  });

  it('takes the very items that it took', () => {
    // Frozen: a change of the generator or the shuffle would give every study with a limit other samples.
    expect(take(6)).toEqual(['c8', 'e10', 'f17', 'd21', 'a54', 'b55']);
  });

  it('is contained in every larger one, keeps the order, and takes none twice', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.integer(), (a, b, seed) => {
        const [small, large] = [take(Math.min(a, b), seed), take(Math.max(a, b), seed)];
        expect(small).toHaveLength(Math.min(a, b));
        expect(large.filter((item) => small.includes(item))).toEqual(small);
        expect(items.filter((item) => large.includes(item))).toEqual(large);
      }),
    );
  });

  it('takes all when there are no more, and none of none', () => {
    expect(take(60)).toEqual(items);
    expect(take(1000)).toEqual(items);
    expect(stratifiedSubsample([], 5, String, 1)).toEqual([]);
  });
});
