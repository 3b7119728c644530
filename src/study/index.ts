export { type Bound, boundText, isWithin } from './bound.ts';
export { defineStudy } from './define.ts';
export { compareWithRun } from './growth.ts';
export { initStudy } from './init.ts';
export { studyJsonSchema } from './json-schema.ts';
export { loadStudy } from './load.ts';
export { raterInfos, withWeights } from './manifest.ts';

export { faultInWords } from './plan/images.ts';
export { planJson, planStudy } from './plan/plan.ts';
export type { Plan, PlannedEval } from './plan/planned.ts';

export { renderPlan } from './plan/render.ts';
export { teacherTokens } from './plan/teachers.ts';
export { type MeasuredSpeed, timeEstimate } from './plan/time.ts';
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
  type RaterSpec,
  type StageSpec,
  type Study,
  samplingOf,
} from './study.ts';
export { chatOfPretrained } from './warnings.ts';
