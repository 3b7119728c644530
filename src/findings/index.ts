export {
  COMPARISON_WORDS,
  type ComparedMeasure,
  type Comparison,
  type ComparisonWord,
  compareStages,
} from './comparison.ts';
export type { Contrast, StageEstimate, Verdict } from './contrast-findings.ts';
export type { Findings, MeasureFindings } from './findings.ts';
export { branchesOf } from './lineage.ts';
export { type FindingsOptions, makeFindings } from './make-findings.ts';
export { measureIdOf } from './not-in-run.ts';
export { noteShown } from './note-shown.ts';
