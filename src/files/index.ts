export {
  parseDocument,
  readDocument,
  readDocumentText,
  readSource,
} from './document.ts';
export { parseLenientJson } from './lenient-json.ts';
export { nearest } from './nearest.ts';
export {
  anyOf,
  didYouMean,
  type KeyPath,
  keyPathText,
  type Locate,
  type Problems,
} from './problems.ts';
export {
  headerLength,
  openRegularFile,
  readSafetensorsHeader,
  tensorEntries,
} from './safetensors-header.ts';
export { mistakesIn, type Sound } from './schema-problems.ts';
export {
  readTable,
  readTableParts,
  requireColumns,
  TABLE_FORMATS,
  type TableFormat,
  tableFormatOf,
} from './table.ts';
export type { TableRow } from './table-row.ts';
export { isAbsentFile, readWholeFile, textIfThere } from './text-file.ts';
export { unwritable } from './unwritable.ts';
export { writeWhole } from './write-whole.ts';
export { zodOf } from './zod-of.ts';
