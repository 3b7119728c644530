export { importTable } from './import.ts';
export { parseMapping } from './mapping.ts';
export { parseReplicates } from './replicates.ts';
