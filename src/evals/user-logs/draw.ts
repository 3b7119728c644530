import { keptIn } from '../../core/kept-in.ts';

/**
 * The lowest of many priorities, in memory for twice as many as are wanted: a random sample without replacement, where
 * priorities are random, whatever the length of the stream.
 *
 * @see Efraimidis & Spirakis (2006) for equal weights; also known as bottom-k sampling
 */
class Lowest {
  readonly #most: number;
  #held: { readonly priority: number; readonly row: number }[] = [];
  #offered = 0;

  /** @param most how many can be asked for */
  constructor(most: number) {
    this.#most = most;
  }

  offer(priority: number, row: number): void {
    this.#offered++;
    this.#held.push({ priority, row });
    if (this.#held.length >= 2 * this.#most + 1024) this.#cut();
  }

  get offered(): number {
    return this.#offered;
  }

  /** Rows of the `count` lowest priorities. */
  take(count: number): number[] {
    this.#cut();
    return this.#held.slice(0, count).map(({ row }) => row);
  }

  #cut(): void {
    this.#held.sort((a, b) => a.priority - b.priority || a.row - b.row);
    this.#held.length = Math.min(this.#held.length, this.#most);
  }
}

/** A random draw from a stream of rows, from each stratum apart. */
export class Draw {
  readonly #limit: number;
  readonly #allocation: 'proportional' | 'equal';
  readonly #strata = new Map<string, Lowest>();

  constructor(limit: number, allocation: 'proportional' | 'equal') {
    this.#limit = limit;
    this.#allocation = allocation;
  }

  /** @param priority in [0, 1), random */
  offer(row: number, priority: number, stratum: string): void {
    keptIn(this.#strata, stratum, () => new Lowest(this.#limit)).offer(priority, row);
  }

  rows(): Set<number> {
    const strata = [...this.#strata].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lowest]) => lowest);
    const sizes = strata.map(({ offered }) => offered);
    const counts = (this.#allocation === 'equal' ? equalShares : proportionalShares)(sizes, this.#limit);
    return new Set(strata.flatMap((lowest, index) => lowest.take(counts[index]!)));
  }
}

/** Each its share of the whole, rounded so that the sum is right: the largest remainders are rounded up. */
export function proportionalShares(sizes: readonly number[], limit: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= limit) return [...sizes];
  const exact = sizes.map((size) => (size * limit) / total);
  const counts = exact.map(Math.floor);
  const order = exact.map((share, index) => ({ index, rest: share - Math.floor(share) }));
  order.sort((a, b) => b.rest - a.rest || a.index - b.index);
  const short = limit - counts.reduce((sum, count) => sum + count, 0);
  for (const { index } of order.slice(0, short)) counts[index]!++;
  return counts;
}

/** Each as many; what a small stratum can't give, the others give. */
export function equalShares(sizes: readonly number[], limit: number): number[] {
  const counts = sizes.map(() => 0);
  let left = Math.min(
    limit,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  for (let open = indices(sizes, counts); left > 0; open = indices(sizes, counts)) {
    const each = Math.max(1, Math.floor(left / open.length));
    for (const index of open) {
      const more = Math.min(each, sizes[index]! - counts[index]!, left);
      counts[index]! += more;
      left -= more;
    }
  }
  return counts;
}

/** The strata that have not given all. */
function indices(sizes: readonly number[], counts: readonly number[]): number[] {
  return sizes.flatMap((size, index) => (counts[index]! < size ? [index] : []));
}
