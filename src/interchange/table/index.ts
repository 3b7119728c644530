export { importTable } from './import.ts';
export { mappingJsonSchema, parseMapping } from './mapping.ts';
export { parseReplicates } from './replicates.ts';
