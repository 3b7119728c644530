import { keptIn } from '../core/kept-in.ts';
import { mcnemarMidP, signFlip } from '../stats/index.ts';
import type { Contrast } from './contrast-findings.ts';
import { unfairness } from './fairness.ts';
import type { Interval } from './findings.ts';
import { evidenceOf, type Judged, judge, type Margin, meanOf, type SharedValues } from './judge.ts';
import type { LookLevels, SeenNow } from './looks.ts';
import {
  type LostAnswers,
  lostAnswersInNumbers,
  verdictUnderBounds,
  withLostAnswers,
} from './missing-answers.ts';
import type { RatingColumn } from './rating-column.ts';
import { type Runs, runsOf } from './replicates.ts';
import type { StageValues } from './stage-values.ts';
import { verdictInWords } from './words.ts';

/** What is compared: a measure as one rater sees it, at two stages. */
export interface ComparedArms {
  readonly column: RatingColumn;
  readonly from: ContrastArm;
  readonly to: ContrastArm;
  /** Samples of the plan that no trial has named. */
  readonly unseen: number;
  readonly margin: Margin;
  readonly marginSource: Contrast['marginSource'];
  readonly seed: number;
  /** Where looks were declared: the levels that are left for this comparison, by what it rests on now. */
  readonly levelsAt?: (now: SeenNow) => LookLevels;
}

export interface ContrastArm {
  /** The stage's number, id and title. */
  readonly stage: number;
  readonly id: string;
  readonly title: string;
  /** What the study tells this stage alone; empty: nothing. */
  readonly system: string;
  readonly values: StageValues;
}

/** The paired contrast of two stages, with its verdict; refused where the arms were not treated alike. */
export function contrastOf(comparison: ComparedArms): Contrast {
  const { from, to, column } = comparison;
  const shared = sharedValues(comparison);
  const said = { ...factsOf(comparison, shared), ...evidence(comparison, shared) };
  const words = verdictInWords(column.measure, { from: from.title, to: to.title }, said);
  const contrast = { ...said, words };
  if (contrast.difference !== null) noteDifferences(contrast, clusterSumsOf(column, shared));
  return contrast;
}

/** Of each contrast that was made, its differences by cluster. */
const differences = new WeakMap<Contrast, ClusterDifferences>();

/** The sums of a contrast's differences in the clusters of its eval. */
export interface ClusterDifferences {
  readonly eval: string;
  readonly sums: Float64Array;
}

/** Says what is compared in a contrast that is made of another one. */
export function noteDifferences(contrast: Contrast, found: ClusterDifferences): void {
  differences.set(contrast, found);
}

/** What was compared in a contrast, by cluster; `undefined` where nothing was. */
export function differencesOf(contrast: Contrast): ClusterDifferences | undefined {
  return differences.get(contrast);
}

function clusterSumsOf({ table }: RatingColumn, { from, to, clusters }: SharedValues): ClusterDifferences {
  const sums = new Float64Array(clusterCount(table));
  for (let i = 0; i < from.length; i++) sums[clusters[i]!]! += to[i]! - from[i]!;
  return { eval: table.info.id, sums };
}

export function clusterCount({ clusters }: RatingColumn['table']): number {
  return clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
}

/** The difference and its verdict alone, for looking at many at once. */
export function comparedBriefly(comparison: ComparedArms): Pick<Contrast, 'difference' | 'verdict'> {
  const { column, from, to, seed } = comparison;
  const shared = sharedValues(comparison);
  if (shared.from.length === 0 || unfairness(column, from.stage, to.stage) !== null)
    return { difference: null, verdict: 'not compared' };
  const { difference, verdict } = judge(column.measure, shared, marginNow(comparison, shared), seed);
  return { difference, verdict };
}

type Facts = Pick<
  Contrast,
  'from' | 'to' | 'n' | 'clusters' | 'unpaired' | 'margin' | 'marginSource' | 'ratioMargin'
>;
type ContrastEvidence = Omit<Contrast, keyof Facts | 'words'>;

const NOT_COMPARED = {
  difference: null,
  interval: null,
  interval90: null,
  standardError: null,
  degreesOfFreedom: null,
  effectiveClusters: null,
  pDifference: null,
  pEquivalence: null,
  smallestMargin: null,
  worstCase: null,
  robustToMissing: null,
  notLessSafe: null,
  direction: null,
  method: 'none',
  verdict: 'not compared',
} as const;

