export { parseChain } from './chain.ts';
export { parseDeclaredMeasure, readDeclaredMeasures } from './declared.ts';
export { importTable } from './import.ts';
export { parseMapping } from './mapping.ts';
