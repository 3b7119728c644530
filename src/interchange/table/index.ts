export { importTable } from './import.ts';
export { parseMapping } from './mapping.ts';
