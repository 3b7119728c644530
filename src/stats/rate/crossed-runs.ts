import { type Clusters, clusterSums } from './clusters.ts';

/** What several training runs of one recipe add to the variance of a mean over samples that all of them were asked. */
export interface RunVariance {
  /** The mean of each run. */
  readonly means: readonly number[];
  /** Of the runs' means. */
  readonly standardDeviation: number;
  /** Variance of the mean over runs and samples that comes from the runs: s²/R. */
  readonly runs: number;
  /** The part of it that is the runs' disagreement within clusters, and that the clusters' variance holds already. */
  readonly interaction: number;
  /** R − 1. */
  readonly df: number;
}

/**
 * The runs' part of the variance of a mean over runs crossed with samples: V = V_runs + V_clusters − V_interaction. Every
 * run answers the same samples, so runs and clusters are two ways in which the mean could have come out otherwise.
 *
 * @param byRun    one array a run, at least two; element i of each is the same sample
 * @param clusters of the samples
 * @throws RangeError for fewer than two runs, or runs of different lengths
 * @see Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, 238–249; Searle, Casella &
 *   McCulloch (1992), Variance Components, chapter 4
 *
 * @example
 * runVariance([[0, 1, 0, 1], [1, 1, 0, 1], [1, 1, 1, 1]], readClusters([0, 1, 2, 3], 4)).means; // => [0.5, 0.75, 1]
 */
export function runVariance(byRun: readonly ArrayLike<number>[], clusters: Clusters): RunVariance {
  const { means, covariances, interactions, df } = runCovariance([byRun], clusters);
  const runs = covariances[0]![0]!;
  return {
    means: means[0]!,
    standardDeviation: Math.sqrt(runs * byRun.length),
    runs,
    interaction: interactions[0]![0]!,
    df,
  };
}

/** The same of several means at once, with how they vary together. */
interface RunCovariance {
  /** By variable, then by run. */
  readonly means: readonly (readonly number[])[];
  readonly covariances: readonly (readonly number[])[];
  readonly interactions: readonly (readonly number[])[];
  readonly df: number;
}

/**
 * {@link runVariance} of several variables.
 *
 * @param variables by variable, then by run, then by sample
 * @throws RangeError as {@link runVariance}
 *
 * @example
 * runCovariance([[[0, 1], [1, 1]], [[1, 0], [0, 0]]], readClusters([0, 1], 2)).covariances; // => [[0.0625, -0.0625], [-0.0625, 0.0625]]
 */
export function runCovariance(
  variables: readonly (readonly ArrayLike<number>[])[],
  clusters: Clusters,
): RunCovariance {
  const runs = variables[0]?.length ?? 0;
  const n = variables[0]?.[0]?.length ?? 0;
  if (runs < 2) throw new RangeError('runCovariance: there are fewer than two runs');
  if (variables.some((byRun) => byRun.length !== runs || byRun.some(({ length }) => length !== n))) {
    throw new RangeError('runCovariance: the runs differ in length');
  }
  const parts = variables.map((byRun) => partsOf(byRun, clusters));
  const product = (a: readonly Float64Array[], b: readonly Float64Array[]) =>
    a.reduce((total, row, k) => total + row.reduce((sum, value, g) => sum + value * b[k]![g]!, 0), 0);
  const scale = 1 / (runs - 1) / runs;
  return {
    means: parts.map(({ means }) => means),
    covariances: parts.map((a) => parts.map((b) => scale * product([a.off], [b.off]))),
    interactions: parts.map((a) => parts.map((b) => scale * product(a.cells, b.cells))),
    df: runs - 1,
  };
}

/** Of each run the mean less that of all, and of each run and cluster what is left of it, so scaled that squares are variances. */
function partsOf(byRun: readonly ArrayLike<number>[], clusters: Clusters) {
  const n = byRun[0]!.length;
  const average = new Float64Array(n);
  for (const run of byRun) for (let i = 0; i < n; i++) average[i]! += run[i]! / byRun.length;
  const meanOf = (values: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i]!;
    return sum / values.length;
  };
  const grand = meanOf(average);
  const means = byRun.map(meanOf);
  const cells = byRun.map((run, k) => {
    const left = Float64Array.from(average, (mean, i) => run[i]! - mean - (means[k]! - grand));
    return clusterSums(left, clusters).map((sum, g) => sum / (n * Math.sqrt(1 - clusters.sizes[g]! / n)));
  });
  return { means, off: Float64Array.from(means, (mean) => mean - grand), cells };
}

/** The variance of a mean with the runs counted, and its degrees of freedom. */
interface CountedRuns {
  readonly variance: number;
  readonly df: number;
}

/**
 * Adds what runs add to a clustered variance. Where the runs agree better than chance, nothing is added, but that they were
 * few still costs degrees of freedom (Satterthwaite).
 *
 * @param clustered the cluster-robust variance and its degrees of freedom
 * @param added     of one arm, or of each of two arms with runs of their own
 * @see Satterthwaite (1946), Biometrics Bulletin 2, 110–114
 *
 * @example
 * countRuns({ variance: 1, df: 50 }, [{ runs: 1, interaction: 0, df: 2 }]); // => { variance: 2, df: 7.6923 }
 */
export function countRuns(
  clustered: CountedRuns,
  added: readonly Pick<RunVariance, 'runs' | 'interaction' | 'df'>[],
): CountedRuns {
  const extra = added.reduce((sum, one) => sum + Math.max(0, one.runs - one.interaction), 0);
  const variance = clustered.variance + extra;
  const doubt = added.reduce(
    (sum, { runs, df }) => sum + runs ** 2 / df,
    clustered.variance ** 2 / clustered.df,
  );
  return { variance, df: doubt > 0 ? Math.min(clustered.df, variance ** 2 / doubt) : clustered.df };
}
