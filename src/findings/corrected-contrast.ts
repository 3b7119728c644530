import { definedOnly } from '../core/defined-only.ts';
import {
  countRuns,
  MINIMUM_CLUSTERS,
  notLessSafe,
  type RunVariance,
  type StratifiedPpiData,
  type StratifiedPpiEstimate,
  signFlip,
  smallestEquivalenceMargin,
  stratifiedPpiMean,
  stratifiedPpiPaired,
  stratifiedPpiRates,
  studentTCdf,
  studentTQuantile,
  type VerdictEvidence,
  verdict,
} from '../stats/index.ts';
import {
  type ClusterDifferences,
  type ComparedArms,
  clusterCount,
  conditionOf,
  differencesOf,
  lostAnswers,
  valuesIn,
} from './contrast.ts';
import type { Contrast, Verdict } from './contrast-findings.ts';
import { ANY_RATIO, type RatioAt, ratioOf } from './corrected-ratio.ts';
import type { Interval } from './findings.ts';
import { isTooRare, levelsOf, type Margin, outcomeRate, ratioFound } from './judge.ts';
import type { CorrectedContrast } from './label-findings.ts';
import {
  armsOnSharedSamples,
  type LabelledArm,
  type Labelling,
  labelsOfAll,
  remarksOn,
  whyNotCorrected,
} from './labelled-arm.ts';
import { enoughLabels, tooFewLabels } from './labels.ts';
import { type LostAnswers, withLostAnswers } from './missing-answers.ts';
import { differenceRange, errorDifferenceRange, possible, possibleInterval } from './possible.ts';
import { runsOf } from './replicates.ts';

/** A judge's contrast of two stages, to be corrected. */
interface JudgedContrast {
  readonly comparison: ComparedArms;
  readonly contrast: Contrast;
  /** What the human's own values say, where every trial of both stages has a label. */
  readonly byHuman?: Contrast;
}

const NO_ERRORS = { errorDifference: null, errorInterval: null, errorP: null } as const;

const NOT_CORRECTED = {
  difference: null,
  interval: null,
  interval90: null,
  standardError: null,
  degreesOfFreedom: null,
  pDifference: null,
  pEquivalence: null,
  smallestMargin: null,
  verdict: 'not compared',
  notLessSafe: null,
  direction: null,
} as const;

/** A judge's contrast of two stages corrected by a human's labels, and whether the judge errs alike in both. */
export function correctedContrast(
  labelling: Labelling,
  { comparison, contrast, byHuman }: JudgedContrast,
): CorrectedContrast {
  const { from, to, seed } = comparison;
  const { measure } = labelling.judge;
  const ends = { from: contrast.from, to: contrast.to };
  const arms = armsOnSharedSamples(labelling, [from.stage, to.stage]) as [LabelledArm, LabelledArm];
  const known = labelsOfAll(arms);
  const facts = { ...ends, ...known };
  const refused = (why: string | undefined): CorrectedContrast => ({
    ...facts,
    ...NOT_CORRECTED,
    ...NO_ERRORS,
    ...definedOnly({ why }),
  });
  if (contrast.verdict === 'not compared') return refused(contrast.why);
  if (known.labels === 0) return refused('nothing of one of them was labelled');
  const refusal = whyNotCorrected(arms);
  if (refusal !== null) return { ...refused(refusal), reason: 'labels' };
  const errors = errorsOf(arms, errorDifferenceRange(measure), seed);
  if (byHuman !== undefined) {
    const whole = { ...facts, ...valuesOf(byHuman), ...errors, remark: 'every sample was labelled' };
    return noted(whole, differencesOf(byHuman));
  }
  const enough = enoughLabels(known);
  const remarks = [...(enough ? [] : [tooFewLabels(known)]), ...remarksOn(arms, measure)];
  const remark = remarks.length === 0 ? {} : { remark: remarks.join('; ') };
  const runs = runsOf(labelling.judge, from.stage, to.stage)?.variances ?? [];
  const estimatesAt = (at: Margin) => estimatesOf(arms, labelling, enough, { runs, levels: levelsOf(at) });
  const usual = estimatesAt(comparison.margin);
  const margin = marginNow(comparison, usual);
  const found = margin === comparison.margin ? usual : estimatesAt(margin);
  const difference =
    found.wide.estimate === null ? null : possible(found.wide.estimate, differenceRange(measure));
  const clusters = new Set(arms[0].clusters).size;
  if (found.wide.interval === null || clusters < MINIMUM_CLUSTERS) {
    const why = clusters < MINIMUM_CLUSTERS ? 'too few clusters for an interval' : 'too few labels';
    return { ...refused(why), difference, verdict: 'inconclusive', ...errors, ...remark };
  }
  const judged = judgedOf({ ...comparison, margin }, contrast, known.labels, found);
  const lost = lostAnswers(comparison);
  const said = withLostAnswers(judged.said, lost, seed, (missing) => judged.underBounds(missing));
  const condition = conditionOf(said.condition, from, to);
  const level = margin.look === undefined ? {} : { level: margin.look.wide };
  const whole = { ...facts, ...said, ...level, ...condition, ...errors, ...remark };
  return noted(whole, clusterSums(labelling, found.wide));
}

