export type {
  AgreementFindings,
  Contrast,
  CorrectedFindings,
  CorrectedShareFindings,
  Findings,
  FindingsStage,
  MeasureFindings,
  Missing,
  SelfExclusionFindings,
  ShareFindings,
  StageEstimate,
  TogetherFindings,
  Verdict,
} from './findings.ts';
export { type FindingsOptions, makeFindings } from './make-findings.ts';
