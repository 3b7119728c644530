export { loadDockerfile, parseDockerfile } from './image/index.ts';
export { openSandboxes } from './open.ts';
export type { SandboxSettings } from './settings.ts';