/** The margin with the levels that the looks leave for what the correction rests on. */
function marginNow(comparison: ComparedArms, { wide: { standardError } }: CorrectedEstimates): Margin {
  const { margin, levelsAt } = comparison;
  if (levelsAt === undefined || standardError === null) return margin;
  return { ...margin, look: levelsAt({ values: valuesIn(comparison), standardError }) };
}

/** Of each corrected contrast that has an interval, its differences by cluster, for the family's sign flips. */
const differences = new WeakMap<CorrectedContrast, ClusterDifferences>();

/** What a corrected contrast is made of, by cluster; `undefined` where nothing is corrected. */
export function correctedDifferencesOf(contrast: CorrectedContrast): ClusterDifferences | undefined {
  return differences.get(contrast);
}

function noted(contrast: CorrectedContrast, found: ClusterDifferences | undefined): CorrectedContrast {
  if (found !== undefined) differences.set(contrast, found);
  return contrast;
}

function clusterSums(
  { judge: { table } }: Labelling,
  { sums: found }: StratifiedPpiEstimate,
): ClusterDifferences {
  const sums = new Float64Array(clusterCount(table));
  for (const [cluster, sum] of found) sums[cluster as number] = sum;
  return { eval: table.info.id, sums };
}

/** What a verdict rests on and comes to, of a contrast as rated or as corrected. */
export function valuesOf(contrast: Said): Said {
  const { difference, interval, interval90, standardError, degreesOfFreedom, pDifference } = contrast;
  const { pEquivalence, smallestMargin, verdict, notLessSafe, direction } = contrast;
  const { ratio, level, reason, condition, why } = contrast;
  return {
    ...{ difference, interval, interval90, standardError, degreesOfFreedom, pDifference },
    ...{ pEquivalence, smallestMargin, verdict, notLessSafe, direction },
    ...definedOnly({ ratio, level, reason, condition, why }),
  };
}

interface CorrectedEstimates {
  readonly wide: StratifiedPpiEstimate;
  /** At 90 and at 97.5 %. */
  readonly narrow: StratifiedPpiEstimate;
  readonly wider: StratifiedPpiEstimate;
  /** The corrected mean of the earlier stage. */
  readonly earlier: number | null;
  /** What hardly any label tells of could move the difference by so much. */
  readonly slack: number;
  /** How many times as frequent the outcome is; `null` for scores. */
  readonly ratio: RatioAt | null;
}

function estimatesOf(
  [from, to]: readonly [LabelledArm, LabelledArm],
  { judge }: Labelling,
  enough: boolean,
  { runs, levels }: { readonly runs: readonly RunVariance[]; readonly levels: ReturnType<typeof levelsOf> },
): CorrectedEstimates {
  const [bottom, top] = judge.measure.range;
  const options = { pseudoError: top - bottom, ...(enough ? {} : { lambda: 0 }) };
  const alone = stratifiedPpiPaired({ from, to }, { ...options, level: levels.wide });
  const at = (level: number) =>
    withRuns(stratifiedPpiPaired({ from, to }, { ...options, level }), level, runs);
  const wide = at(levels.wide);
  const rates = judge.measure.kind === 'rate' ? stratifiedPpiRates({ from, to }, options) : null;
  return {
    wide,
    ratio: rates && ratioOf(rates, judge.measure, [from.slack, to.slack], [alone, wide]),
    narrow: at(levels.narrow),
    wider: at(levels.wider),
    earlier: stratifiedPpiMean(from, options).estimate,
    slack: from.slack + to.slack,
  };
}

/** The estimate with the variance that training runs add, as the judge's values show it. */
function withRuns(
  found: StratifiedPpiEstimate,
  level: number,
  runs: readonly RunVariance[],
): StratifiedPpiEstimate {
  const { estimate, standardError, df, interval } = found;
  if (runs.length === 0 || estimate === null || standardError === null || df === null || interval === null)
    return found;
  const whole = countRuns({ variance: standardError ** 2, df }, runs);
  const reach = studentTQuantile((1 + level) / 2, whole.df) * Math.sqrt(whole.variance);
  return {
    ...found,
    standardError: Math.sqrt(whole.variance),
    df: whole.df,
    interval: [Math.min(interval[0], estimate - reach), Math.max(interval[1], estimate + reach)],
  };
}

type Said = Omit<
  CorrectedContrast,
  'from' | 'to' | 'labels' | 'disagreements' | 'remark' | 'meanErrors' | keyof typeof NO_ERRORS
>;

