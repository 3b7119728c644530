import {
  MINIMUM_CLUSTERS,
  type StratifiedPpiData,
  type StratifiedPpiEstimate,
  stratifiedPpiMean,
  stratifiedPpiPaired,
  studentTCdf,
  verdict,
} from '../stats/index.ts';
import type { Contrast, CorrectedFindings, Interval, StageEstimate } from './findings.ts';
import { judgeAccuracy } from './judge-accuracy.ts';
import type { LabelDesign } from './label-design.ts';
import { enoughLabels, tooFewLabels } from './labels.ts';
import type { RatingColumn } from './rating-column.ts';
import type { StagePair } from './stage-chain.ts';
import { firstCell } from './trial-table.ts';
import { counted, listed } from './words.ts';

const METHOD =
  'stratified prediction-powered inference: labels weighted by one over their inclusion probability within strata of what the judges say, t quantile, CR2 over clusters, variance smoothed by one error each way a stratum';

/** One rater's findings on a measure, and a human's labels of trials that were picked for that. */
export interface DesignedCorrection {
  readonly judge: RatingColumn;
  readonly human: RatingColumn;
  readonly design: LabelDesign;
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

/** The trials of a stage that the judge rated and that could have been picked. */
interface Arm extends StratifiedPpiData {
  readonly judge: Float64Array;
  readonly human: Float64Array;
  readonly samples: Int32Array;
  /** Trials that the judge rated and that could not be picked. */
  readonly strangers: number;
}

function armOf({ judge, human, design }: DesignedCorrection, stage: number): Arm {
  const { table } = judge;
  const start = firstCell(table, stage, 0);
  const all = Array.from({ length: firstCell(table, stage + 1, 0) - start }, (_, i) => start + i);
  const rated = all.filter((cell) => !Number.isNaN(judge.values[cell]!));
  const cells = rated.filter((cell) => design.stratum[cell]! >= 0);
  const samples = Int32Array.from(cells, (cell) => Math.floor((cell - start) / table.epochs));
  return {
    judge: Float64Array.from(cells, (cell) => judge.values[cell]!),
    human: Float64Array.from(cells, (cell) => human.values[cell]!),
    strata: Int32Array.from(cells, (cell) => design.stratum[cell]!),
    samples,
    clusters: samples.map((sample) => table.clusters[sample]!),
    strangers: rated.length - cells.length,
  };
}

/** The labels of an arm, and those on which the judge is wrong; as `enoughLabels` wants them. */
function labelsOf({ human, judge }: Arm): { labelled: readonly number[]; disagreements: number } {
  const labelled = Array.from(human.keys()).filter((i) => !Number.isNaN(human[i]!));
  return { labelled, disagreements: labelled.filter((i) => human[i] !== judge[i]).length };
}

type CorrectedStage = CorrectedFindings['stages'][number];

function correctedStage(correction: DesignedCorrection, index: number): CorrectedStage {
  const { judge, human, design, stages, judgeEstimates } = correction;
  const stage = stages[index]!;
  const arm = armOf(correction, stage);
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
  const clip = (value: number) => Math.min(top, Math.max(bottom, value));
  const why = [enough ? null : tooFewLabels(labels), ...doubts(found, arm, design)].filter(Boolean);
  return {
    ...shared,
    ...judgeAccuracy(judge, human, stage, { stratum: design.stratum, weightOf: weightsOf(arm) }),
    estimate: found.estimate === null ? null : clip(found.estimate),
    interval: found.interval && [clip(found.interval[0]), clip(found.interval[1])],
    lambda: enough && found.estimate !== null ? found.lambda : null,
    strata: strataOf(arm, design),
    ...(why.length === 0 ? {} : { why: why.join('; ') }),
  };
}

const NOTHING = { estimate: null, interval: null, lambda: null } as const;

/** How many trials each label stands for: the size of its stratum over the labels there. */
function weightsOf({ human, strata }: Arm): (stratum: number) => number {
  const sizes = new Map<number, number>();
  const labels = new Map<number, number>();
  Array.from(strata as Int32Array).forEach((stratum, i) => {
    sizes.set(stratum, (sizes.get(stratum) ?? 0) + 1);
    if (!Number.isNaN(human[i]!)) labels.set(stratum, (labels.get(stratum) ?? 0) + 1);
  });
  return (stratum) => sizes.get(stratum)! / labels.get(stratum)!;
}

function strataOf({ human, judge, strata }: Arm, design: LabelDesign): CorrectedStage['strata'] & object {
  const places = [...new Set(Array.from(strata as Int32Array))].sort((a, b) => a - b);
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

function doubts({ thin }: StratifiedPpiEstimate, { strangers }: Arm, { strata }: LabelDesign): string[] {
  const which = [...new Set(thin.map((place) => WORDS[strata[place as number]!.says]))];
  return [
    ...(which.length === 0 ? [] : [`too few labels yet where ${listed(which)}`]),
    ...(strangers === 0
      ? []
      : [`${counted(strangers, 'trial')} came after labels were picked, and are left out`]),
  ];
}

const WORDS = { yes: 'judges say yes', split: 'judges split', no: 'judges say no' } as const;

type CorrectedContrast = CorrectedFindings['contrasts'][number];

const NO_ERRORS = { errorDifference: null, errorInterval: null, errorP: null } as const;

function correctedContrast(
  correction: DesignedCorrection,
  { pair, contrast }: DesignedCorrection['judgeContrasts'][number],
): CorrectedContrast {
  const ends = { from: contrast.from, to: contrast.to };
  const [from, to] = shared(armOf(correction, pair[0]), armOf(correction, pair[1]));
  const labels = [labelsOf(from), labelsOf(to)] as const;
  const refused = (why: string | undefined): CorrectedContrast => ({
    ...ends,
    difference: null,
    interval: null,
    verdict: 'not compared',
    ...NO_ERRORS,
    ...(why === undefined ? {} : { why }),
  });
  if (contrast.verdict === 'not compared') return refused(contrast.why);
  if (labels.some(({ labelled }) => labelled.length === 0))
    return refused('humans labelled one of them only');
  const fewest = labels[0].labelled.length < labels[1].labelled.length ? labels[0] : labels[1];
  const disagreements = labels[0].disagreements + labels[1].disagreements;
  const known = { labelled: fewest.labelled, disagreements };
  const enough = enoughLabels(known);
  const [bottom, top] = correction.judge.measure.range;
  const options = { pseudoError: top - bottom, ...(enough ? {} : { lambda: 0 }) };
  const wide = stratifiedPpiPaired({ from, to }, options);
  const errors = errorsOf(from, to);
  const why = [enough ? null : tooFewLabels(known), ...doubts(wide, from, correction.design)].filter(Boolean);
  const found = { ...ends, difference: wide.estimate, ...errors };
  const clusters = new Set(Array.from(from.clusters as Int32Array)).size;
  if (wide.interval === null || clusters < MINIMUM_CLUSTERS) {
    const reason = [...why, ...(clusters < MINIMUM_CLUSTERS ? ['too few clusters for an interval'] : [])];
    return { ...found, interval: null, verdict: 'inconclusive', why: reason.join('; ') };
  }
  const narrow = stratifiedPpiPaired({ from, to }, { ...options, level: 0.9 });
  const { margin } = contrast;
  return {
    ...found,
    interval: wide.interval,
    verdict: verdict({ interval95: wide.interval, interval90s: [narrow.interval!], margin }),
    ...(why.length === 0 ? {} : { why: why.join('; ') }),
  };
}

/** Both arms on the samples that they share. */
function shared(from: Arm, to: Arm): [Arm, Arm] {
  const inBoth = new Set(from.samples).intersection(new Set(to.samples));
  return [within(from, inBoth), within(to, inBoth)];
}

function within(arm: Arm, samples: ReadonlySet<number>): Arm {
  const kept = Array.from(arm.samples.keys()).filter((i) => samples.has(arm.samples[i]!));
  const numbers = (values: ArrayLike<number>) => Int32Array.from(kept, (i) => values[i]!);
  return {
    judge: Float64Array.from(kept, (i) => arm.judge[i]!),
    human: Float64Array.from(kept, (i) => arm.human[i]!),
    strata: numbers(arm.strata as Int32Array),
    samples: numbers(arm.samples),
    clusters: numbers(arm.clusters as Int32Array),
    strangers: arm.strangers,
  };
}

/** The judge's mean error (judge − human) in each arm, weighted, and whether it is the same. */
function errorsOf(
  from: Arm,
  to: Arm,
): Pick<CorrectedContrast, 'errorDifference' | 'errorInterval' | 'errorP' | 'meanErrors'> {
  const errors = { from: asErrors(from), to: asErrors(to) };
  const [before, after] = [stratifiedPpiMean(errors.from).estimate, stratifiedPpiMean(errors.to).estimate];
  const { estimate, standardError, df, interval } = stratifiedPpiPaired(errors);
  if (before === null || after === null || estimate === null) return NO_ERRORS;
  const meanErrors = { from: before, to: after };
  if (standardError === null) return { ...NO_ERRORS, errorDifference: estimate, meanErrors };
  return {
    errorDifference: estimate,
    errorInterval: interval as Interval,
    errorP:
      standardError === 0
        ? Number(estimate === 0)
        : 2 * studentTCdf(-Math.abs(estimate) / standardError, df!),
    meanErrors,
  };
}

/** The judge's error where it is known, as what is to be estimated, with nothing to predict it by. */
function asErrors(arm: Arm): StratifiedPpiData {
  return {
    ...arm,
    human: arm.human.map((value, i) => arm.judge[i]! - value),
    judge: new Float64Array(arm.judge.length),
  };
}