function factsOf(
  { from, to, margin, marginSource }: ComparedArms,
  { from: values, clusters }: SharedValues,
): Facts {
  return {
    from: from.id,
    to: to.id,
    n: values.length,
    clusters: new Set(clusters).size,
    unpaired: { from: valued(from) - values.length, to: valued(to) - values.length },
    margin: margin.points,
    marginSource,
    ...(margin.ratio === undefined ? {} : { ratioMargin: margin.ratio }),
  };
}

function evidence(comparison: ComparedArms, shared: SharedValues): ContrastEvidence {
  const { column, from, to, seed } = comparison;
  const { measure } = column;
  if (shared.from.length === 0) {
    return { ...NOT_COMPARED, reason: 'no data', why: 'no sample has a value in both' };
  }
  const unfair = unfairness(column, from.stage, to.stage);
  if (unfair !== null) return { ...NOT_COMPARED, reason: 'unfair', why: unfair };
  const margin = marginNow(comparison, shared);
  const d = Float64Array.from(shared.from, (value, i) => shared.to[i]! - value);
  const clusters = new Set(shared.clusters).size;
  const flip = signFlip(d, shared.clusters, { flips: flipsFor(clusters), seed });
  const raw = judge(measure, shared, margin, seed);
  const lost = lostAnswers(comparison);
  const judged = withLostAnswers(raw, lost, seed, (missing) =>
    verdictUnderBounds(measure, margin, missing, seed),
  );
  return {
    ...changesOf(d, from, to),
    ...runsSeen(comparison),
    ...lostAnswersInNumbers(measure, raw, margin, lost, seed),
    signFlip: flip,
    worstCase: worstCaseOf(comparison),
    ...judged,
    ...conditionOf(judged.condition, from, to),
    // With counts alone the sign-flip test is all there is.
    pDifference: judged.pDifference ?? flip.p,
    robustToMissing: judged.interval === null ? null : robust(comparison, margin, raw),
    ...(margin.look === undefined ? {} : { level: margin.look.wide }),
  };
}

/** The margin with the levels that the looks leave for what this comparison rests on. */
function marginNow({ column, margin, seed, ...comparison }: ComparedArms, shared: SharedValues): Margin {
  if (comparison.levelsAt === undefined) return margin;
  const { standardError } = evidenceOf(column.measure, shared, seed);
  return { ...margin, look: comparison.levelsAt({ values: valuesIn(comparison), standardError }) };
}

/** Trials with a value, of both stages. */
export function valuesIn({ from, to }: Pick<ComparedArms, 'from' | 'to'>): number {
  return from.values.trials + to.values.trials;
}

/** What the verdict rests on beside the answers: whether the study told both stages the same. */
export function conditionOf(
  condition: string | undefined,
  from: ContrastArm,
  to: ContrastArm,
): Pick<Contrast, 'condition'> {
  const told =
    'The study gives the two different system prompts, so what they are told may be the whole difference.';
  const said = [condition, from.system === to.system ? undefined : told].filter((one) => one !== undefined);
  return said.length === 0 ? {} : { condition: said.join(' ') };
}

/** The samples that have a value in both arms. */
function sharedValues(comparison: ComparedArms): SharedValues {
  const { from, to } = comparison;
  return together(comparison, from.values.means, to.values.means);
}

/** The runs of each comparison: read once, and needed for the bounds of what is missing too. */
const runsKnown = new WeakMap<ComparedArms, { readonly runs: Runs | undefined }>();

function runsIn(comparison: ComparedArms): Runs | undefined {
  const { column, from, to } = comparison;
  return keptIn(runsKnown, comparison, () => ({ runs: runsOf(column, from.stage, to.stage) })).runs;
}

/** The difference of each run, and how far these are spread; of unpaired runs the spread alone, as if each arm had one. */
function runsSeen(comparison: ComparedArms): Pick<Contrast, 'runs'> {
  const runs = runsIn(comparison);
  if (runs === undefined) return {};
  const spread = runs.variances.reduce((sum, { standardDeviation }) => sum + standardDeviation ** 2, 0);
  return { runs: { values: runs.byRun ?? [], standardDeviation: Math.sqrt(spread) } };
}

/** Samples that have a value. */
function valued({ values }: ContrastArm): number {
  return values.means.reduce((count, mean) => count + (Number.isNaN(mean) ? 0 : 1), 0);
}

/** Trials a sample in one arm, on average. */
function epochsOf(from: ContrastArm, to: ContrastArm): number {
  const samples = valued(from) + valued(to);
  return samples === 0 ? 1 : Math.max(1, (from.values.trials + to.values.trials) / samples);
}

