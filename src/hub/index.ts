export { type DataFiles, dataFiles } from './data-files.ts';
export type { HubProgress } from './progress.ts';
export { isHubRef, parseHubRef } from './ref.ts';
export { hubFolder } from './weights-folder.ts';
