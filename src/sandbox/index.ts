export { type SandboxAbilities, sandboxAbilities } from './abilities.ts';
export { loadDockerfile, parseDockerfile } from './image/index.ts';
export { openSandboxes } from './open.ts';
export type { SandboxSettings } from './settings.ts';
export { openShell, type Shell } from './shell.ts';
export { diffTrees, sameEntry, type TreeDifference } from './tree.ts';
export { unifiedDiff } from './unified-diff.ts';
