import { studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { requireLevel } from '../numerics/requirements.ts';
import { sum } from '../numerics/sums.ts';
import { effectiveN, satterthwaite } from './clustered-mean.ts';
import { type ClusterLabels, clusterSums, readClusters, requireFinite } from './clusters.ts';
import { wilson } from './wilson.ts';

/** A rate whose observations stand for unequally many. */
export interface WeightedRate {
  readonly estimate: number;
  /** How many equally weighted independent observations would be as informative. */
  readonly nEff: number;
  /** `null` where all are in one cluster. */
  readonly interval: Interval | null;
}

/**
 * A rate from observations that were picked with unequal probabilities, in clusters: Σ w x / Σ w, each weighted by one
 * over its probability (Hájek), with Wilson's interval on the effective n = min(Kish's (Σw)²/Σw², p(1−p)/V) and the t
 * quantile. V = Σ s_g²/(1 − W_g/W), s_g the weighted residuals of cluster g over W, and its degrees of freedom are those
 * of CR2 with the clusters' weights for their sizes. With equal weights it is CR2.
 *
 * @param values   in [0, 1]
 * @param weights  > 0; only their proportions count
 * @param clusters one label a value
 * @throws RangeError for no values, a value outside [0, 1], a weight that is not positive, or a level outside (0, 1)
 * @see Särndal, Swensson & Wretman (1992), §5.7; Kish (1965), §11.7; Dean & Pagano (2015)
 *
 * @example
 * weightedRate([1, 0, 1, 0], [2, 1, 1, 2], [0, 1, 2, 3]); // => { estimate: 0.5, nEff: 2.5 }
 */
export function weightedRate(
  values: ArrayLike<number>,
  weights: ArrayLike<number>,
  clusters: ClusterLabels,
  level = 0.95,
): WeightedRate {
  requireFinite(values);
  requireLevel('weightedRate', level);
  for (let i = 0; i < values.length; i++) {
    if (!(values[i]! >= 0 && values[i]! <= 1))
      throw new RangeError(`weightedRate: value ${i} is ${values[i]}, outside [0, 1]`);
    if (!(weights[i]! > 0)) throw new RangeError(`weightedRate: weight ${i} is ${weights[i]}, not above 0`);
  }
  const read = readClusters(clusters, values.length);
  const total = sum(weights);
  const estimate = Math.min(1, sum(Float64Array.from(values, (x, i) => x * weights[i]!)) / total);
  const kish = total ** 2 / sum(Float64Array.from(weights, (w) => w * w));
  if (read.count < 2) return { estimate, nEff: kish, interval: null };
  const shares = clusterSums(weights, read).map((weight) => weight / total);
  const residuals = Float64Array.from(values, (x, i) => (weights[i]! * (x - estimate)) / total);
  const variance = sum(clusterSums(residuals, read).map((s, g) => (s * s) / (1 - shares[g]!)));
  const df = satterthwaite(shares, 1);
  // Where nothing varies, what was seen is as many observations as there are clusters, by their weights.
  const ofClusters = 1 / sum(shares.map((share) => share * share));
  const spread = estimate * (1 - estimate);
  const nEff =
    variance > 0 ? effectiveN(spread, Math.sqrt(variance), kish, ofClusters) : Math.min(kish, ofClusters);
  return { estimate, nEff, interval: wilson(estimate, nEff, studentTQuantile((1 + level) / 2, df)) };
}
