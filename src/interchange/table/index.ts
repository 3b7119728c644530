export { importTable } from './import.ts';
export { mappingJsonSchema, parseMapping, parseStages } from './mapping.ts';
export { parseReplicates } from './replicates.ts';
export { fieldColumns, parseSampleFields, sampleFields } from './sample-fields.ts';
export { shippedMappings } from './shipped-mapping.ts';
