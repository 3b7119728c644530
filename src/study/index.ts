export { DocumentError, type KeyPath, type Locate } from '../files/problems.ts';
export { type Bound, boundText, keeps } from './bound.ts';
export { tooWideMargin } from './check-settings.ts';
export { defineStudy } from './define.ts';
export { compareWithRun } from './growth.ts';
export { initStudy } from './init.ts';
export { studyJsonSchema } from './json-schema.ts';
export { loadStudy } from './load.ts';
export { raterInfos, withWeights } from './manifest.ts';
export type { Bounds, EndpointLoad, JudgePlan, Tokens } from './plan/estimate.ts';
export { type Plan, type PlannedEval, planJson, planStudy } from './plan/plan.ts';
export type { MeasurePower, PowerAssumptions } from './plan/power.ts';
export { renderPlan } from './plan/render.ts';
export type { Plugin } from './plugins.ts';
export { type JudgingFlags, openRaters, parseRaters } from './raters.ts';
export { digestOfSamples } from './samples.ts';
export type { RaterInput, StageInput, StudyInput } from './schema.ts';
export { seedAgain, withSeed } from './stages.ts';
export {
  type AutoraterSpec,
  type Budget,
  type EvalEntry,
  type Expectation,
  isModel,
  type PanelSpec,
  type RaterSpec,
  type RuleSpec,
  type StageSpec,
  type StageTraining,
  type Study,
  samplingOf,
} from './study.ts';
