export {
  COMPARISON_WORDS,
  type ComparedMeasure,
  type Comparison,
  type ComparisonWord,
  compareStages,
} from './comparison.ts';
export type {
  Contrast,
  Findings,
  MeasureFindings,
  StageEstimate,
  Verdict,
} from './findings.ts';
export { branchesOf } from './lineage.ts';
export { type FindingsOptions, makeFindings } from './make-findings.ts';
