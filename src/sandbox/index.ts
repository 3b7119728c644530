export { bubblewrapAbilities } from './bubblewrap/index.ts';
export { loadDockerfile, parseDockerfile } from './image/index.ts';
export { type ImageFault, type ImageReport, lookAtImages } from './image-report.ts';
export { openSandboxes } from './open.ts';
export type { SandboxSettings } from './settings.ts';
export { unifiedDiff } from './unified-diff.ts';
