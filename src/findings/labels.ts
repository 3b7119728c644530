import type { RatingColumn } from './rating-column.ts';
import { firstCell } from './trial-table.ts';

/** Fewer labels, or fewer disagreements among them, than this say too little of a judge's errors to correct by them. */
const FEWEST_LABELS = 50;
const FEWEST_DISAGREEMENTS = 5;

export const PPI_METHOD =
  'prediction-powered inference (PPI++): t quantile, CR2 over clusters, rectifier variance smoothed by one error each way';

/** The samples of one stage that a judge rated: those that a human labelled too, and the others. */
export interface Labels {
  /** Sample numbers; `human` and `judge` are means over the epochs that both have. */
  readonly labelled: readonly number[];
  readonly human: Float64Array;
  readonly judge: Float64Array;
  readonly unlabelled: readonly number[];
  readonly unlabelledJudge: Float64Array;
  /** Labelled samples on which the two differ. */
  readonly disagreements: number;
}

export function labelledBy(human: RatingColumn, judge: RatingColumn, stage: number): Labels {
  const { table } = judge;
  const labelled: { sample: number; human: number; judge: number }[] = [];
  const unlabelled: { sample: number; judge: number }[] = [];
  for (let sample = 0; sample < table.samples.length; sample++) {
    const both = { human: 0, judge: 0, count: 0 };
    const alone = { judge: 0, count: 0 };
    const first = firstCell(table, stage, sample);
    for (let cell = first; cell < first + table.epochs; cell++) {
      const [truth, said] = [human.values[cell]!, judge.values[cell]!];
      if (Number.isNaN(said)) continue;
      if (Number.isNaN(truth)) {
        alone.judge += said;
        alone.count++;
      } else {
        both.human += truth;
        both.judge += said;
        both.count++;
      }
    }
    if (both.count > 0) {
      labelled.push({ sample, human: both.human / both.count, judge: both.judge / both.count });
    } else if (alone.count > 0) unlabelled.push({ sample, judge: alone.judge / alone.count });
  }
  return {
    labelled: labelled.map(({ sample }) => sample),
    human: Float64Array.from(labelled, (one) => one.human),
    judge: Float64Array.from(labelled, (one) => one.judge),
    unlabelled: unlabelled.map(({ sample }) => sample),
    unlabelledJudge: Float64Array.from(unlabelled, (one) => one.judge),
    disagreements: labelled.filter((one) => one.human !== one.judge).length,
  };
}

/** Whether the labels say enough of the judge's errors. */
export function enoughLabels({
  labelled,
  disagreements,
}: Pick<Labels, 'labelled' | 'disagreements'>): boolean {
  return labelled.length >= FEWEST_LABELS && disagreements >= FEWEST_DISAGREEMENTS;
}

export function tooFewLabels(labels: Pick<Labels, 'labelled' | 'disagreements'>): string {
  const { has, what, needs } = shortage(labels);
  return `${has} ${what} are fewer than the ${needs} that a correction needs: the humans' values alone`;
}

/** The same of a stage, whose findings hold the counts themselves: so stages with one reason have one text. */
export function tooFewAtStage(labels: Pick<Labels, 'labelled' | 'disagreements'>): string {
  const { what, needs } = shortage(labels);
  return `fewer than the ${needs} ${what} that a correction needs: the humans' values alone`;
}

function shortage({ labelled, disagreements }: Pick<Labels, 'labelled' | 'disagreements'>) {
  return labelled.length < FEWEST_LABELS
    ? { has: labelled.length, what: 'labels', needs: FEWEST_LABELS }
    : { has: disagreements, what: 'disagreements', needs: FEWEST_DISAGREEMENTS };
}
