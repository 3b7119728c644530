export {
  type CheckProgress,
  type CheckRatersOptions,
  checkRaters,
  ratingsPerQuestion,
} from './check-raters.ts';
export { requirePrices } from './endpoint.ts';
export type { StoppedBy } from './halt.ts';
export { OUTAGE_POLICY, type Outage, type OutagePolicy } from './outage.ts';
export type { Progress, ProgressCell, ProgressCounts } from './progress.ts';
export { type RateOptions, rateRun } from './rate-run.ts';
export { renderStatus } from './render-status.ts';
export { type RunOptions, runStudy, type SessionOptions } from './run-study.ts';
export { type RaterStatus, type RunStatus, runStatus, type StatusCell, type StatusCounts } from './status.ts';
export type { RunSummary } from './summary.ts';
export {
  checkpointsFor,
  openRunModels,
  type StageTrainingProgress,
  type TrainingOptions,
  trainStages,
} from './train-stages.ts';
export { countWords, durationWords, percentWords, plural, rateWords, tokenWords, usdWords } from './words.ts';
