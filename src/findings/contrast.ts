import type { Measure } from '../core/index.ts';
import { counted } from '../format/index.ts';
import {
  type DifferenceVerdict,
  MINIMUM_CLUSTERS,
  mcnemarMidP,
  pairedDifference,
  signFlip,
  smallestEquivalenceMargin,
  tangoOnEffectiveN,
  tangoTost,
  tost,
  verdict,
} from '../stats/index.ts';
import { type Present, present } from './estimate.ts';
import { unfairness } from './fairness.ts';
import type { Contrast, Interval } from './findings.ts';
import { differenceRange, possibleInterval } from './possible.ts';
import type { RatingColumn } from './rating-column.ts';
import type { StageValues } from './stage-values.ts';
import { verdictInWords } from './words.ts';

/** What is compared: a measure as one rater sees it, at two stages. */
export interface Comparison {
  readonly column: RatingColumn;
  readonly from: Arm;
  readonly to: Arm;
  /** Samples of the plan that no trial has named. */
  readonly unseen: number;
  readonly margin: number;
  readonly marginSource: Contrast['marginSource'];
  readonly seed: number;
}

export interface Arm {
  /** The stage's number, id and title. */
  readonly stage: number;
  readonly id: string;
  readonly title: string;
  readonly values: StageValues;
}

/** The paired contrast of two stages, with its verdict; refused where the arms were not treated alike. */
export function contrastOf(comparison: Comparison): Contrast {
  const { from, to, column } = comparison;
  const d = differences(from.values.means, to.values.means, column.table.clusters);
  const said = { ...factsOf(comparison, d), ...evidenceOf(comparison, d) };
  const words = verdictInWords(column.measure, { from: from.title, to: to.title }, said);
  return { ...said, words };
}

/** The difference and its verdict alone, for looking at many at once. */
export function comparedBriefly(comparison: Comparison): Pick<Contrast, 'difference' | 'verdict'> {
  const { column, from, to, margin } = comparison;
  const d = differences(from.values.means, to.values.means, column.table.clusters);
  if (d.values.length === 0 || unfairness(column, from.stage, to.stage) !== null)
    return { difference: null, verdict: 'not compared' };
  if (new Set(d.clusters).size < MINIMUM_CLUSTERS)
    return { difference: meanOf(d.values), verdict: 'inconclusive' };
  const { difference, verdict: reached } = judge(column.measure, d, margin);
  return { difference, verdict: reached };
}

type Facts = Pick<Contrast, 'from' | 'to' | 'n' | 'clusters' | 'unpaired' | 'margin' | 'marginSource'>;
type Evidence = Omit<Contrast, keyof Facts | 'words'>;

const NOT_COMPARED = {
  difference: null,
  interval: null,
  interval90: null,
  standardError: null,
  degreesOfFreedom: null,
  pDifference: null,
  pEquivalence: null,
  smallestMargin: null,
  worstCase: null,
  robustToMissing: null,
  method: 'none',
  verdict: 'not compared',
} as const;

function factsOf({ from, to, margin, marginSource }: Comparison, { values, clusters }: Present): Facts {
  const valued = (arm: Arm) =>
    arm.values.means.reduce((count, mean) => count + (Number.isNaN(mean) ? 0 : 1), 0);
  return {
    from: from.id,
    to: to.id,
    n: values.length,
    clusters: new Set(clusters).size,
    unpaired: { from: valued(from) - values.length, to: valued(to) - values.length },
    margin,
    marginSource,
  };
}

function evidenceOf(comparison: Comparison, d: Present): Evidence {
  const { column, from, to, margin, seed } = comparison;
  const { measure } = column;
  if (d.values.length === 0) return { ...NOT_COMPARED, why: 'no sample has a value in both' };
  const unfair = unfairness(column, from.stage, to.stage);
  if (unfair !== null) return { ...NOT_COMPARED, why: unfair };
  const clusters = new Set(d.clusters).size;
  const beside = {
    ...changesOf(d, from, to),
    signFlip: signFlip(d.values, d.clusters, { flips: flipsFor(clusters), seed }),
    worstCase: worstCaseOf(comparison),
  };
  if (clusters < MINIMUM_CLUSTERS) {
    const { mean } = pairedDifference(d.values, d.clusters, 0.95, widthOf(measure));
    return {
      ...NOT_COMPARED,
      ...beside,
      difference: mean,
      method: 'counts and a sign-flip permutation of clusters',
      pDifference: beside.signFlip.p,
      verdict: 'inconclusive',
      why: `the samples stand in ${counted(clusters, 'cluster')}, fewer than the ${MINIMUM_CLUSTERS} that an interval needs`,
    };
  }
  const judged = judge(measure, d, margin);
  return { ...beside, ...judged, robustToMissing: robust(comparison, judged.verdict) };
}

