import {
  MINIMUM_CLUSTERS,
  type StratifiedPpiData,
  stratifiedPpiMean,
  stratifiedPpiPaired,
  studentTCdf,
  verdict,
} from '../stats/index.ts';
import type { Contrast, CorrectedFindings, Interval, StageEstimate } from './findings.ts';
import { judgeAccuracy } from './judge-accuracy.ts';
import type { LabelDesign } from './label-design.ts';
import {
  doubtsOf,
  type LabelledArm,
  type Labelling,
  labelledArm,
  labelsOf,
  labelsOfAll,
  onSharedSamples,
} from './labelled-arm.ts';
import { enoughLabels, tooFewAtStage, tooFewLabels } from './labels.ts';
import { differenceRange, errorDifferenceRange, possible, possibleInterval } from './possible.ts';
import type { StagePair } from './stage-chain.ts';

const METHOD =
  'stratified prediction-powered inference: labels weighted by one over their inclusion probability within strata of what the judges say, t quantile, CR2 over clusters, variance smoothed by one error each way a stratum';

/** One rater's findings on a measure, and a human's labels of trials that were picked for that. */
interface DesignedCorrection extends Required<Labelling> {
  /** By stage, in the order of `stages`. */
  readonly judgeEstimates: readonly StageEstimate[];
  /** Stage numbers. */
  readonly stages: readonly number[];
  readonly judgeContrasts: readonly { readonly pair: StagePair; readonly contrast: Contrast }[];
}

/**
 * A rater's estimates and contrasts, corrected by labels that were picked with unequal probabilities. With too few labels
 * to learn its errors from, what the humans say, weighted, alone.
 */
export function correctedByDesign(correction: DesignedCorrection): CorrectedFindings {
  const { human, stages, judgeContrasts } = correction;
  return {
    human: human.rater.id,
    method: METHOD,
    stages: stages.map((_, index) => correctedStage(correction, index)),
    contrasts: judgeContrasts.map((contrast) => correctedContrast(correction, contrast)),
  };
}

type CorrectedStage = CorrectedFindings['stages'][number];

function correctedStage(correction: DesignedCorrection, index: number): CorrectedStage {
  const { judge, human, design, stages, judgeEstimates } = correction;
  const stage = stages[index]!;
  const arm = labelledArm(correction, stage);
  const labels = labelsOf(arm);
  const { id, estimate: raw } = judgeEstimates[index]!;
  const shared = { id, labels: labels.labelled.length, disagreements: labels.disagreements, raw };
  if (labels.labelled.length === 0) {
    const accuracy = judgeAccuracy(judge, human, stage);
    return { ...shared, ...accuracy, ...NOTHING, why: 'humans labelled nothing here' };
  }
  const enough = enoughLabels(labels);
  const [bottom, top] = judge.measure.range;
  const found = stratifiedPpiMean(arm, { pseudoError: top - bottom, ...(enough ? {} : { lambda: 0 }) });
  const why = [enough ? null : tooFewAtStage(labels), ...doubtsOf(found.thin, arm, design)].filter(Boolean);
  return {
    ...shared,
    ...judgeAccuracy(judge, human, stage, { stratum: design.stratum, weightOf: weightsOf(arm) }),
    estimate: found.estimate === null ? null : possible(found.estimate, judge.measure.range),
    interval: found.interval && possibleInterval(found.interval, judge.measure.range),
    lambda: enough && found.estimate !== null ? found.lambda : null,
    strata: strataOf(arm, design),
    ...(why.length === 0 ? {} : { why: why.join('; ') }),
  };
}

const NOTHING = { estimate: null, interval: null, lambda: null } as const;

/** How many trials each label stands for: the size of its stratum over the labels there. */
function weightsOf({ human, strata }: LabelledArm): (stratum: number) => number {
  const sizes = new Map<number, number>();
  const labels = new Map<number, number>();
  Array.from(strata).forEach((stratum, i) => {
    sizes.set(stratum, (sizes.get(stratum) ?? 0) + 1);
    if (!Number.isNaN(human[i]!)) labels.set(stratum, (labels.get(stratum) ?? 0) + 1);
  });
  return (stratum) => sizes.get(stratum)! / labels.get(stratum)!;
}

