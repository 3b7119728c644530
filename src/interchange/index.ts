export { parseChain } from './chain.ts';
export { parseDeclaredMeasure, readDeclaredMeasures } from './declared-measure.ts';
export { exportRun } from './export.ts';
export { type ImportSummary, importResults } from './import-results.ts';
export { exportInspect } from './inspect/export.ts';
export { importInspect } from './inspect/import.ts';
export { importOdcv } from './odcv/import.ts';
export { importTable, mappingJsonSchema, parseMapping, parseReplicates } from './table/index.ts';
export { importXstest } from './xstest/import.ts';
