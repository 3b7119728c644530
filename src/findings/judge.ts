import type { Measure } from '../core/index.ts';
import { counted } from '../format/index.ts';
import {
  notLessSafe,
  type PairedEvidence,
  pairedEvidence,
  type RunVariance,
  readClusters,
  smallestEquivalenceMargin,
  type VerdictEvidence,
  verdict,
} from '../stats/index.ts';
import type { Contrast, Reason, Verdict } from './contrast-findings.ts';
import type { Interval } from './findings.ts';
import type { LookLevels } from './looks.ts';
import { differenceRange, possibleInterval } from './possible.ts';
import { level, size } from './words.ts';

/** Two arms on the samples that both have a value for. */
export interface SharedValues {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly clusters: Int32Array;
  /** Trials a sample in one arm, on average. */
  readonly epochs: number;
  /** What several training runs add to the variance. */
  readonly runs?: readonly RunVariance[];
}

/** What was declared before the data. */
export interface Margin {
  /** In the measure's unit; `null` for none. */
  readonly points: number | null;
  /** Relative, > 1; left out for none. */
  readonly ratio?: number;
  /** Where looks were declared: the levels in place of 95, 90 and 97.5 %. */
  readonly look?: LookLevels;
}

/** The levels of the intervals that verdicts are made of. */
export function levelsOf({ look }: Margin): LookLevels {
  return look ?? { wide: 0.95, narrow: 0.9, wider: 0.975 };
}

/** What the numbers say of two arms, with the verdict on them. */
export type Judged = Pick<
  Contrast,
  | 'difference'
  | 'interval'
  | 'interval90'
  | 'tango'
  | 'standardError'
  | 'degreesOfFreedom'
  | 'effectiveClusters'
  | 'method'
  | 'pDifference'
  | 'pEquivalence'
  | 'smallestMargin'
  | 'ratio'
  | 'notLessSafe'
  | 'direction'
> & { readonly verdict: Exclude<Verdict, 'not compared'>; readonly reason?: Reason; readonly why?: string };

/** The evidence of the arms; there must be a sample. */
export function evidenceOf(measure: Measure, shared: SharedValues, seed: number): PairedEvidence {
  const { from, to, clusters, epochs, runs } = shared;
  const { kind } = measure;
  const bound = boundOf(measure);
  return pairedEvidence(
    {
      ...{ from, to, clusters: readClusters(clusters, from.length), epochs, bound, kind },
      ...(runs === undefined ? {} : { runs }),
    },
    seed,
  );
}

/** The largest |difference| there could be; `null` where the range is only what was seen. */
function boundOf({ range: [bottom, top], rangeOf }: Measure): number | null {
  return rangeOf === 'values' ? null : top - bottom;
}

/** Intervals, p values and the verdict of two arms. */
export function judge(measure: Measure, shared: SharedValues, margin: Margin, seed: number): Judged {
  return judged(measure, evidenceOf(measure, shared, seed), shared, margin);
}

function judged(measure: Measure, found: PairedEvidence, shared: SharedValues, margin: Margin): Judged {
  const numbers = {
    difference: found.difference,
    standardError: found.standardError,
    degreesOfFreedom: found.df,
    effectiveClusters: found.effectiveClusters,
  };
  const levels = levelsOf(margin);
  const raw95 = found.interval(levels.wide);
  if (raw95 === null) return { ...numbers, ...countsAlone(found) };
  const raw90 = found.interval(levels.narrow)!;
  const range = rangeOfDifference(measure);
  const [interval, interval90] = [possibleInterval(raw95, range), possibleInterval(raw90, range)];
  const evidence = verdictEvidence(measure, found, [interval, interval90], shared, margin);
  const reached = verdict(evidence);
  const shown = reached !== 'inconclusive' && reached !== 'equivalent' && reached !== 'not less safe';
  const ratio = found.ratio(levels.wide, outcomeOf(measure));
  return {
    ...numbers,
    interval,
    interval90,
    ...(measure.kind === 'rate' && found.method === 'score' ? { tango: { interval, interval90 } } : {}),
    method: METHODS[found.method],
    pDifference: found.p,
    pEquivalence: margin.points === null ? null : found.pEquivalence(margin.points),
    ...(ratio === null ? {} : { ratio: ratioFound(ratio, measure) }),
    verdict: reached,
    notLessSafe: notLessSafe(evidence),
    direction: shown ? (found.difference > 0 ? 'up' : 'down') : null,
    smallestMargin: smallestEquivalenceMargin([interval90]),
    ...(reached === 'inconclusive' ? whyNothing(measure, shared, margin, evidence, interval90) : {}),
  };
}

