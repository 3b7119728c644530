import { studentTCdf, studentTQuantile } from '../numerics/distributions.ts';
import type { Interval } from '../numerics/interval.ts';
import { johnsonInterval, johnsonP, type SkewedMean } from './johnson.ts';
import { type PairedArms, type PairedMoments, pairedMoments } from './paired-moments.ts';
import { type RiskRatio, riskRatio } from './risk-ratio.ts';
import { type SignFlipTests, signFlipTests } from './sign-flip-interval.ts';
import { leastTangoScore, tangoInterval } from './tango.ts';

/** From this many effective clusters on, intervals come from a t quantile alone. */
export const ENOUGH_CLUSTERS = 10;

/** With fewer clusters than this no test can reject at 5 %: counts only. */
export const FEWEST_CLUSTERS = 6;

/** All that the samples say of a paired difference. */
export interface PairedEvidence {
  readonly n: number;
  readonly clusters: number;
  /** G* = 1 + Satterthwaite df: as many clusters of equal size would be as informative. `null` with one cluster. */
  readonly effectiveClusters: number | null;
  readonly difference: number;
  /** CR2; `null` with one cluster. */
  readonly standardError: number | null;
  readonly df: number | null;
  readonly nEff: number | null;
  /**
   * How the intervals were made. `score`: Tango's on the effective n. `t`: mean ± t·CR2 together with Johnson's, for scores
   * without a declared range. `few clusters`: the hull of the sign-flip interval, Johnson's and, with a range, the score's.
   * `counts`: no interval.
   */
  readonly method: 'score' | 't' | 'few clusters' | 'counts';
  /** `null` with method `counts`; ends may be infinite where few clusters reject nothing. */
  interval(level: number): Interval | null;
  /** Two-sided p of "no difference", of the same method as the intervals. */
  readonly p: number | null;
  /** The larger p of the two one-sided tests that the difference is beyond ±margin; `null` without an interval. */
  pEquivalence(margin: number): number | null;
  /** Of two rates, by score; `null` for scores and without an interval. @param level two-sided */
  ratio(level: number, of: 'events' | 'non-events'): RiskRatio | null;
}

/**
 * The evidence on a paired difference: one rule for rates and for scores with a declared range, of which a rate is one.
 *
 * With at least ten effective clusters the intervals are Tango's score intervals on the effective n. They hold their
 * level where a change is rare, and where a score's large values are. With fewer effective clusters, but at least six
 * clusters, nothing is rejected that the cluster sign-flip test or Johnson's skewness-adjusted t does not reject too.
 *
 * @param arms the two arms, on shared samples
 * @param seed for sign patterns, where they are too many to look at all
 * @throws RangeError for arms of different lengths or without samples
 * @see Tango (1998); Johnson (1978); Bell & McCaffrey (2002); docs/verdicts.md
 *
 * @example
 * const labels = Array.from({ length: 40 }, (_, i) => i);
 * const [from, to] = [labels.map(() => 0), labels.map((i) => Number(i < 10))];
 * const clusters = readClusters(labels, 40);
 * pairedEvidence({ from, to, clusters, epochs: 1, bound: 1, kind: 'rate' }, 1); // => { difference: 0.25, method: 'score' }
 */
export function pairedEvidence(arms: PairedArms, seed: number): PairedEvidence {
  const { from, to, clusters } = arms;
  if (from.length === 0 || from.length !== to.length || clusters.codes.length !== from.length) {
    throw new RangeError('pairedEvidence: the arms need the same samples, at least one');
  }
  const moments = pairedMoments(arms);
  const { n, mean, standardError, df, clusterDf, nEff } = moments;
  const seen = {
    n,
    clusters: clusters.count,
    effectiveClusters: clusterDf === null ? null : clusterDf + 1,
    difference: mean,
    standardError,
    df,
    nEff,
  };
  if (clusterDf === null || clusters.count < FEWEST_CLUSTERS) return { ...seen, ...COUNTS };
  const few = clusterDf + 1 < ENOUGH_CLUSTERS - 1e-9;
  const tests = few
    ? [flipTest(arms, seed), ...johnsonTest(moments), ...scoreTest(moments, arms.bound)]
    : moments.nEff === null
      ? [...studentTest(moments), ...johnsonTest(moments)]
      : scoreTest(moments, arms.bound);
  if (tests.length === 0) return { ...seen, ...COUNTS };
  return {
    ...seen,
    method: few ? 'few clusters' : nEff === null ? 't' : 'score',
    interval: (level) => hull(tests.map((test) => test.interval(level))),
    p: Math.max(...tests.map((test) => test.p)),
    pEquivalence: (margin) =>
      Math.max(...tests.flatMap((test) => [test.beyond(-margin), test.beyond(margin)])),
    ratio: (level, of) => ratioOf(arms, moments, level, of),
  };
}

