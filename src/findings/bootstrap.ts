import { clusterBootstrapMeans } from '../stats/index.ts';
import type { StageEstimate } from './contrast-findings.ts';
import { type PresentValues, present } from './estimate.ts';
import type { StageValues } from './stage-values.ts';

/**
 * Percentile cluster bootstrap of many means at once. Measures and stages that have values for the same samples share
 * every resample: to draw it is most of the work.
 *
 * @param stages    of one eval, of any of its measures
 * @param clusters  of all samples of the eval, by number
 * @param resamples 0 for none
 */
export function bootstrapsOf(
  stages: readonly StageValues[],
  clusters: Int32Array,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
): ReadonlyMap<StageValues, NonNullable<StageEstimate['bootstrap']>> {
  const found = new Map<StageValues, NonNullable<StageEstimate['bootstrap']>>();
  if (resamples === 0) return found;
  for (const group of sameSamples(stages, clusters)) {
    const values = group.map((stage) => stage.seen.values);
    const bootstraps = clusterBootstrapMeans(values, group[0]!.seen.clusters, { resamples, seed });
    bootstraps.forEach(({ interval, resamples: drawn }, i) => {
      if (interval !== null) found.set(group[i]!.stage, { interval, resamples: drawn });
    });
  }
  return found;
}

interface SeenStage {
  readonly stage: StageValues;
  readonly seen: PresentValues;
}

/** Stages put together by the samples that have a value; those without any left out. */
function sameSamples(stages: readonly StageValues[], clusters: Int32Array): SeenStage[][] {
  const groups: SeenStage[][] = [];
  for (const stage of stages) {
    const seen = present(stage.means, clusters);
    if (seen.values.length === 0) continue;
    const group = groups.find(([first]) => haveSame(first!.stage.means, stage.means));
    if (group === undefined) groups.push([{ stage, seen }]);
    else group.push({ stage, seen });
  }
  return groups;
}

function haveSame(a: Float64Array, b: Float64Array): boolean {
  return a.every((mean, sample) => Number.isNaN(mean) === Number.isNaN(b[sample]));
}
