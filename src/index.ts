/**
 * stemma from TypeScript: define a study, carry it out, read its findings. The command line is made of the same calls.
 */
export * from './core/index.ts';
export { elicitSingleTurn, evals, findEval } from './evals/index.ts';
export { type Findings, type FindingsOptions, makeFindings } from './findings/index.ts';
export { type ImportSummary, importResults } from './interchange/index.ts';
export {
  type Models,
  type ModelsOptions,
  openModels,
  type Respond,
  type ScriptedAnswer,
  scriptedAgent,
  scriptedModel,
} from './models/index.ts';
export { loadRubric } from './raters/index.ts';
export { openRun, type RunReader } from './records/index.ts';
export {
  renderHtml,
  renderMarkdown,
  renderSvg,
  renderTerminal,
  type WrittenReport,
  writeReport,
} from './report/index.ts';
export {
  type RateOptions,
  type RunOptions,
  type RunStatus,
  type RunSummary,
  rateRun,
  runStatus,
  runStudy,
} from './run/index.ts';
export {
  defineStudy,
  loadStudy,
  type Plan,
  type Plugin,
  planStudy,
  type RaterInput,
  type StageInput,
  type Study,
  type StudyInput,
} from './study/index.ts';
