export { type Adjudicated, adjudicate } from './adjudicate.ts';
export { importSheet } from './import-labels.ts';
export { planLabels } from './plan.ts';
export { renderLabelPlan } from './render-plan.ts';
export { exportSheet } from './sheet.ts';
export { type LabelCounts, takeLabels } from './take-labels.ts';
