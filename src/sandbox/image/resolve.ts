import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { definedOnly } from '../../core/defined-only.ts';
import { InputError, type SandboxImage } from '../../core/index.ts';
import { type Base, baseDigest } from './base.ts';
import { buildTree, imageEnvironment } from './build.ts';
import { defaultCache, fromCache, imageDigest, type ResolvedImage } from './cache.ts';
import { type Dockerfile, loadDockerfile } from './dockerfile.ts';

interface ImageOptions {
  /** Where built images are kept; default: `stemma/images` in the user's cache folder. */
  readonly cache?: string;
  /** What a Dockerfile is built over, whatever its FROM names: a folder that is a whole root. Default: the system. */
  readonly base?: string;
  readonly signal?: AbortSignal;
}

/** Builds under way in this process, by cache and digest: who comes second waits for the first. */
const building = new Map<string, Promise<ResolvedImage>>();

/**
 * Makes an image ready for bubblewrap. A Dockerfile is built once for its digest and kept.
 *
 * @throws InputError naming file and line, when the image can't be built; MissingPartError where its RUN needs bubblewrap
 */
export async function resolveImage(image: SandboxImage, options: ImageOptions = {}): Promise<ResolvedImage> {
  if (image.kind === 'system') return { root: null, binds: {}, env: {} };
  if (image.kind === 'tree') return { root: await rootFolder(image.folder), binds: {}, env: {} };
  const dockerfile = await loadDockerfile(image.file, image.context, image);
  const base = options.base === undefined ? null : await rootFolder(options.base);
  const cache = options.cache ?? defaultCache();
  return buildOnce(dockerfile, base, cache, options.signal);
}

async function buildOnce(
  dockerfile: Dockerfile,
  base: Base,
  cache: string,
  signal = new AbortController().signal,
): Promise<ResolvedImage> {
  const digest = await imageDigest(dockerfile, await baseDigest(base));
  const key = `${cache}\0${digest}`;
  const begun = building.get(key);
  if (begun) {
    const shared = await begun.catch((error: unknown) => {
      // The first one's signal is not ours.
      if (error instanceof InputError) throw error;
      return undefined;
    });
    signal.throwIfAborted();
    return shared ?? buildOnce(dockerfile, base, cache, signal);
  }
  const work = fromCache(cache, digest, async (root) => {
    const tree = await buildTree(dockerfile, base, root, signal);
    const { workdir } = dockerfile;
    return {
      binds: Object.fromEntries([...tree.binds].sort(([a], [b]) => (a < b ? -1 : 1))),
      env: imageEnvironment(dockerfile),
      ...definedOnly({ workdir }),
    };
  });
  building.set(key, work);
  try {
    return await work;
  } finally {
    building.delete(key);
  }
}

async function rootFolder(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined || !(await stat(real)).isDirectory())
    throw new InputError('the image is not a folder', { place: { file: folder } });
  if (!existsSync(`${real}/bin/sh`))
    throw new InputError('the folder is not a whole root: it has no /bin/sh', {
      place: { file: folder },
      remedy: 'Make one, for example by debootstrap.',
    });
  return real;
}
