export {
  type CheckProgress,
  type CheckRatersOptions,
  checkRaters,
  ratingsPerQuestion,
} from './check-raters.ts';
export type { Failure, LastError } from './counters.ts';
export { requirePrices } from './endpoint-terms.ts';
export type { Done, Progress, ProgressCell, ProgressCounts } from './progress.ts';
export { type RateOptions, rateRun } from './rate-run.ts';
export { renderStatus } from './render-status.ts';
export { type RunOptions, runStudy } from './run-study.ts';
export type { SessionOptions } from './session.ts';
export { type RaterStatus, type RunStatus, runStatus, type StatusCell, type StatusCounts } from './status.ts';
export type { StoppedBy } from './stop-control.ts';
export type { RunSummary } from './summary.ts';
export {
  checkpointsFor,
  openRunModels,
  type StageTrainingProgress,
  type TrainingOptions,
  trainStages,
} from './train-stages.ts';
export { OUTAGE_POLICY, type Outage, type OutagePolicy } from './watched-model.ts';
