export { type Adjudicated, type AdjudicateOptions, type Agreement, adjudicate } from './adjudicate.ts';
export type { PickOptions } from './frames.ts';
export { type LabelPlan, type PlanOptions, planLabels } from './plan.ts';
export { renderLabelPlan } from './render-plan.ts';
export { exportSheet, type Imported, importSheet, type SheetOptions } from './sheet.ts';
export { type Taken, type TakeOptions, takeLabels } from './take-labels.ts';
