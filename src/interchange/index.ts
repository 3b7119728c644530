export { parseChain, withTraining } from './chain.ts';
export { withDeclared } from './comparison/declare.ts';
export { readSides } from './comparison/read-sides.ts';
export { type DeclaredMeasure, parseDeclaredMeasure, readDeclaredMeasures } from './declared-measure.ts';
export { exportRun } from './export.ts';
export { type ImportSummary, importResults, stagesOfRun } from './import-results.ts';
export { exportInspect } from './inspect/export.ts';
export { importInspect } from './inspect/import.ts';
export { inspectPackages } from './inspect/task/describe-task.ts';
export { importLmEval } from './lm-eval/import.ts';
export { GENERATIONS, importOdcv, type OdcvGeneration } from './odcv/import.ts';
export {
  fieldColumns,
  importTable,
  mappingJsonSchema,
  parseMapping,
  parseReplicates,
  parseSampleFields,
  parseStages,
  sampleFields,
  shippedMappings,
} from './table/index.ts';
export { importXstest } from './xstest/import.ts';
