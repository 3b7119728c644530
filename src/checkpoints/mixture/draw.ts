import { digestOfText } from '../../core/index.ts';
import { randomSource } from '../../stats/index.ts';

/** How many examples are drawn from a source that has so many rows. */
interface Draws {
  readonly name: string;
  readonly rows: number;
  readonly count: number;
}

/** One example in the order of a training: a row of a source, in its so-manieth pass. Rows and passes count from 0. */
export interface DrawnRow {
  readonly source: string;
  readonly row: number;
  readonly pass: number;
}

/**
 * Whole numbers in the proportion of the weights that add up to `total`: the largest remainders are rounded up.
 *
 * @example exactCounts({ helpful: 3, safety: 2 }, 384) // => { helpful: 230, safety: 154 }
 */
export function exactCounts(
  weights: Readonly<Record<string, number>>,
  total: number,
): Record<string, number> {
  const sum = Object.values(weights).reduce((a, b) => a + b, 0);
  const parts = Object.entries(weights).map(([name, weight]) => {
    const exact = sum === 0 ? 0 : (total * weight) / sum;
    return { name, count: Math.floor(exact), left: exact - Math.floor(exact) };
  });
  const missing = sum === 0 ? 0 : total - parts.reduce((all, { count }) => all + count, 0);
  const first = new Set(parts.toSorted((a, b) => b.left - a.left).slice(0, missing));
  return Object.fromEntries(parts.map((part) => [part.name, part.count + (first.has(part) ? 1 : 0)]));
}

/**
 * The order in which examples are learnt from. Every source is gone through in passes, each in an order of its own, and the
 * sources are shuffled together. A source's own order does not depend on the other sources, so that two arms of an
 * intervention see the rows of a source that they share in the same order.
 */
export function drawOrder(sources: readonly Draws[], seed: number): DrawnRow[] {
  const queues = new Map(sources.map((source) => [source.name, rowsInPasses(source, seed)]));
  const labels = sources.flatMap(({ name, count }) => new Array<string>(count).fill(name));
  shuffle(labels, seedOf(`${seed}/order`));
  return labels.map((name) => queues.get(name)!.next().value as DrawnRow);
}

function* rowsInPasses({ name, rows, count }: Draws, seed: number): Generator<DrawnRow> {
  for (let pass = 0, left = count; left > 0; pass++, left -= rows) {
    const order = Array.from({ length: rows }, (_, row) => row);
    shuffle(order, seedOf(`${seed}/${name}/${pass}`));
    for (const row of order.slice(0, left)) yield { source: name, row, pass };
  }
}

/** A safe integer from a text. */
function seedOf(text: string): number {
  return Number.parseInt(digestOfText(text).slice(0, 12), 16);
}

/** Fisher and Yates, in place. */
function shuffle<T>(items: T[], seed: number): void {
  const random = randomSource(seed);
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random.fraction() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
