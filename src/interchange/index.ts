export { exportRun } from './export.ts';
export { type ImportSummary, importResults } from './import-results.ts';
export { importOdcv } from './odcv/import.ts';
export * from './table/index.ts';
export { importXstest } from './xstest/import.ts';
