import type { Interval } from '../numerics/interval.ts';
import { randomSource } from '../numerics/random.ts';
import { requireLevel } from '../numerics/requirements.ts';
import { type ClusterLabels, clusterSums, readClusters, requireFinite } from './clusters.ts';

export interface BootstrapOptions {
  /** How many resamples to draw; all possible ones are taken instead where they are no more than this. */
  readonly resamples: number;
  readonly seed: number;
  /** Two-sided level; 0.95 if left out. */
  readonly level?: number;
}

export interface Bootstrap {
  /**
   * Ends are values that resamples had (R's quantile type 1). `null` with one cluster, and where no resample had a
   * value. A bootstrap sees only what the data hold: 0 of n gives [0, 0].
   */
  readonly interval: Interval | null;
  /** Resamples looked at; where exhaustive, the different ones. */
  readonly resamples: number;
  /** Every possible resample was looked at, weighted by its probability: there is no Monte-Carlo error. */
  readonly exhaustive: boolean;
  /** Resamples on which the statistic had no value (NaN) and which were left out. */
  readonly without: number;
}

/**
 * Percentile cluster bootstrap of a mean: whole clusters are drawn with replacement, as many as there are.
 *
 * @param values   one a sample
 * @param clusters one label a sample
 * @throws RangeError for no values, a value that is not finite, not one label a value, or bad options
 * @see Davison & Hinkley (1997), ch. 3.8
 *
 * @example
 * clusterBootstrap([1, 0, 1, 1], [0, 0, 1, 1], { resamples: 1000, seed: 1 });
 * // => { interval: [0.5, 1], resamples: 3, exhaustive: true }
 */
export function clusterBootstrap(
  values: ArrayLike<number>,
  clusters: ClusterLabels,
  options: BootstrapOptions,
): Bootstrap {
  requireFinite(values);
  const read = readClusters(clusters, values.length);
  const sums = clusterSums(values, read);
  return clusterBootstrapOf(read.count, weightedMean(sums, read.sizes), options);
}

/**
 * Cluster bootstrap of several means over the same samples: each as `clusterBootstrap` gives it, but every resample is
 * drawn once for all of them, which is most of the work where clusters are many.
 *
 * @param variables one array a variable, one value a sample
 * @throws RangeError as `clusterBootstrap` does
 *
 * @example
 * clusterBootstrapMeans(
 *   [
 *     [1, 0, 1, 1],
 *     [0, 0, 1, 1],
 *   ],
 *   [0, 0, 1, 1],
 *   { resamples: 1000, seed: 1 },
 * ).map(({ interval }) => interval); // => [[0.5, 1], [0, 1]]
 */
export function clusterBootstrapMeans(
  variables: readonly ArrayLike<number>[],
  clusters: ClusterLabels,
  options: BootstrapOptions,
): Bootstrap[] {
  const n = variables[0]?.length ?? 0;
  const read = n === 0 ? null : readClusters(clusters, n);
  const alone = () => variables.map((values) => clusterBootstrap(values, clusters, options));
  if (read === null || isExhaustive(read.count, options)) return alone();
  if (variables.some((values) => values.length !== n)) {
    throw new RangeError('clusterBootstrapMeans: the variables differ in length');
  }
  variables.forEach(requireFinite);
  const level = checkedLevel(options);
  return drawnMeans(
    variables.map((values) => clusterSums(values, read)),
    read.sizes,
    options,
  ).map((values) => bootstrapOf({ values, weights: null }, level));
}

/**
 * Cluster bootstrap of any statistic.
 *
 * @param count     clusters in the data
 * @param statistic of a resample, given how often each cluster was drawn (all ones: the data themselves); NaN where
 *                  it has no value. The array is used again for the next resample
 * @throws RangeError for a count below 1, or bad options
 *
 * @example
 * clusterBootstrapOf(3, (draws) => draws[0] / 3, { resamples: 1000, seed: 1 });
 * // => { interval: [0, 1], exhaustive: true }
 */
export function clusterBootstrapOf(
  count: number,
  statistic: (draws: Int32Array) => number,
  options: BootstrapOptions,
): Bootstrap {
  const level = checkedLevel(options);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`clusterBootstrap: ${count} clusters`);
  const all = isExhaustive(count, options)
    ? everyResample(count, statistic)
    : drawnResamples(count, statistic, options);
  if (count === 1) {
    return { resamples: all.values.length, exhaustive: all.weights !== null, without: 0, interval: null };
  }
  return bootstrapOf(all, level);
}

function checkedLevel({ level = 0.95, resamples }: BootstrapOptions): number {
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new RangeError(`clusterBootstrap: ${resamples} is not a number of resamples`);
  }
  return requireLevel('clusterBootstrap', level);
}

function isExhaustive(count: number, { resamples }: BootstrapOptions): boolean {
  return multisets(count, resamples) <= resamples;
}

/** The interval between two percentiles of the resamples that have a value. */
function bootstrapOf(all: Distribution, level: number): Bootstrap {
  const distribution = sortedWithoutNaN(all);
  const without = all.values.length - distribution.values.length;
  const seen = { resamples: all.values.length, exhaustive: all.weights !== null, without };
  if (distribution.values.length === 0) return { ...seen, interval: null };
  return {
    ...seen,
    interval: [quantile(distribution, (1 - level) / 2), quantile(distribution, (1 + level) / 2)],
  };
}

