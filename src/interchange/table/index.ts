export { type ImportTableOptions, importTable } from './import.ts';
export { parseMapping, TABLE_FIELDS, type TableField, type TableMapping } from './mapping.ts';
