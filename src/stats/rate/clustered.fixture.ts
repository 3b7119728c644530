import fc from 'fast-check';

export interface ClusteredData {
  readonly values: readonly number[];
  readonly clusters: readonly number[];
}

/** Values in [low, high], multiples of a quarter of the range, in 2 to 12 clusters of 1 to 8. */
export function clusteredData(low = 0, high = 1): fc.Arbitrary<ClusteredData> {
  const value = fc.integer({ min: 0, max: 4 }).map((step) => low + (step / 4) * (high - low));
  return fc
    .array(fc.array(value, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 12 })
    .map((groups) => ({
      values: groups.flat(),
      clusters: groups.flatMap((group, g) => group.map(() => g)),
    }));
}

/** The same data with its rows in another order and its clusters under other names. */
export function shuffled({ values, clusters }: ClusteredData): { values: number[]; clusters: string[] } {
  const order = values.map((_, i) => i).sort((i, j) => ((i * 7919) % 101) - ((j * 7919) % 101));
  return { values: order.map((i) => values[i]!), clusters: order.map((i) => `theme ${97 - clusters[i]!}`) };
}
