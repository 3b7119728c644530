export type {
  Contrast,
  Findings,
  MeasureFindings,
  StageEstimate,
  Verdict,
} from './findings.ts';
export { type FindingsOptions, makeFindings } from './make-findings.ts';