/** Intervals, p values and the verdict of differences that stand in enough clusters. */
function judge(measure: Measure, { values, clusters }: Present, margin: number) {
  const bound = widthOf(measure);
  const wide = pairedDifference(values, clusters, 0.95, bound);
  const narrow = pairedDifference(values, clusters, 0.9, bound);
  const standardError = wide.standardError!;
  const [interval, interval90] = [wide.interval!, narrow.interval!];
  const tests = [tost({ mean: wide.mean, standardError, df: wide.df! }, margin).p];
  // A standard error of 0 is no evidence; Tango's score then stands in for scores too.
  if (measure.kind === 'rate' || standardError === 0)
    tests.push(tangoTost(values, clusters, margin, bound)!.p);
  const tango =
    measure.kind === 'rate'
      ? {
          interval: tangoOnEffectiveN(values, clusters, 0.95)!,
          interval90: tangoOnEffectiveN(values, clusters, 0.9)!,
        }
      : undefined;
  const interval90s: Interval[] = tango === undefined ? [interval90] : [interval90, tango.interval90];
  const range = differenceRange(measure);
  return {
    difference: wide.mean,
    interval: possibleInterval(interval, range),
    interval90: possibleInterval(interval90, range),
    ...(tango === undefined ? {} : { tango }),
    standardError,
    degreesOfFreedom: wide.df,
    method: methodOf(wide.method, tango !== undefined),
    pDifference: wide.p,
    pEquivalence: Math.max(...tests),
    verdict: verdict({ interval95: interval, interval90s, margin }),
    smallestMargin: smallestEquivalenceMargin(interval90s.map((ends) => possibleInterval(ends, range))),
  };
}

function methodOf(method: 'CR2-t' | 'Tango on effective n' | null, tango: boolean): string {
  if (method !== 'CR2-t') return "Tango's score interval on the effective n";
  const paired = 'paired difference ± t · CR2 standard error';
  return tango ? `${paired}; equivalence also by Tango's score interval on the effective n` : paired;
}

/** Differences of the samples that have a value in both arms. */
function differences(from: Float64Array, to: Float64Array, clusters: Int32Array): Present {
  const all = new Float64Array(to.length);
  for (let sample = 0; sample < all.length; sample++) all[sample] = to[sample]! - from[sample]!;
  return present(all, clusters);
}

/** How many samples changed either way and, where both arms are plain yes and no, McNemar's test of that. */
function changesOf({ values }: Present, from: Arm, to: Arm): Pick<Contrast, 'changed' | 'mcnemarMidP'> {
  const up = values.reduce((count, d) => count + (d > 0 ? 1 : 0), 0);
  const down = values.reduce((count, d) => count + (d < 0 ? 1 : 0), 0);
  const binary = [from, to].every(({ values: { means } }) => means.every((mean) => !(mean > 0 && mean < 1)));
  const plain = binary && from.values.events !== null && to.values.events !== null;
  return { changed: { up, down }, ...(plain ? { mcnemarMidP: mcnemarMidP(up, down) } : {}) };
}

/** As many flips as give p three digits, fewer where there are so many clusters that it would take long. */
function flipsFor(clusters: number): number {
  return Math.max(999, Math.min(9999, Math.floor(4e7 / clusters)));
}

/** The range of the difference over all that the missing trials of both arms could have been. */
function worstCaseOf(comparison: Comparison): Interval {
  return [meanOf(extreme(comparison, 'low').values), meanOf(extreme(comparison, 'high').values)];
}

/** The differences if all that is missing had made them as low, or as high, as it could. */
function extreme({ column, from, to, unseen }: Comparison, end: 'low' | 'high'): Present {
  const other = end === 'low' ? 'high' : 'low';
  const seen = differences(from.values[other], to.values[end], column.table.clusters);
  if (unseen === 0) return seen;
  const n = seen.values.length;
  const values = new Float64Array(n + unseen).fill(widthOf(column.measure) * (end === 'low' ? -1 : 1));
  const clusters = new Int32Array(n + unseen);
  values.set(seen.values);
  clusters.set(seen.clusters);
  // Samples that no trial has named: nothing is known of their clusters either, so each is one.
  for (let i = n; i < clusters.length; i++) clusters[i] = column.table.samples.length + i;
  return { values, clusters };
}

/** Whether the verdict is the same at both ends of the worst case. */
function robust(comparison: Comparison, reached: DifferenceVerdict): boolean {
  const { from, to, unseen, margin, column } = comparison;
  if (unseen === 0 && from.values.missing.trials === 0 && to.values.missing.trials === 0) return true;
  return (['low', 'high'] as const).every(
    (end) => judge(column.measure, extreme(comparison, end), margin).verdict === reached,
  );
}

function widthOf({ range: [bottom, top] }: Measure): number {
  return top - bottom;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
