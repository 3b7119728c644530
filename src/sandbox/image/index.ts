export { type Dockerfile, loadDockerfile } from './dockerfile.ts';
export { parseDockerfile, type WrittenInstruction } from './parse.ts';
export { type ImageOptions, type ResolvedImage, resolveImage } from './resolve.ts';
