export { type QuestionChoice, questionSets } from './asked/index.ts';
export { checkStudy } from './check/check-study.ts';
export { keepCheck, latestCheck, speedsOf } from './check/checks-file.ts';
export { renderCheck } from './check/render-check.ts';
export {
  checkRaters,
  ratingsPerQuestion,
} from './check-raters.ts';
export { requirePrices } from './endpoint-terms.ts';
export { type FirstAnswer, firstAnswerLines } from './first-answers.ts';
export { openRunModels } from './open-models.ts';
export type { Progress, ProgressCounts } from './progress.ts';
export { chooseForRun, type RateOptions, rateRun } from './rate-run.ts';
export { renderStatus } from './render-status.ts';
export { runOnSlurm } from './run-on-slurm.ts';
export { type RunOptions, runStudy } from './run-study.ts';
export type { SessionOptions } from './session.ts';
export { parseShard } from './shard.ts';
export { type RunStatus, runStatus } from './status.ts';
export type { RunSummary } from './summary.ts';
export {
  type AskingProgress,
  checkpointsFor,
  type StageTrainingProgress,
  trainStages,
} from './train-stages.ts';
