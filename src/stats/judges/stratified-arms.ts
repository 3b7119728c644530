import { sum } from '../numerics/sums.ts';
import { type ClusterLabels, readClusters } from '../rate/clusters.ts';

/**
 * Trials that a judge rated, in strata; of each stratum some were picked at random, every trial of a stratum with the same
 * probability, and labelled by a human. Element i of every array is the same trial.
 */
export interface StratifiedPpiData {
  readonly judge: ArrayLike<number>;
  /** NaN where nobody labelled it. */
  readonly human: ArrayLike<number>;
  /** Fixed before the labels were taken; usually by what judges said. */
  readonly strata: ClusterLabels;
  /** The sample that each is a trial of: samples count alike, however many trials they have. */
  readonly samples: ClusterLabels;
  /** One label a trial; trials of one sample share one. */
  readonly clusters: ClusterLabels;
}

/** One arm's trials, with what does not depend on how far the judge is trusted. Samples and clusters are numbered alike in all arms. */
export interface Arm {
  readonly judge: ArrayLike<number>;
  readonly human: ArrayLike<number>;
  readonly sample: Int32Array;
  readonly cluster: Int32Array;
  /** What a trial counts for: 1/(samples · its sample's trials). They add up to 1. */
  readonly weight: Float64Array;
  readonly stratum: Int32Array;
  readonly strata: readonly Stratum[];
  /** Trials of each sample. */
  readonly trials: Float64Array;
}

export interface Stratum {
  readonly name: string | number;
  readonly size: number;
  /** Places of the trials that have a label. */
  readonly labelled: readonly number[];
  /** Of all its trials, and of those that have a label. */
  readonly weight: number;
  readonly labelledWeight: number;
  /** Of the labelled. */
  readonly clusters: number;
}

export interface Arms {
  readonly arms: readonly Arm[];
  readonly samples: number;
  readonly clusters: number;
  /** The clusters' own labels, by number. */
  readonly clusterNames: readonly (string | number)[];
}

/**
 * Lays out several arms over the same samples.
 *
 * @throws RangeError when there is no trial, arrays differ in length, a value is not finite, or the arms are not of the
 *                    same samples
 */
export function layOut(data: readonly StratifiedPpiData[]): Arms {
  for (const arm of data) checkArm(arm);
  const samples = numbering(data.map((arm) => arm.samples));
  const clusters = numbering(data.map((arm) => arm.clusters));
  const arms = data.map((arm) => layOutArm(arm, samples, clusters));
  if (arms.some(({ trials }) => trials.some((count) => count === 0)))
    throw new RangeError('stratifiedPpi: the arms are not of the same samples');
  return { arms, samples: samples.count, clusters: clusters.count, clusterNames: clusters.names };
}

/** A stratum that was labelled whole leaves nothing to estimate; of another there must be labels that can be compared. */
export function isThin(stratum: Stratum): boolean {
  return !isWhole(stratum) && stratum.clusters < 2;
}

export function isWhole({ size, labelled }: Stratum): boolean {
  return labelled.length === size;
}

/** Labels of all arms as whole numbers that mean the same in each. */
interface Numbering {
  readonly count: number;
  readonly names: readonly (string | number)[];
  readonly of: (label: string | number) => number;
}

function numbering(labels: readonly ClusterLabels[]): Numbering {
  const numbers = new Map<string | number, number>();
  for (const some of labels)
    for (const label of some) if (!numbers.has(label)) numbers.set(label, numbers.size);
  return { count: numbers.size, names: [...numbers.keys()], of: (label) => numbers.get(label)! };
}

function layOutArm(data: StratifiedPpiData, samples: Numbering, clusters: Numbering): Arm {
  const { judge, human } = data;
  const sample = Int32Array.from(data.samples as ArrayLike<string | number>, (label) => samples.of(label));
  const cluster = Int32Array.from(data.clusters as ArrayLike<string | number>, (label) => clusters.of(label));
  const trials = new Float64Array(samples.count);
  for (const one of sample) trials[one]!++;
  const weight = Float64Array.from(sample, (one) => 1 / (samples.count * trials[one]!));
  const { codes, count } = readClusters(data.strata, judge.length);
  const strata = Array.from({ length: count }, (_, h): Stratum => {
    const all = Array.from(codes.keys()).filter((t) => codes[t] === h);
    const labelled = all.filter((t) => !Number.isNaN(human[t]!));
    return {
      name: data.strata[all[0]!]!,
      size: all.length,
      labelled,
      weight: sum(all.map((t) => weight[t]!)),
      labelledWeight: sum(labelled.map((t) => weight[t]!)),
      clusters: new Set(labelled.map((t) => cluster[t]!)).size,
    };
  });
  return { judge, human, sample, cluster, weight, stratum: codes, strata, trials };
}

function checkArm({ judge, human, strata, samples, clusters }: StratifiedPpiData): void {
  const n = judge.length;
  if (n === 0) throw new RangeError('stratifiedPpi: there are no trials');
  if ([human, strata, samples, clusters].some(({ length }) => length !== n))
    throw new RangeError('stratifiedPpi: arrays that belong together differ in length');
  for (let t = 0; t < n; t++) {
    if (!Number.isFinite(judge[t]))
      throw new RangeError(`stratifiedPpi: the judge's value ${t} is ${judge[t]}`);
    if (!Number.isNaN(human[t]) && !Number.isFinite(human[t]))
      throw new RangeError(`stratifiedPpi: the human's value ${t} is ${human[t]}`);
  }
}