const COUNTS = {
  method: 'counts',
  interval: () => null,
  p: null,
  pEquivalence: () => null,
  ratio: () => null,
} as const;

/** A test of every hypothesis about the difference. */
interface Test {
  interval(level: number): Interval;
  /** Two-sided, of "no difference". */
  readonly p: number;
  /** One-sided p of "the difference is `delta` or farther from 0": small where the estimate lies well inside. */
  beyond(delta: number): number;
}

function hull(intervals: readonly Interval[]): Interval {
  return [Math.min(...intervals.map(([low]) => low)), Math.max(...intervals.map(([, high]) => high))];
}

function scoreTest({ shares, nEff, df }: PairedMoments, bound: number | null): Test[] {
  if (shares === null || nEff === null || df === null || bound === null) return [];
  const { up, down } = shares;
  const score = (delta: number) => {
    const share = delta / bound;
    if (Math.abs(share) >= 1) return Number.POSITIVE_INFINITY;
    return share === up - down ? 0 : Math.abs(leastTangoScore(up, down, nEff, share));
  };
  return [
    {
      interval(level) {
        const [low, high] = tangoInterval(up, down, nEff, studentTQuantile((1 + level) / 2, df));
        return [low * bound, high * bound];
      },
      p: up === down ? 1 : Math.min(1, 2 * studentTCdf(-score(0), df)),
      beyond(delta) {
        const inside = delta > 0 ? (up - down) * bound < delta : (up - down) * bound > delta;
        const tail = studentTCdf(-score(delta), df);
        return inside ? tail : 1 - tail;
      },
    },
  ];
}

/** None where nothing varies: a standard error of 0 is not evidence. */
function studentTest({ mean, standardError, df }: PairedMoments): Test[] {
  if (standardError === null || df === null || standardError === 0) return [];
  return [
    {
      interval(level) {
        const reach = studentTQuantile((1 + level) / 2, df) * standardError;
        return [mean - reach, mean + reach];
      },
      p: 2 * studentTCdf(-Math.abs(mean) / standardError, df),
      beyond: (delta) => studentTCdf(-Math.sign(delta) * ((delta - mean) / standardError), df),
    },
  ];
}

function johnsonTest(moments: PairedMoments): Test[] {
  const { mean, standardError, df, clusters, clusterResiduals } = moments;
  if (standardError === null || df === null || standardError === 0) return [];
  const sample: SkewedMean = {
    mean,
    standardError,
    skewness: skewnessOf(clusterResiduals),
    clusters: clusters.count,
    df,
  };
  return [
    {
      interval: (level) => johnsonInterval(sample, level),
      p: johnsonP(sample, 0),
      beyond(delta) {
        const half = johnsonP(sample, delta) / 2;
        return (delta > 0 ? mean < delta : mean > delta) ? half : 1 - half;
      },
    },
  ];
}

function flipTest({ from, to, clusters }: PairedArms, seed: number): Test {
  const d = Float64Array.from(from, (value, i) => to[i]! - value);
  const tests: SignFlipTests = signFlipTests(d, clusters, seed);
  const mean = d.reduce((sum, value) => sum + value, 0) / d.length;
  return {
    interval: (level) => tests.interval(level),
    p: tests.p(0),
    beyond(delta) {
      const half = tests.p(delta) / 2;
      return (delta > 0 ? mean < delta : mean > delta) ? half : 1 - half;
    },
  };
}

/** Third central moment over s³ of the clusters' residual sums; unbiased moments. 0 where nothing varies. */
function skewnessOf(values: Float64Array): number {
  const count = values.length;
  const center = values.reduce((sum, value) => sum + value, 0) / count;
  let [second, third] = [0, 0];
  for (const value of values) {
    second += (value - center) ** 2;
    third += (value - center) ** 3;
  }
  if (second === 0 || count < 3) return 0;
  return (count * third) / ((count - 1) * (count - 2)) / (second / (count - 1)) ** 1.5;
}

function ratioOf(
  { kind }: PairedArms,
  { shares, nEff, df }: PairedMoments,
  level: number,
  of: 'events' | 'non-events',
): RiskRatio | null {
  if (kind !== 'rate' || shares === null || nEff === null || df === null) return null;
  const { up, down, both } = shares;
  const neither = Math.max(0, 1 - up - down - both);
  const of1 = of === 'events' ? { both, up, down } : { both: neither, up: down, down: up };
  return riskRatio(of1, nEff, studentTQuantile((1 + level) / 2, df));
}
