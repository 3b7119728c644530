export { type Adjudicated, adjudicate } from './adjudicate.ts';

export { planLabels } from './plan.ts';
export { renderLabelPlan } from './render-plan.ts';
export { exportSheet, importSheet } from './sheet.ts';
export { type LabelCounts, takeLabels } from './take-labels.ts';