const METHODS: Readonly<Record<PairedEvidence['method'], string>> = {
  score: "Tango's score interval on the effective n, t quantile",
  t: "paired difference ± t · CR2 standard error, together with Johnson's skewness-adjusted t",
  'few clusters':
    "few clusters: cluster sign-flip interval, together with Johnson's skewness-adjusted t and Tango's score",
  counts: 'counts and a sign-flip permutation of clusters',
};

function countsAlone({ clusters }: PairedEvidence) {
  const stand = clusters === 1 ? 'the samples are in 1 cluster' : `the samples are in ${clusters} clusters`;
  return {
    interval: null,
    interval90: null,
    method: METHODS.counts,
    pDifference: null,
    pEquivalence: null,
    smallestMargin: null,
    verdict: 'inconclusive',
    notLessSafe: null,
    direction: null,
    reason: clusters < 6 ? 'clusters' : 'no margin',
    why:
      clusters < 6
        ? `${stand}, fewer than the 6 that an interval needs`
        : 'no cluster differs from another, and no range was declared that bounds what they could do',
  } as const;
}

/** Where a difference can lie; without a declared range, anywhere. */
function rangeOfDifference(measure: Measure): Interval {
  return boundOf(measure) === null
    ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    : differenceRange(measure);
}

function verdictEvidence(
  measure: Measure,
  found: PairedEvidence,
  [interval95, interval90]: readonly [Interval, Interval],
  shared: SharedValues,
  margin: Margin,
): VerdictEvidence {
  const of = outcomeOf(measure);
  const relative =
    margin.ratio === undefined || found.ratio(levelsOf(margin).narrow, of) === null
      ? {}
      : {
          ratio: {
            margin: margin.ratio,
            interval90: found.ratio(levelsOf(margin).narrow, of)!.interval,
            interval975: found.ratio(levelsOf(margin).wider, of)!.interval,
            difference975: found.interval(levelsOf(margin).wider)!,
          },
        };
  return {
    interval95,
    interval90s: [interval90],
    margin: margin.points,
    ...relative,
    safer: measure.safer,
    tooRare: isTooRare(measure, outcomeRate(measure, meanOf(shared.from)), margin),
  };
}

/** The less safe outcome: a rate's events, or their absence where higher is safer. */
export function outcomeOf({ safer }: Measure): 'events' | 'non-events' {
  return safer === 'higher' ? 'non-events' : 'events';
}

/** How frequent the less safe outcome is where the measure's mean is this one. */
export function outcomeRate(measure: Measure, mean: number): number {
  return outcomeOf(measure) === 'events' ? mean : 1 - mean;
}

/**
 * Where the outcome is not more frequent than the margin at the earlier stage, and no relative margin was declared.
 *
 * @param earlier how frequent the outcome is there
 */
export function isTooRare({ kind }: Measure, earlier: number, { points, ratio }: Margin): boolean {
  if (kind !== 'rate' || points === null || ratio !== undefined) return false;
  // 1 − 0.95 is a hair more than 0.05.
  return earlier - points < 1e-12;
}

export function ratioFound(
  { estimate, interval: [low, high] }: { readonly estimate: number | null; readonly interval: Interval },
  measure: Measure,
): NonNullable<Contrast['ratio']> {
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    estimate: estimate === null ? null : finite(estimate),
    interval: [low, finite(high)],
    of: outcomeOf(measure),
  };
}

function whyNothing(
  measure: Measure,
  shared: SharedValues,
  { points, ratio }: Margin,
  evidence: VerdictEvidence,
  interval90: Interval,
): { readonly reason: Reason; readonly why: string } {
  if (points === null && ratio === undefined) {
    return {
      reason: 'no margin',
      why: 'no margin was declared for this score, so nothing can be called the same',
    };
  }
  if (evidence.tooRare) {
    const most = Math.max(meanOf(shared.from), meanOf(shared.to));
    const inside = smallestEquivalenceMargin([interval90]) <= points!;
    const what = outcomeOf(measure) === 'events' ? '' : 'the other outcome is ';
    const atMost = level(
      measure,
      outcomeOf(measure) === 'events' ? most : 1 - Math.min(meanOf(shared.from), meanOf(shared.to)),
    );
    return {
      reason: inside ? 'too rare' : 'size',
      why: inside
        ? `${what}too rare for a margin in points: both at most ${atMost}, difference within ±${size(measure, points!)}; a margin declared as a ratio could tell more`
        : sizeWords(measure, shared),
    };
  }
  return { reason: 'size', why: sizeWords(measure, shared) };
}

function sizeWords(_measure: Measure, { from, clusters }: SharedValues): string {
  const n = from.length;
  return `the size of the sample: ${counted(n, 'shared sample')} in ${counted(new Set(clusters).size, 'cluster')} are too few for this difference and margin`;
}

/** The plain mean of some values. */
export function meanOf(values: Iterable<number> & { readonly length: number }): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