/** The verdict of a correction that has an interval, and what it would be had lost answers moved the difference. */
function judgedOf(
  { column: { measure }, margin }: ComparedArms,
  contrast: Contrast,
  labels: number,
  { wide, narrow, wider, earlier, slack, ratio }: CorrectedEstimates,
): { readonly said: Said; readonly underBounds: (lost: LostAnswers) => Verdict } {
  const levels = levelsOf(margin);
  const range = differenceRange(measure);
  const within = (interval: Interval, [below, above]: Interval = [0, 0]): Interval =>
    possibleInterval([interval[0] - slack + below, interval[1] + slack + above], range);
  const evidenceAt = (shift?: Interval): VerdictEvidence => ({
    interval95: within(wide.interval!, shift),
    interval90s: [within(narrow.interval!, shift)],
    margin: margin.points,
    ...(margin.ratio === undefined
      ? {}
      : {
          ratio: {
            margin: margin.ratio,
            interval90: ratio?.(levels.narrow, shift).interval ?? ANY_RATIO,
            interval975: ratio?.(levels.wider, shift).interval ?? ANY_RATIO,
            difference975: within(wider.interval!, shift),
          },
        }),
    safer: measure.safer,
    tooRare: earlier !== null && isTooRare(measure, outcomeRate(measure, earlier), margin),
  });
  const evidence = evidenceAt();
  const reached = verdict(evidence);
  const [estimate, error, df] = [wide.estimate!, wide.standardError!, wide.df!];
  const shown = !['inconclusive', 'equivalent', 'not less safe'].includes(reached);
  return {
    said: {
      difference: possible(estimate, range),
      interval: evidence.interval95,
      interval90: evidence.interval90s[0]!,
      standardError: error,
      degreesOfFreedom: df,
      pDifference: Math.min(1, 2 * oneSided(Math.abs(estimate) - slack, error, df)),
      pEquivalence:
        margin.points === null ? null : oneSided(margin.points - Math.abs(estimate) - slack, error, df),
      smallestMargin: smallestEquivalenceMargin(evidence.interval90s),
      ...(ratio === null ? {} : { ratio: ratioFound(ratio(levels.wide), measure) }),
      verdict: reached,
      notLessSafe: notLessSafe(evidence),
      direction: shown ? (estimate > 0 ? 'up' : 'down') : null,
      ...(reached === 'inconclusive' ? whyNothing(contrast, labels, margin, evidence) : {}),
    },
    underBounds: ({ low, high }) => {
      const raw = contrast.difference ?? 0;
      return verdict(
        evidenceAt([Math.min(0, meanDifference(low) - raw), Math.max(0, meanDifference(high) - raw)]),
      );
    },
  };
}

/** Of "no more than 0", where so much more was seen. */
function oneSided(more: number, error: number, df: number): number {
  return error === 0 ? Number(more <= 0) : studentTCdf(-more / error, df);
}

function meanDifference({ from, to }: LostAnswers['low']): number {
  return from.reduce((sum, value, i) => sum + to[i]! - value, 0) / from.length;
}

function whyNothing(
  raw: Contrast,
  labels: number,
  { points, ratio }: ComparedArms['margin'],
  { tooRare, interval90s }: VerdictEvidence,
): Pick<Said, 'reason' | 'why'> {
  if (points === null && ratio === undefined)
    return {
      reason: 'no margin',
      why: 'no margin was declared for this score, so nothing can be called the same',
    };
  if (tooRare && smallestEquivalenceMargin(interval90s) <= points!)
    return {
      reason: 'too rare',
      why: 'too rare for a margin in points; a margin declared as a ratio could tell more',
    };
  const few = `${labels} labels at the stage that has fewest`;
  return raw.verdict === 'inconclusive'
    ? {
        reason: 'size',
        why: `the size of the sample, and ${few}, are too few for this difference and margin`,
      }
    : {
        reason: 'labels',
        why: `with the rater's errors counted, ${few} are too few for this difference and margin`,
      };
}

/** The judge's mean error (judge − human) in each arm, weighted, and whether it is the same. */
function errorsOf(
  [from, to]: readonly [LabelledArm, LabelledArm],
  range: Interval,
  seed: number,
): Pick<CorrectedContrast, 'errorDifference' | 'errorInterval' | 'errorP' | 'meanErrors'> {
  const errors = { from: asErrors(from), to: asErrors(to) };
  const [before, after] = [stratifiedPpiMean(errors.from).estimate, stratifiedPpiMean(errors.to).estimate];
  const { estimate, standardError, df, interval, sums } = stratifiedPpiPaired(errors);
  if (before === null || after === null || estimate === null) return NO_ERRORS;
  const found = { errorDifference: estimate, meanErrors: { from: before, to: after } };
  if (standardError === null) return { ...NO_ERRORS, ...found };
  if (sums.size < MINIMUM_CLUSTERS) {
    const d = Float64Array.from(sums.values());
    const { p } = signFlip(d, Int32Array.from(d.keys()), { flips: 9999, seed });
    return { ...found, errorInterval: null, errorP: p };
  }
  return {
    ...found,
    errorInterval: possibleInterval(interval!, range),
    errorP:
      standardError === 0
        ? Number(estimate === 0)
        : 2 * studentTCdf(-Math.abs(estimate) / standardError, df!),
  };
}

/** The judge's error where it is known, as what is to be estimated, with nothing to predict it by. */
function asErrors(arm: LabelledArm): StratifiedPpiData {
  return {
    ...arm,
    human: arm.human.map((value, i) => arm.judge[i]! - value),
    judge: new Float64Array(arm.judge.length),
  };
}
