import { randomPart, stratifiedPpiMean } from '../stats/index.ts';
import type { ComparedArms } from './contrast.ts';
import type { Contrast, StageEstimate } from './contrast-findings.ts';
import { correctedContrast } from './corrected-contrast.ts';
import { meanOf } from './judge.ts';
import { judgeAccuracy, NO_ACCURACY } from './judge-accuracy.ts';
import type { LabelDesign } from './label-design.ts';
import type { CorrectedFindings, LabelSelection } from './label-findings.ts';
import { type LabelledArm, type Labelling, labelledArm, remarksOn, whyNotCorrected } from './labelled-arm.ts';
import { enoughLabels, tooFewAtStage } from './labels.ts';
import { possible, possibleInterval } from './possible.ts';
import { firstCell } from './trial-table.ts';

const METHOD =
  'stratified prediction-powered inference: labels weighted by one over their inclusion probability within strata of what the judges say, t quantile, CR2 over clusters, variance smoothed by one error each way a stratum';

/** One rater's findings on a measure, and whose labels correct them. */
interface Correction extends Labelling {
  /** By stage, in the order of `stages`. */
  readonly judgeEstimates: readonly StageEstimate[];
  /** Stage numbers. */
  readonly stages: readonly number[];
  readonly compared: readonly {
    readonly comparison: ComparedArms;
    readonly contrast: Contrast;
    /** What the human's own values say, where those are a view of the measure. */
    readonly byHuman?: Contrast;
  }[];
  /** What the human's own values say of each stage, where those are a view of the measure. */
  readonly humanEstimates?: readonly StageEstimate[];
}

/**
 * A rater's estimates and contrasts, corrected by what humans said of some or all of the same trials. Where they said it of
 * all, theirs stand. Else labels are weighted within strata of what judges say, and the rater's ratings help as far as its
 * errors are known; with too few labels to learn those from, what the humans say, weighted, stands alone.
 */
export function correctedOf(correction: Correction): CorrectedFindings {
  const { human, stages, compared } = correction;
  return {
    labeller: human.rater.id,
    method: stages.every((stage) => isLabelledWhole(correction, stage)) ? 'labels of every trial' : METHOD,
    selection: selectionOf(correction),
    stages: stages.map((_, index) => correctedStage(correction, index)),
    contrasts: compared.map(({ comparison, contrast, byHuman }) => {
      const whole = [comparison.from, comparison.to].every(({ stage }) => isLabelledWhole(correction, stage));
      return correctedContrast(correction, {
        comparison,
        contrast,
        ...(whole && byHuman ? { byHuman } : {}),
      });
    }),
  };
}

/** Whether every trial of a stage that the judge rated has a label, and there is one. */
export function isLabelledWhole(
  { judge, human }: Pick<Labelling, 'judge' | 'human'>,
  stage: number,
): boolean {
  const end = firstCell(judge.table, stage + 1, 0);
  let labels = 0;
  for (let cell = firstCell(judge.table, stage, 0); cell < end; cell++) {
    const labelled = !Number.isNaN(human.values[cell]!);
    if (labelled) labels++;
    else if (!Number.isNaN(judge.values[cell]!)) return false;
  }
  return labels > 0;
}

/** How the labels came about, and, where stemma did not draw them, whether they look like a random part. */
function selectionOf(correction: Correction): LabelSelection {
  const { judge, human, design, stages } = correction;
  if (stages.every((stage) => isLabelledWhole(correction, stage))) return { kind: 'all' };
  if (design.drawn) return { kind: 'drawn' };
  const strata = stages.map((stage) => {
    const values: number[] = [];
    const chosen: boolean[] = [];
    const end = firstCell(judge.table, stage + 1, 0);
    for (let cell = firstCell(judge.table, stage, 0); cell < end; cell++) {
      if (Number.isNaN(judge.values[cell]!)) continue;
      values.push(judge.values[cell]!);
      chosen.push(!Number.isNaN(human.values[cell]!));
    }
    return { values, chosen };
  });
  const withLabels = strata.filter(({ chosen }) => chosen.includes(true));
  if (withLabels.length === 0) return { kind: 'not drawn' };
  const all = withLabels.flatMap(({ values }) => values);
  const labelled = withLabels.flatMap(({ values, chosen }) => values.filter((_, i) => chosen[i]));
  return {
    kind: 'not drawn',
    randomP: randomPart(strata),
    labelledMean: meanOf(labelled),
    mean: meanOf(all),
  };
}

