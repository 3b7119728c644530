import { studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel } from '../numerics/requirements.ts';
import { clopperPearson } from './clopper-pearson.ts';
import { clusteredMeanOf } from './clustered-mean.ts';
import type { Clusters } from './clusters.ts';
import { countRuns, type RunVariance } from './crossed-runs.ts';
import { designEffect, trialsWorth } from './design-effect.ts';
import { wilson } from './wilson.ts';

/** One rate from samples in clusters, asked several times. */
interface RateSample {
  /** One a sample, in [0, 1]: its mean over the epochs. */
  readonly values: ArrayLike<number>;
  readonly clusters: Clusters;
  /** Trials a sample, on average. */
  readonly epochs: number;
  /** What several training runs add; left out for one. */
  readonly runs?: readonly RunVariance[];
}

/** What is known of a rate. All but the estimate are `null` with one cluster. */
interface RateEvidence {
  readonly estimate: number;
  /** CR2, and what the runs add. */
  readonly standardError: number | null;
  readonly df: number | null;
  readonly nEff: number | null;
  /** Wilson on the effective n, with the t quantile. */
  readonly interval: Interval | null;
  /** Korn–Graubard, for claims of "at most". */
  readonly kornGraubard: Interval | null;
}

/**
 * A rate's interval on the effective n that differences of rates have: n · (what a sample's trials are worth) / (design
 * effect), both shrunk while few clusters hold an event. So the first events do not make it jump, and epochs narrow it.
 *
 * Near 1 the failures are the events: the rarer outcome says what is known of the correlation.
 *
 * @throws RangeError for no values, fewer than one epoch, or a level outside (0, 1)
 * @see Korn & Graubard (1998); Dean & Pagano (2015); docs/decisions/012-effective-n.md
 *
 * @example
 * const labels = Array.from({ length: 40 }, (_, i) => i);
 * rateEvidence({ values: labels.map((i) => Number(i < 10)), clusters: readClusters(labels, 40), epochs: 1 }); // => { estimate: 0.25, nEff: 39.0179 }
 */
export function rateEvidence(
  { values, clusters, epochs, runs = [] }: RateSample,
  level = 0.95,
): RateEvidence {
  requireLevel('rateEvidence', level);
  const { n, mean, cr2, df: clusterDf } = clusteredMeanOf(values, clusters);
  if (cr2 === null || clusterDf === null) {
    return { estimate: mean, standardError: null, df: null, nEff: null, interval: null, kornGraubard: null };
  }
  const whole = countRuns({ variance: cr2 ** 2, df: clusterDf }, runs);
  const single = mean * (1 - mean);
  const added = whole.variance - cr2 ** 2;
  const clustered = effectiveTrials({ values, clusters, epochs }, mean, cr2 ** 2);
  const nEff = added > 0 && single > 0 ? 1 / (1 / clustered + added / single) : clustered;
  const upperTail = (1 + level) / 2;
  const k = studentTQuantile(upperTail, whole.df);
  const design = nEff * (studentTQuantile(upperTail, Math.max(1, n - 1)) / k) ** 2;
  return {
    estimate: mean,
    standardError: Math.sqrt(whole.variance),
    df: whole.df,
    nEff,
    interval: wilson(mean, nEff, k),
    kornGraubard: clopperPearson(Math.min(mean * design, design), design, level),
  };
}

function effectiveTrials({ values, clusters, epochs }: RateSample, mean: number, variance: number): number {
  const n = values.length;
  const holds = new Uint8Array(clusters.count);
  let [samples, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    squares += (values[i]! - mean) ** 2;
    if (mean <= 0.5 ? values[i]! <= 0 : values[i]! >= 1) continue;
    samples++;
    holds[clusters.codes[i]!] = 1;
  }
  const spread = squares / n;
  const single = mean * (1 - mean);
  const deff = designEffect({
    observed: spread > 0 ? (variance * n) / spread : null,
    meanSize: clusters.sizes.reduce((sum, size) => sum + size * size, 0) / n,
    holders: holds.reduce((count, one) => count + one, 0),
  });
  const correlation = epochs > 1 && single > 0 ? ((epochs * spread) / single - 1) / (epochs - 1) : null;
  return (n * trialsWorth(Math.max(1, epochs), correlation, samples)) / deff;
}
