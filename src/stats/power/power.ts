import { tangoInterval } from '../difference/tango.ts';
import { normalCdf, normalQuantile, studentTQuantile } from '../numerics/distributions.ts';
import { gaussLegendre } from '../numerics/gauss-legendre.ts';
import { stirlingError } from '../numerics/incomplete-beta.ts';
import { increasingRoot } from '../numerics/increasing-root.ts';
import { requireLevel, requireNonNegative, requirePositive } from '../numerics/requirements.ts';
import { sum } from '../numerics/sums.ts';
import { satterthwaite } from '../rate/clustered-mean.ts';

/** Points of the integral over the estimated standard error: enough for 1e-9 from 1 degree of freedom on. */
const POINTS = 128;

/** What an equivalence test will have to go by. */
export interface EquivalenceDesign {
  /** True standard error of the difference. */
  readonly standardError: number;
  /** Degrees of freedom with which it will be estimated; Infinity if known. */
  readonly df: number;
  readonly margin: number;
  /** The true difference; 0 if left out. */
  readonly difference?: number;
  /** Each of the two one-sided tests is at 1 − level; 0.95 if left out. */
  readonly level?: number;
}

/**
 * The probability that two one-sided t tests will show equivalence: exact for a normal estimate whose standard error
 * is estimated with `df` degrees of freedom, by integrating over what that estimate may turn out to be.
 *
 * @throws RangeError for a margin, standard error or df that is not positive, or a level outside (0, 1)
 * @see Phillips (1990); Owen (1965)
 *
 * @example
 * powerOfEquivalence({ standardError: 0.02, df: 40, margin: 0.06 }); // => 0.8077
 */
export function powerOfEquivalence(design: EquivalenceDesign): number {
  const { standardError, df, margin, difference = 0, level = 0.95 } = design;
  requirePositive('powerOfEquivalence', 'the standard error', standardError);
  requirePositive('powerOfEquivalence', 'the margin', margin);
  const t = studentTQuantile(requireLevel('powerOfEquivalence', level), df);
  const below = (margin - difference) / standardError;
  const above = (margin + difference) / standardError;
  /** Power given the ratio of the estimated standard error to the true one. */
  const given =
    difference === 0
      ? (ratio: number) => Math.max(0, 2 * normalCdf(below - t * ratio) - 1)
      : (ratio: number) => Math.max(0, normalCdf(below - t * ratio) - normalCdf(t * ratio - above));
  if (df === Number.POSITIVE_INFINITY) return given(1);
  return meanOverEstimatedScale(given, df, (below + above) / (2 * t));
}

/**
 * E f(s), s² ~ χ²(df)/df, for an f that is 0 beyond `end`: an integral over w = √s, which smooths the density's start
 * for few degrees of freedom.
 */
function meanOverEstimatedScale(f: (ratio: number) => number, df: number, end: number): number {
  const half = df / 2;
  const logConstant = Math.log(4) + 0.5 * Math.log(half / (2 * Math.PI)) - stirlingError(half);
  const density = (w: number) => Math.exp(logConstant + half * (1 - w ** 4 + 4 * Math.log(w)) - Math.log(w));
  // Outside these ends the density is below e⁻⁴⁰ of its top.
  const from = Math.sqrt(Math.max(0, 1 - Math.sqrt(50 / half)));
  const to = Math.sqrt(Math.min(end, 1 + Math.sqrt(50 / half)));
  if (to <= from) return 0;
  return Math.min(
    1,
    gaussLegendre((w) => density(w) * f(w * w), from, to, POINTS),
  );
}

/** A paired comparison that is planned, on one measure that is a rate. */
export interface PairedPlan {
  readonly samples: number;
  readonly clusters: number;
  /** Samples in each cluster, where that is known; equal if left out. Clusters that differ in size tell less. */
  readonly sizes?: ArrayLike<number>;
  /** Trials a sample and stage; 1 if left out. */
  readonly epochs?: number;
  /** The rate expected in both stages; the worst case 0.5 if left out. */
  readonly rate?: number;
  /** Correlation of two samples' differences within a cluster; 0.1 if left out. */
  readonly icc?: number;
  /** Correlation of the two stages' trials on one sample; 0.3 if left out. */
  readonly correlation?: number;
  /** Correlation of two epochs of one sample in one stage, at least `correlation`; 0.5 or that if left out. */
  readonly repeatability?: number;
}

/**
 * The standard error that a paired comparison is to expect when the stages do not differ on average:
 * Var(d) = 2p(1−p)·[(1−r)/K + r − ρ] for one sample's difference over K epochs, r the repeatability and ρ the
 * correlation between stages; times the design effect 1 + (m−1)·icc for m = Σ n_g²/N samples a cluster; over N.
 *
 * The defaults are typical of published results: between models, ρ is 0.2 to 0.45 on XSTest's safe prompts and 0.35
 * (median of pairs) on ODCV-Bench; icc is 0.06 to 0.25 and 0.1 to 0.6. Stages of one model are likelier to be alike.
 *
 * @returns the standard error, its Satterthwaite df, and the effective number of pairs; `null` with one cluster
 * @throws RangeError for a plan that can't be
 *
 * @example
 * expectedPrecision({ samples: 200, clusters: 50 }); // => { standardError: 0.0477, df: 49, nEff: 153.8462 }
 */