type CorrectedStage = CorrectedFindings['stages'][number];

const NOTHING = { estimate: null, interval: null, lambda: null } as const;

function correctedStage(correction: Correction, index: number): CorrectedStage {
  const { judge, human, design, stages, judgeEstimates, humanEstimates } = correction;
  const { measure } = judge;
  const stage = stages[index]!;
  const arm = labelledArm(correction, stage);
  const { id, estimate: raw } = judgeEstimates[index]!;
  const shared = { id, labels: arm.labels, disagreements: arm.disagreements, raw };
  const byHuman = humanEstimates?.[index];
  if (byHuman !== undefined && byHuman.estimate !== null && isLabelledWhole(correction, stage)) {
    const { estimate, interval } = byHuman;
    const accuracy = judgeAccuracy(judge, human, stage);
    return { ...shared, ...accuracy, estimate, interval, lambda: null, why: 'every sample was labelled' };
  }
  if (arm.labels === 0) return { ...shared, ...NO_ACCURACY, ...NOTHING, why: 'nothing was labelled here' };
  const strata = strataOf(arm, design);
  const refusal = whyNotCorrected([arm]);
  if (refusal !== null) return { ...shared, ...NO_ACCURACY, ...NOTHING, strata, why: refusal };
  const picked = { stratum: design.stratum, weightOf: weightsOf(arm) };
  const known = { ...shared, ...judgeAccuracy(judge, human, stage, picked), strata };
  const enough = enoughLabels(arm);
  const [bottom, top] = measure.range;
  const found = stratifiedPpiMean(arm, { pseudoError: top - bottom, ...(enough ? {} : { lambda: 0 }) });
  const why = [...(enough ? [] : [tooFewAtStage(arm)]), ...remarksOn([arm], measure)];
  return {
    ...known,
    estimate: found.estimate === null ? null : possible(found.estimate, measure.range),
    interval: found.interval && possibleInterval(longer(found.interval, arm.slack), measure.range),
    lambda: enough && found.estimate !== null ? found.lambda : null,
    ...(why.length === 0 ? {} : { why: why.join('; ') }),
  };
}

/** An interval that allows for what hardly any label tells of. */
function longer([low, high]: readonly [number, number], slack: number): [number, number] {
  return [low - slack, high + slack];
}

/** How many trials each label stands for: the size of its stratum over the labels there. */
function weightsOf({ given, strata }: LabelledArm): (stratum: number) => number {
  const sizes = new Map<number, number>();
  const labels = new Map<number, number>();
  Array.from(strata).forEach((stratum, i) => {
    sizes.set(stratum, (sizes.get(stratum) ?? 0) + 1);
    if (!Number.isNaN(given[i]!)) labels.set(stratum, (labels.get(stratum) ?? 0) + 1);
  });
  return (stratum) => sizes.get(stratum)! / labels.get(stratum)!;
}

function strataOf(
  { given, judge, strata }: LabelledArm,
  design: LabelDesign,
): CorrectedStage['strata'] & object {
  const places = [...new Set(Array.from(strata))].sort((a, b) => a - b);
  return places.map((place) => {
    const members = Array.from(given.keys()).filter((i) => strata[i] === place);
    const labelled = members.filter((i) => !Number.isNaN(given[i]!));
    const { says } = design.strata[place]!;
    return {
      says,
      trials: members.length,
      labels: labelled.length,
      disagreements: labelled.filter((i) => given[i] !== judge[i]).length,
    };
  });
}