function strataOf(
  { human, judge, strata }: LabelledArm,
  design: LabelDesign,
): CorrectedStage['strata'] & object {
  const places = [...new Set(Array.from(strata))].sort((a, b) => a - b);
  return places.map((place) => {
    const members = Array.from(human.keys()).filter((i) => strata[i] === place);
    const labelled = members.filter((i) => !Number.isNaN(human[i]!));
    const { says } = design.strata[place]!;
    return {
      says,
      trials: members.length,
      labels: labelled.length,
      disagreements: labelled.filter((i) => human[i] !== judge[i]).length,
    };
  });
}

type CorrectedContrast = CorrectedFindings['contrasts'][number];

const NO_ERRORS = { errorDifference: null, errorInterval: null, errorP: null } as const;

function correctedContrast(
  correction: DesignedCorrection,
  { pair, contrast }: DesignedCorrection['judgeContrasts'][number],
): CorrectedContrast {
  const ends = { from: contrast.from, to: contrast.to };
  const arms = onSharedSamples(pair.map((stage) => labelledArm(correction, stage)));
  const [from, to] = arms as [LabelledArm, LabelledArm];
  const known = labelsOfAll(arms);
  const refused = (why: string | undefined): CorrectedContrast => ({
    ...ends,
    difference: null,
    interval: null,
    verdict: 'not compared',
    ...NO_ERRORS,
    ...(why === undefined ? {} : { why }),
  });
  if (contrast.verdict === 'not compared') return refused(contrast.why);
  if (known.labelled.length === 0) return refused('humans labelled one of them only');
  const enough = enoughLabels(known);
  const { measure } = correction.judge;
  const [bottom, top] = measure.range;
  const range = differenceRange(measure);
  const options = { pseudoError: top - bottom, ...(enough ? {} : { lambda: 0 }) };
  const wide = stratifiedPpiPaired({ from, to }, options);
  const errors = errorsOf(from, to, errorDifferenceRange(measure));
  const why = [enough ? null : tooFewLabels(known), ...doubtsOf(wide.thin, from, correction.design)].filter(
    Boolean,
  );
  const difference = wide.estimate === null ? null : possible(wide.estimate, range);
  const found = { ...ends, difference, ...errors };
  const clusters = new Set(Array.from(from.clusters)).size;
  if (wide.interval === null || clusters < MINIMUM_CLUSTERS) {
    const reason = [...why, ...(clusters < MINIMUM_CLUSTERS ? ['too few clusters for an interval'] : [])];
    return { ...found, interval: null, verdict: 'inconclusive', why: reason.join('; ') };
  }
  const narrow = stratifiedPpiPaired({ from, to }, { ...options, level: 0.9 });
  const { margin } = contrast;
  return {
    ...found,
    interval: possibleInterval(wide.interval, range),
    verdict: verdict({ interval95: wide.interval, interval90s: [narrow.interval!], margin }),
    ...(why.length === 0 ? {} : { why: why.join('; ') }),
  };
}

/** The judge's mean error (judge − human) in each arm, weighted, and whether it is the same. */
function errorsOf(
  from: LabelledArm,
  to: LabelledArm,
  range: Interval,
): Pick<CorrectedContrast, 'errorDifference' | 'errorInterval' | 'errorP' | 'meanErrors'> {
  const errors = { from: asErrors(from), to: asErrors(to) };
  const [before, after] = [stratifiedPpiMean(errors.from).estimate, stratifiedPpiMean(errors.to).estimate];
  const { estimate, standardError, df, interval } = stratifiedPpiPaired(errors);
  if (before === null || after === null || estimate === null) return NO_ERRORS;
  const meanErrors = { from: before, to: after };
  if (standardError === null) return { ...NO_ERRORS, errorDifference: estimate, meanErrors };
  return {
    errorDifference: estimate,
    errorInterval: possibleInterval(interval!, range),
    errorP:
      standardError === 0
        ? Number(estimate === 0)
        : 2 * studentTCdf(-Math.abs(estimate) / standardError, df!),
    meanErrors,
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