export function expectedPrecision(
  plan: PairedPlan,
): { readonly standardError: number; readonly df: number; readonly nEff: number } | null {
  const { samples, clusters, epochs = 1, rate = 0.5, icc = 0.1, correlation = 0.3 } = plan;
  const repeatability = plan.repeatability ?? Math.max(0.5, correlation);
  for (const [name, count] of Object.entries({ samples, clusters, epochs })) {
    requirePositive('expectedPrecision', name, count);
  }
  for (const [name, share] of Object.entries({ rate, icc, correlation, repeatability })) {
    requireNonNegative('expectedPrecision', name, share);
    if (share > 1) throw new RangeError(`expectedPrecision: ${name} = ${share} is above 1`);
  }
  if (clusters > samples)
    throw new RangeError(`expectedPrecision: ${clusters} clusters of ${samples} samples`);
  if (repeatability < correlation) {
    throw new RangeError('expectedPrecision: two stages agree more with each other than each with itself');
  }
  if (clusters < 2) return null;
  const variance = 2 * rate * (1 - rate) * ((1 - repeatability) / epochs + repeatability - correlation);
  const { crowd, df } = crowding(plan);
  const nEff = samples / (1 + (crowd - 1) * icc);
  return { standardError: Math.sqrt(variance / nEff), df, nEff };
}

/** Samples in the cluster of an average sample, Σ n_g²/N, and the degrees of freedom of CR2. */
function crowding({ samples, clusters, sizes }: PairedPlan): { crowd: number; df: number } {
  if (sizes === undefined) return { crowd: samples / clusters, df: clusters - 1 };
  const counts = Float64Array.from(sizes);
  if (counts.length !== clusters || sum(counts) !== samples) {
    throw new RangeError(
      `expectedPrecision: the sizes are not those of ${samples} samples in ${clusters} clusters`,
    );
  }
  return { crowd: sum(counts.map((size) => size * size)) / samples, df: satterthwaite(counts, samples) };
}

/**
 * The smallest margin within which a planned comparison would show two equal stages to be equivalent, with the given
 * power: the larger of what the t tests need and what Tango's score interval needs, since a verdict needs both.
 * The second is an approximation: the interval at an estimate as far off as chance takes it with this power.
 *
 * @param plan  the comparison; `power` is 0.8 and `level` 0.95 (each one-sided test at 1 − level) if left out
 * @returns     a margin, at most 1, which shows nothing; `null` with one cluster
 * @throws RangeError for a plan that can't be
 *
 * @example
 * smallestProvableMargin({ samples: 200, clusters: 50 }); // => 0.1416
 */
export function smallestProvableMargin(plan: ProvablePlan): number | null {
  const needs = needsOf('smallestProvableMargin', plan);
  if (needs === null) return null;
  const { standardError, df, power, level } = needs;
  const sampled = standardError === 0 ? 0 : marginOfPower(power, standardError, df, level);
  return Math.max(needs.scored, sampled);
}

/**
 * Whether a planned comparison would show two equal stages to be equivalent within a margin, with the given power: whether the
 * margin is at least `smallestProvableMargin`, by one integral where finding that takes a dozen.
 *
 * @returns `false` with one cluster
 * @throws RangeError for a plan that can't be, or a margin that is not positive
 *
 * @example
 * isMarginProvable({ samples: 200, clusters: 50 }, 0.15); // => true
 */
export function isMarginProvable(plan: ProvablePlan, margin: number): boolean {
  requirePositive('isMarginProvable', 'the margin', margin);
  const needs = needsOf('isMarginProvable', plan);
  if (needs === null || needs.scored > margin) return false;
  const { standardError, df, power, level } = needs;
  return standardError === 0 || powerOfEquivalence({ standardError, df, margin, level }) >= power;
}

type ProvablePlan = PairedPlan & { readonly power?: number; readonly level?: number };

/** What the t tests go by, and the margin that the score interval needs; `null` with one cluster. */
function needsOf(caller: string, plan: ProvablePlan) {
  const power = requireLevel(caller, plan.power ?? 0.8);
  const level = requireLevel(caller, plan.level ?? 0.95);
  const precision = expectedPrecision(plan);
  if (precision === null) return null;
  const { standardError, df, nEff } = precision;
  const k = studentTQuantile(level, df);
  const off = normalQuantile((1 + power) / 2) * standardError;
  const m2 = Math.max(off, standardError ** 2 * nEff + off ** 2);
  const [, score] = tangoInterval((m2 + off) / 2, (m2 - off) / 2, nEff, k);
  // If it is likely that no pair will differ at all, the clusters are all that will have been seen.
  const [, silent] = Math.exp(-nEff * m2) > 1 - power ? tangoInterval(0, 0, plan.clusters, k) : [0, 0];
  return { standardError, df, power, level, scored: Math.max(silent, score) };
}

/** The margin at which the t tests have this power; it grows with the margin. */
function marginOfPower(power: number, standardError: number, df: number, level: number): number {
  const missing = (margin: number) => powerOfEquivalence({ standardError, df, margin, level }) - power;
  return increasingRoot(missing, 1e-12, 1, 1e-10);
}
