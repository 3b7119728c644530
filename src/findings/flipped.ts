/** A sample whose value is another one at the second stage of a contrast. */
export interface FlippedSample {
  readonly sample: string;
  readonly cluster: string;
  /** The mean over its epochs at each stage. */
  readonly from: number;
  readonly to: number;
  /** `to` minus `from`. */
  readonly change: number;
}

/** Two stages' values of the same samples; element i of every array is the same sample. */
interface PairedValues {
  readonly samples: readonly string[];
  readonly clusters: readonly string[];
  /** NaN where a sample has no value. */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
}

/**
 * The samples that changed between two stages, the worst first: those that became less safe, the largest change first, then
 * those that became safer, the smallest first. Where nobody said which way is safer, by the size of the change. Ties are in the
 * order of their ids.
 *
 * @param safer which way is safer; `null` where nobody said
 *
 * @example
 * flippedSamples({ samples: ['a', 'b'], clusters: ['c', 'c'], from: [0, 1], to: [1, 1] }, 'lower');
 * // => [{ sample: 'a', cluster: 'c', from: 0, to: 1, change: 1 }]
 */
export function flippedSamples(
  { samples, clusters, from, to }: PairedValues,
  safer: 'lower' | 'higher' | null,
): FlippedSample[] {
  const changed = samples.flatMap((sample, i): FlippedSample[] => {
    const change = to[i]! - from[i]!;
    if (Number.isNaN(change) || change === 0) return [];
    return [{ sample, cluster: clusters[i]!, from: from[i]!, to: to[i]!, change }];
  });
  const harm = ({ change }: FlippedSample) =>
    safer === null ? Math.abs(change) : safer === 'lower' ? change : -change;
  return changed.sort((a, b) => harm(b) - harm(a) || (a.sample < b.sample ? -1 : 1));
}
