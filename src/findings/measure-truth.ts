import { isLabeller, type Measure } from '../core/index.ts';
import { ADJUDICATED_RATER } from '../core/persons-id.ts';
import type { Applicability } from './applicability.ts';
import { type Chain, sharesAlong } from './chain-shares.ts';
import { correctedOf, isLabelledWhole } from './corrected.ts';
import { correctedShares } from './corrected-shares.ts';
import type { MeasureFindings } from './findings.ts';
import type { LabelDesign } from './label-design.ts';
import { type MeasureSettings, type View, valuesOf, viewOf } from './measure-views.ts';
import { postStrata } from './post-strata.ts';
import type { RatingColumn } from './rating-column.ts';

/**
 * The labeller whose labels count as the truth: the headline rater where that is one, else the first that has values. People
 * come before models.
 */
function humanOf(views: readonly View[], headlineRater: string | undefined): View | undefined {
  const labellers = views.filter(({ column }) => isLabeller(column.rater));
  return (
    labellers.find(({ column }) => column.rater.id === headlineRater) ??
    labellers.find(({ column }) => column.rater.kind === 'human') ??
    labellers[0]
  );
}

/** Whose labels count as the truth of a measure, and how they were picked. */
interface Truth {
  readonly human: RatingColumn;
  readonly design: LabelDesign;
  /** What they say by themselves; left out where they are a part of the trials that was picked, and so would mislead. */
  readonly view?: View;
}

export function truthOf(
  { column: judge }: View,
  views: readonly View[],
  columns: readonly RatingColumn[],
  settings: MeasureSettings & { readonly applicability: (measure: Measure) => Applicability },
): Truth | undefined {
  const own = humanOf(views, settings.headlineRater);
  if (own !== undefined) return { human: own.column, design: postStrata(judge), view: own };
  const labelled = labelledColumn(judge.measure, columns, settings.designOf);
  if (labelled === undefined) return undefined;
  const { human } = labelled;
  if (!settings.plan.shown.some((stage) => isLabelledWhole({ judge, human }, stage))) return labelled;
  // Of a stage that was labelled whole, nothing was picked: its labels say what any rater's ratings would.
  const values = valuesOf(human, settings.applicability(human.measure), settings);
  return { ...labelled, view: viewOf(values, new Map(), settings) };
}

export function isWholly({ column: judge }: View, { human }: Truth, shown: readonly number[]): boolean {
  return shown.every((stage) => isLabelledWhole({ judge, human }, stage));
}

/** The values corrected by what humans say of all trials, of some that stemma drew, or of some that others chose. */
export function corrected(
  view: View,
  { human, design, view: byHuman }: Truth,
  along: readonly Chain[],
  { plan }: MeasureSettings,
): MeasureFindings['corrected'] {
  const { column: judge, estimates: judgeEstimates } = view;
  const labelling = { judge, human, design };
  const found = correctedOf({
    ...labelling,
    judgeEstimates,
    stages: plan.shown,
    compared: view.contrasts.map((contrast, i) => ({
      contrast,
      comparison: view.comparisons[i]!,
      ...(byHuman === undefined ? {} : { byHuman: byHuman.contrasts[i]! }),
    })),
    ...(byHuman === undefined ? {} : { humanEstimates: byHuman.estimates }),
  });
  return { ...found, ...sharesAlong(along, (chain) => correctedShares(chain, labelling)) };
}

/** The labels that were picked for a measure: those that several people came to together, else the first one's. */
function labelledColumn(
  measure: Measure,
  columns: readonly RatingColumn[],
  designOf: MeasureSettings['designOf'],
): { readonly human: RatingColumn; readonly design: LabelDesign } | undefined {
  const labelled = columns.flatMap((human) => {
    const design = human.measure === measure ? designOf(human) : undefined;
    return design === undefined ? [] : [{ human, design }];
  });
  return (
    labelled.find(({ human }) => human.rater.id === ADJUDICATED_RATER) ??
    labelled.find(({ human }) => human.rater.kind === 'human') ??
    labelled[0]
  );
}
