import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * A random part of a list in which every stratum keeps its share, as nearly as whole numbers allow.
 *
 * Each stratum is shuffled, and its i-th of n items gets the place (i + ½)/n; the items with the lowest places are
 * taken. So a smaller part of the same seed is contained in a larger one, and one item is taken of every stratum before
 * a second of any equally large one.
 *
 * @param size    how many to take; all, when there are no more
 * @param stratum the name of an item's stratum
 * @param seed    a whole number
 * @returns the items taken, in the order of `items`
 */
export function stratifiedSubsample<T>(
  items: readonly T[],
  size: number,
  stratum: (item: T) => string,
  seed: number,
): T[] {
  if (size >= items.length) return [...items];
  const random = xoroshiro128plus(seed);
  const order = shuffled([...items.keys()], (bound) => uniformInt(random, 0, bound));
  const sizes = countBy(items, stratum);
  const seen = new Map<string, number>();
  const placed = order.map((index) => {
    const name = stratum(items[index]!);
    const rank = seen.get(name) ?? 0;
    seen.set(name, rank + 1);
    return { index, place: (rank + 0.5) / sizes.get(name)! };
  });
  // The sort is stable, so that strata of equal size take turns in shuffled order.
  const taken = placed.sort((a, b) => a.place - b.place).slice(0, size);
  return taken
    .map(({ index }) => index)
    .sort((a, b) => a - b)
    .map((index) => items[index]!);
}

/** @param below a random whole number from 0 to its argument, both included */
function shuffled<T>(items: T[], below: (bound: number) => number): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = below(last);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}

function countBy<T>(items: readonly T[], name: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(name(item), (counts.get(name(item)) ?? 0) + 1);
  return counts;
}