function together(comparison: ComparedArms, from: Float64Array, to: Float64Array): SharedValues {
  const { table } = comparison.column;
  const runs = runsIn(comparison);
  const kept = {
    from: new Float64Array(from.length),
    to: new Float64Array(from.length),
    clusters: new Int32Array(from.length),
  };
  let count = 0;
  for (let sample = 0; sample < from.length; sample++) {
    if (Number.isNaN(from[sample]) || Number.isNaN(to[sample])) continue;
    kept.from[count] = from[sample]!;
    kept.to[count] = to[sample]!;
    kept.clusters[count] = table.clusters[sample]!;
    count++;
  }
  return {
    from: kept.from.subarray(0, count),
    to: kept.to.subarray(0, count),
    clusters: kept.clusters.subarray(0, count),
    epochs: epochsOf(comparison.from, comparison.to),
    ...(runs === undefined ? {} : { runs: runs.variances }),
  };
}

/** The answers that were lost of samples that at least one arm was asked; `undefined` for none. */
export function lostAnswers(comparison: ComparedArms): LostAnswers | undefined {
  const { from, to } = comparison;
  const asked = (values: Float64Array) =>
    values.map((value, sample) =>
      from.values.begun[sample] === 1 || to.values.begun[sample] === 1 ? value : Number.NaN,
    );
  const { runs: _, ...absent } = together(comparison, asked(from.values.absent), to.values.absent);
  if (absent.from.every((share) => share === 0) && absent.to.every((share) => share === 0)) return undefined;
  return {
    absent,
    low: together(comparison, asked(from.values.high), to.values.low),
    high: together(comparison, asked(from.values.low), to.values.high),
  };
}

/** How many samples changed either way and, where both arms are plain yes and no, McNemar's test of that. */
function changesOf(
  d: Float64Array,
  from: ContrastArm,
  to: ContrastArm,
): Pick<Contrast, 'changed' | 'mcnemarMidP'> {
  const up = d.reduce((count, one) => count + (one > 0 ? 1 : 0), 0);
  const down = d.reduce((count, one) => count + (one < 0 ? 1 : 0), 0);
  const binary = [from, to].every(({ values: { means } }) => means.every((mean) => !(mean > 0 && mean < 1)));
  const plain = binary && from.values.events !== null && to.values.events !== null;
  return { changed: { up, down }, ...(plain ? { mcnemarMidP: mcnemarMidP(up, down) } : {}) };
}

/** As many flips as give p three digits, fewer where there are so many clusters that it would take long. */
function flipsFor(clusters: number): number {
  return Math.max(999, Math.min(9999, Math.floor(4e7 / clusters)));
}

/** The range of the difference over all that the missing trials of both arms could have been. */
function worstCaseOf(comparison: ComparedArms): Interval {
  const at = (end: 'low' | 'high') => {
    const { from, to } = extreme(comparison, end);
    return meanOf(to.map((value, i) => value - from[i]!));
  };
  return [at('low'), at('high')];
}

/** The arms if all that is missing had made the difference as low, or as high, as it could. */
function extreme(comparison: ComparedArms, end: 'low' | 'high'): SharedValues {
  const { column, from, to, unseen } = comparison;
  const other = end === 'low' ? 'high' : 'low';
  const seen = together(comparison, from.values[other], to.values[end]);
  if (unseen === 0) return seen;
  const n = seen.from.length;
  const [bottom, top] = column.measure.range;
  const arm = (values: Float64Array, filled: number) => {
    const all = new Float64Array(n + unseen).fill(filled);
    all.set(values);
    return all;
  };
  const clusters = new Int32Array(n + unseen);
  clusters.set(seen.clusters);
  // Samples that no trial has named: nothing is known of their clusters either, so each is one.
  for (let i = n; i < clusters.length; i++) clusters[i] = column.table.samples.length + i;
  return {
    from: arm(seen.from, end === 'low' ? top : bottom),
    to: arm(seen.to, end === 'low' ? bottom : top),
    clusters,
    epochs: seen.epochs,
    ...(seen.runs === undefined ? {} : { runs: seen.runs }),
  };
}

/** Whether the verdict is the same at both ends of the worst case. */
function robust(comparison: ComparedArms, margin: Margin, reached: Judged): boolean {
  const { from, to, unseen, column, seed } = comparison;
  if (unseen === 0 && from.values.missing.trials === 0 && to.values.missing.trials === 0) return true;
  return (['low', 'high'] as const).every(
    (end) => judge(column.measure, extreme(comparison, end), margin, seed).verdict === reached.verdict,
  );
}
