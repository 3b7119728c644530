export { loadDockerfile } from './dockerfile.ts';
export { parseDockerfile } from './parse.ts';
export { type ResolvedImage, resolveImage } from './resolve.ts';
