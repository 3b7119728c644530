import { satterthwaite } from '../rate/clustered-mean.ts';
import { type Clusters, clusterSums } from '../rate/clusters.ts';
import { countRuns, type RunVariance } from '../rate/crossed-runs.ts';
import { designEffect, trialsWorth } from '../rate/design-effect.ts';

/** Two arms on the same samples. */
export interface PairedArms {
  /** One a shared sample: its mean over the epochs. In [0, 1] for a rate. */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  readonly clusters: Clusters;
  /** Trials a sample in one arm, on average; 1 where every sample was asked once. */
  readonly epochs: number;
  /** The width of the measure's range: the largest |difference| there could be; `null` where no range was declared. */
  readonly bound: number | null;
  readonly kind: 'rate' | 'score';
  /** What several training runs add, of the runs' paired differences or of each arm with runs of its own; left out for single ones. */
  readonly runs?: readonly RunVariance[];
}

/** What the tests of a paired difference are computed from. Shares and variances are in units of the bound. */
export interface PairedMoments {
  readonly n: number;
  readonly clusters: Clusters;
  readonly mean: number;
  /** CR2 and what the runs add, in the values' own unit; `null` with one cluster. */
  readonly standardError: number | null;
  /** Satterthwaite: of the clusters, and of the runs where there are several. */
  readonly df: number | null;
  /** Of the clusters alone. */
  readonly clusterDf: number | null;
  /** Sums of the residuals of each cluster. */
  readonly clusterResiduals: Float64Array;
  /** Shares of pairs that went up, down, and (rates only) that are 1 in both; of single trials. `null` without a bound. */
  readonly shares: { readonly up: number; readonly down: number; readonly both: number } | null;
  /** Independent pairs of single trials that would be as informative; `null` without a bound or with one cluster. */
  readonly nEff: number | null;
}

/**
 * The moments of a paired difference, and its effective n.
 *
 * A rate's shares are those of single trials: with a and b a sample's rates in the two arms, up is the mean of b(1 − a) and
 * down that of a(1 − b), as if one trial of each arm made a pair. So repeated trials narrow an interval without ever
 * becoming samples. A score's shares are those which would have its first two moments, (m₂ ± m)/2.
 *
 * n_eff = n · (trials that a sample is worth) / (design effect), both shrunk while few samples and clusters hold a change.
 */
export function pairedMoments(arms: PairedArms): PairedMoments {
  const { from, to, clusters, bound } = arms;
  const n = from.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += to[i]! - from[i]!;
  const mean = sum / n;
  const residuals = new Float64Array(n);
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const d = to[i]! - from[i]!;
    residuals[i] = d - mean;
    largest = Math.max(largest, Math.abs(d));
  }
  const rounding = 1e-14 * largest;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    if (Math.abs(residuals[i]!) <= rounding) residuals[i] = 0;
    squares += residuals[i]! ** 2;
  }
  const clusterResiduals = clusterSums(residuals, clusters).map((s, g) =>
    Math.abs(s) <= rounding * clusters.sizes[g]! ? 0 : s,
  );
  const seen = { n, clusters, mean, clusterResiduals };
  const shares = bound === null ? null : sharesOf(arms, mean, bound);
  if (clusters.count < 2)
    return { ...seen, standardError: null, df: null, clusterDf: null, shares, nEff: null };
  let variance = 0;
  for (let g = 0; g < clusters.count; g++) {
    variance += clusterResiduals[g]! ** 2 / (1 - clusters.sizes[g]! / n);
  }
  variance /= n * n;
  const clusterDf = satterthwaite(clusters.sizes, n);
  const whole = countRuns({ variance, df: clusterDf }, arms.runs ?? []);
  const nEff =
    shares === null || bound === null
      ? null
      : withRuns(
          effectivePairs(arms, shares, { bound, variance, spread: squares / n, mean }),
          shares.up + shares.down - (mean / bound) ** 2,
          (whole.variance - variance) / bound ** 2,
        );
  return { ...seen, standardError: Math.sqrt(whole.variance), df: whole.df, clusterDf, shares, nEff };
}

/** The effective n with the variance added that runs bring. @param spread variance of a single pair */
function withRuns(nEff: number, spread: number, added: number): number {
  return added > 0 && spread > 0 ? 1 / (1 / nEff + added / spread) : nEff;
}

function sharesOf({ from, to, kind }: PairedArms, mean: number, bound: number) {
  let [up, down, both, squares] = [0, 0, 0, 0];
  const n = from.length;
  for (let i = 0; i < n; i++) {
    const [a, b] = [from[i]!, to[i]!];
    if (kind === 'rate') {
      up += b * (1 - a);
      down += a * (1 - b);
      both += a * b;
    } else squares += (b - a) ** 2;
  }
  if (kind === 'rate') return { up: up / n, down: down / n, both: both / n };
  const [first, second] = [mean / bound, squares / n / bound ** 2];
  return { up: (second + first) / 2, down: (second - first) / 2, both: 0 };
}

function effectivePairs(
  arms: PairedArms,
  shares: { readonly up: number; readonly down: number },
  found: {
    readonly bound: number;
    readonly variance: number;
    readonly spread: number;
    readonly mean: number;
  },
): number {
  const { from, to, clusters, kind } = arms;
  const n = from.length;
  const holds = new Uint8Array(clusters.count);
  let samples = 0;
  for (let i = 0; i < n; i++) {
    const [a, b] = [from[i]!, to[i]!];
    if (kind === 'rate' ? a * (1 - b) + b * (1 - a) <= 0 : a === b) continue;
    samples++;
    holds[clusters.codes[i]!] = 1;
  }
  const meanSize = clusters.sizes.reduce((sum, size) => sum + size * size, 0) / n;
  const { bound, variance, spread, mean } = found;
  const deff = designEffect({
    observed: spread > 0 ? (variance * n) / spread : null,
    meanSize,
    holders: holds.reduce((count, one) => count + one, 0),
  });
  // A score's pairs are samples: what its single trials were is not known here.
  const epochs = kind === 'rate' ? Math.max(1, arms.epochs) : 1;
  const single = shares.up + shares.down - (mean / bound) ** 2;
  const correlation = epochs > 1 && single > 0 ? ((epochs * spread) / single - 1) / (epochs - 1) : null;
  return (n * trialsWorth(epochs, correlation, samples)) / deff;
}