/** Values of the statistic and how likely each is: equally, where `weights` is null. */
interface Distribution {
  readonly values: Float64Array;
  readonly weights: Float64Array | null;
}

/** Σ draws·sums / Σ draws·sizes, the rounding errors of the first carried along (Kahan). */
function weightedMean(sums: Float64Array, sizes: Float64Array): (draws: Int32Array) => number {
  return (draws) => {
    let total = 0;
    let lost = 0;
    let n = 0;
    for (let g = 0; g < draws.length; g++) {
      const times = draws[g]!;
      if (times === 0) continue;
      const corrected = times * sums[g]! - lost;
      const next = total + corrected;
      lost = next - total - corrected;
      total = next;
      n += times * sizes[g]!;
    }
    return total / n;
  };
}

function drawnResamples(
  count: number,
  statistic: (draws: Int32Array) => number,
  { resamples, seed }: BootstrapOptions,
): Distribution {
  const random = randomSource(seed);
  const draws = new Int32Array(count);
  const values = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    draws.fill(0);
    for (let i = 0; i < count; i++) draws[random.below(count)]!++;
    values[r] = statistic(draws);
  }
  return { values, weights: null };
}

/** The means of drawn resamples, by variable. The variables' sums are side by side, so that a cluster is met once. */
function drawnMeans(
  sums: readonly Float64Array[],
  sizes: Float64Array,
  { resamples, seed }: BootstrapOptions,
): Float64Array[] {
  const width = sums.length;
  const beside = new Float64Array(sizes.length * width);
  sums.forEach((ofVariable, v) => {
    for (let g = 0; g < sizes.length; g++) beside[g * width + v] = ofVariable[g]!;
  });
  // Sums of whole numbers have no rounding errors to carry along.
  const addUp = beside.every(Number.isInteger) ? plainTotals : kahanTotals;
  const random = randomSource(seed);
  const draws = new Int32Array(sizes.length);
  const totals = new Float64Array(width);
  const means = sums.map(() => new Float64Array(resamples));
  for (let r = 0; r < resamples; r++) {
    draws.fill(0);
    for (let i = 0; i < draws.length; i++) draws[random.below(draws.length)]!++;
    totals.fill(0);
    addUp(totals, draws, beside);
    let n = 0;
    for (let g = 0; g < draws.length; g++) n += draws[g]! * sizes[g]!;
    means.forEach((ofVariable, v) => {
      ofVariable[r] = totals[v]! / n;
    });
  }
  return means;
}

function plainTotals(totals: Float64Array, draws: Int32Array, beside: Float64Array): void {
  const width = totals.length;
  for (let g = 0; g < draws.length; g++) {
    const times = draws[g]!;
    if (times === 0) continue;
    const first = g * width;
    for (let v = 0; v < width; v++) totals[v]! += times * beside[first + v]!;
  }
}

function kahanTotals(totals: Float64Array, draws: Int32Array, beside: Float64Array): void {
  const width = totals.length;
  const lost = new Float64Array(width);
  for (let g = 0; g < draws.length; g++) {
    const times = draws[g]!;
    if (times === 0) continue;
    const first = g * width;
    for (let v = 0; v < width; v++) {
      const corrected = times * beside[first + v]! - lost[v]!;
      const next = totals[v]! + corrected;
      lost[v] = next - totals[v]! - corrected;
      totals[v] = next;
    }
  }
}

/** (2G − 1 choose G): the different resamples of G clusters. Stops counting beyond `limit`. */
function multisets(count: number, limit: number): number {
  let product = 1;
  for (let i = 1; i <= count && product <= limit; i++) product = (product * (count - 1 + i)) / i;
  return product;
}

/** Each different resample once, weighted by the number of orders in which it can be drawn. */
function everyResample(count: number, statistic: (draws: Int32Array) => number): Distribution {
  const values: number[] = [];
  const weights: number[] = [];
  const draws = new Int32Array(count);
  const fill = (cluster: number, left: number, orders: number) => {
    if (cluster === count - 1) {
      draws[cluster] = left;
      values.push(statistic(draws));
      weights.push(orders);
      return;
    }
    let chosen = orders;
    for (let times = 0; times <= left; times++) {
      draws[cluster] = times;
      fill(cluster + 1, left - times, chosen);
      chosen = (chosen * (left - times)) / (times + 1);
    }
  };
  fill(0, count, 1);
  return { values: Float64Array.from(values), weights: Float64Array.from(weights) };
}

function sortedWithoutNaN({ values, weights }: Distribution): Distribution {
  if (weights === null) return { values: values.filter((value) => !Number.isNaN(value)).sort(), weights };
  const order = Array.from(values.keys())
    .filter((i) => !Number.isNaN(values[i]))
    .sort((i, j) => values[i]! - values[j]!);
  return {
    values: Float64Array.from(order, (i) => values[i]!),
    weights: Float64Array.from(order, (i) => weights[i]!),
  };
}

/** The smallest value that at least a share p of the distribution does not exceed. */
function quantile({ values, weights }: Distribution, p: number): number {
  const last = values.length - 1;
  // A share that is a whole number of values but for rounding is that number.
  if (weights === null) return values[Math.min(last, Math.max(0, Math.ceil(p * values.length - 1e-9) - 1))]!;
  const wanted = p * weights.reduce((total, weight) => total + weight, 0) * (1 - 1e-12);
  let reached = 0;
  for (let i = 0; i < last; i++) {
    reached += weights[i]!;
    if (reached >= wanted) return values[i]!;
  }
  return values[last]!;
}
