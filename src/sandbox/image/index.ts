export type { ResolvedImage } from './cache.ts';
export { loadDockerfile } from './dockerfile.ts';
export { parseDockerfile } from './parse.ts';
export { resolveImage } from './resolve.ts';
