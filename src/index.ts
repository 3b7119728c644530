/**
 * stemma from TypeScript: define a study, carry it out, read its findings. The command line is made of the same calls.
 */
export * from './core/index.ts';
export { evals, findEval } from './evals/index.ts';
export { type FindingsOptions, makeFindings } from './findings/index.ts';
export { importResults } from './interchange/index.ts';
export { openModels, scriptedAgent, scriptedModel } from './models/index.ts';
export { openRun } from './records/index.ts';
export { renderHtml, renderMarkdown, renderSvg, renderTerminal, writeReport } from './report/index.ts';
export { rateRun, runStatus, runStudy } from './run/index.ts';
export { defineStudy, loadStudy, planStudy } from './study/index.ts';
