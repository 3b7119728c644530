import { ppiMean } from '../stats/index.ts';
import { correctedContrast, type HumanContrast } from './corrected-contrast.ts';
import type { CorrectedFindings, StageEstimate } from './findings.ts';
import { judgeAccuracy } from './judge-accuracy.ts';
import { enoughLabels, labelledBy, PPI_METHOD, tooFewAtStage } from './labels.ts';
import { possible, possibleInterval } from './possible.ts';
import type { RatingColumn } from './rating-column.ts';

/** One rater's findings on a measure, to be corrected, and the human's on the same measure. */
interface Correction {
  readonly judge: RatingColumn;
  readonly human: RatingColumn;
  /** By stage, in the order of `stages`. */
  readonly judgeEstimates: readonly StageEstimate[];
  readonly humanEstimates: readonly StageEstimate[];
  /** Stage numbers. */
  readonly stages: readonly number[];
  readonly humanContrasts: readonly HumanContrast[];
}

/**
 * A rater's estimates and contrasts, corrected by what humans said of some or all of the same trials: prediction-powered
 * inference where there are labels enough to learn the rater's errors from and samples without any; else what the humans
 * alone say.
 */
export function correctedOf(correction: Correction): CorrectedFindings {
  const { human, stages, humanContrasts } = correction;
  const estimates = stages.map((_, index) => correctedStage(correction, index));
  const contrasts = humanContrasts.map((contrast) => correctedContrast(correction.judge, human, contrast));
  const powered = estimates.some(({ lambda }) => lambda !== null);
  return {
    human: human.rater.id,
    method: powered ? PPI_METHOD : 'human labels alone',
    stages: estimates,
    contrasts,
  };
}

function correctedStage(
  { judge, human, judgeEstimates, humanEstimates, stages }: Correction,
  index: number,
): CorrectedFindings['stages'][number] {
  const stage = stages[index]!;
  const labels = labelledBy(human, judge, stage);
  const byHuman = humanEstimates[index]!;
  const shared = {
    id: byHuman.id,
    labels: labels.labelled.length,
    disagreements: labels.disagreements,
    raw: judgeEstimates[index]!.estimate,
    ...judgeAccuracy(judge, human, stage),
  };
  const humanOnly = { estimate: byHuman.estimate, interval: byHuman.interval, lambda: null };
  if (byHuman.estimate === null) return { ...shared, ...humanOnly, why: 'humans labelled nothing here' };
  if (labels.unlabelled.length === 0) return { ...shared, ...humanOnly, why: 'humans labelled every sample' };
  if (!enoughLabels(labels)) return { ...shared, ...humanOnly, why: tooFewAtStage(labels) };
  const { clusters } = judge.table;
  const [bottom, top] = judge.measure.range;
  const { estimate, interval, lambda } = ppiMean(
    {
      labelled: { human: labels.human, judge: labels.judge },
      unlabelled: { judge: labels.unlabelledJudge },
      clusters: {
        labelled: labels.labelled.map((sample) => clusters[sample]!),
        unlabelled: labels.unlabelled.map((sample) => clusters[sample]!),
      },
    },
    { pseudoError: top - bottom },
  );
  return {
    ...shared,
    estimate: possible(estimate, judge.measure.range),
    interval: interval && possibleInterval(interval, judge.measure.range),
    lambda,
  };
}
