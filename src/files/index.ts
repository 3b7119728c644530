export { nearest } from './nearest.ts';
export {
  type ReadTableOptions,
  readTable,
  requireColumns,
  TABLE_FORMATS,
  type TableFormat,
  type TableRow,
} from './table.ts';
export { isAbsentFile } from './text-file.ts';
export { unwritable } from './unwritable.ts';
export * from './yaml-file.ts';
