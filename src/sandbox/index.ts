export { openSandboxes } from './open.ts';
export type { SandboxSettings } from './settings.ts';
