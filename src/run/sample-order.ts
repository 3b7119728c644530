import { digestOfText } from '../core/index.ts';

/** Which sample, and which cluster it belongs to. */
export interface SampleRef {
  readonly id: string;
  readonly cluster: string;
}

/**
 * The order in which the samples of an eval are asked. Any beginning of it is a stratified sample of the whole: it
 * holds each cluster in about its proportion. So a run that stops early has seen all clusters.
 *
 * The samples of each cluster are shuffled, and then spaced evenly over the whole order: with n samples in a cluster, the
 * k-th of them is at (k + u) / n, where u in [0, 1) is drawn once for the cluster. Both draws are digests of the seed
 * and the name. So the order depends on neither the order of the source nor the platform. When samples are added, those
 * that were there keep their order within their cluster.
 *
 * @param name the id of the eval's entry in the study
 * @param seed the study's seed
 * @example
 * sampleOrder([{ id: 'a', cluster: 'x' }, { id: 'b', cluster: 'x' }, { id: 'c', cluster: 'y' }], { name: 'refusals', seed: 1 });
 * // => 'a' in one half and 'b' in the other, 'c' anywhere
 */
export function sampleOrder(
  samples: Iterable<SampleRef>,
  { name, seed }: { readonly name: string; readonly seed: number },
): SampleRef[] {
  const draw = (what: string, text: string) => fraction(digestOfText(`${seed}/${name}/${what}/${text}`));
  const clusters = Map.groupBy(samples, ({ cluster }) => cluster);
  const placed = [...clusters].flatMap(([cluster, members]) => {
    const shift = draw('cluster', cluster);
    return members
      .map((sample) => ({ sample, at: draw('sample', sample.id) }))
      .sort(byPlace)
      .map(({ sample }, k) => ({ sample, at: (k + shift) / members.length }));
  });
  return placed.sort(byPlace).map(({ sample }) => sample);
}

interface Placed {
  readonly sample: SampleRef;
  readonly at: number;
}

function byPlace(a: Placed, b: Placed): number {
  return a.at - b.at || (a.sample.id < b.sample.id ? -1 : 1);
}

/** @returns the first 48 bits of a digest as a number in [0, 1) */
function fraction(digest: string): number {
  return Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48;
}
