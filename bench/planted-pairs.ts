import type { RandomSource } from '../src/stats/index.ts';

/**
 * Two stages' answers to the same samples, with everything about them known.
 *
 * Each cluster g has two propensities of its own, P_g for the first stage and Q_g for the second, independent draws
 * from beta distributions with means `from` and `to` and with a + b = (1 − icc)/icc: beta-binomial clusters, so that
 * within a stage two samples of one cluster correlate by exactly `icc`, and the true difference is exactly
 * `to − from`. A sample of the cluster answers 1 where a uniform number is below its stage's propensity; with
 * probability `shared` both stages use the same number, which pairs them. Because clusters move the two stages
 * independently, the differences correlate within a cluster more than the answers do: by icc/(1 − correlation).
 */
export interface PlantedPairs {
  readonly from: number;
  readonly to: number;
  /** Correlation of two samples of one cluster in one stage, in [0, 1). */
  readonly icc: number;
  /** Probability that a sample's answers in the two stages come from one number. */
  readonly shared: number;
  /** Samples in each cluster. */
  readonly sizes: readonly number[];
}

/** Draws one study: 0 or 1 for every sample in each stage, cluster after cluster. */
export function drawPairs(
  { from, to, icc, shared, sizes }: PlantedPairs,
  random: RandomSource,
): { first: Uint8Array; second: Uint8Array } {
  const samples = sizes.reduce((total, size) => total + size, 0);
  const first = new Uint8Array(samples);
  const second = new Uint8Array(samples);
  let i = 0;
  for (const size of sizes) {
    const p = propensity(from, icc, random);
    const q = propensity(to, icc, random);
    for (const end = i + size; i < end; i++) {
      const uniform = random.fraction();
      first[i] = Number(uniform < p);
      second[i] = Number((random.fraction() < shared ? uniform : random.fraction()) < q);
    }
  }
  return { first, second };
}

/** Clusters of 2 to 8 samples, 5 on average over every seven clusters. */
export function unequalSizes(clusters: number): number[] {
  const pattern = [5, 2, 8, 4, 6, 3, 7];
  return Array.from({ length: clusters }, (_, g) => pattern[g % pattern.length]!);
}

/**
 * What a planner would want to know of such a study with no true difference: the correlation of the two stages on one
 * sample, and that of two differences within a cluster. By drawing 40,000 clusters, good to about 1 %.
 */
export function plantedCorrelations(
  { from, icc, shared }: PlantedPairs,
  random: RandomSource,
): { correlation: number; differenceIcc: number } {
  const clusters = 40_000;
  let covariance = 0;
  for (let g = 0; g < clusters; g++) {
    const p = propensity(from, icc, random);
    const q = propensity(from, icc, random);
    covariance += (shared * (Math.min(p, q) - p * q)) / clusters;
  }
  const correlation = covariance / (from * (1 - from));
  return { correlation, differenceIcc: icc / (1 - correlation) };
}

/** A beta variate with this mean and intra-class correlation. */
function propensity(mean: number, icc: number, random: RandomSource): number {
  if (icc === 0 || mean === 0 || mean === 1) return mean;
  const total = (1 - icc) / icc;
  const gap = logGamma((1 - mean) * total, random) - logGamma(mean * total, random);
  return 1 / (1 + Math.exp(gap));
}

/** The log of a gamma variate: shapes below 1 give numbers too small to hold (Marsaglia & Tsang 2000). */
function logGamma(shape: number, random: RandomSource): number {
  if (shape < 1) return logGamma(shape + 1, random) + Math.log(1 - random.fraction()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.fraction()) < 0.5 * x * x + d * (1 - v + Math.log(v))) {
      return Math.log(d * v);
    }
  }
}

/** A standard normal variate (Box & Muller 1958). */
export function normal(random: RandomSource): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.fraction()));
  return radius * Math.cos(2 * Math.PI * random.fraction());
}
