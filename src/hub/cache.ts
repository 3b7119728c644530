import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rename, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { InputError } from '../core/index.ts';
import { readWholeFile, unwritable, writeWhole } from '../files/index.ts';

/** Of this process: HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, and proxies. */
export type HubEnvironment = Readonly<Record<string, string | undefined>>;

/** A file of a repository at one commit. */
export interface HubFile {
  /** Its place in the repository, with `/` between the parts. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Git's SHA-1 of what it has of the file; `null` where only a cache that others filled says what there is. */
  readonly blobId: string | null;
  /** Of a large file, which Git has only a pointer to. */
  readonly sha256?: string;
}

/** `trees/COMMIT.json`, as `huggingface_hub` writes it since version 2; it has `xet_hash` too. */
const keptListing = z.object({
  format_version: z.literal(1),
  files: z.record(
    z.string(),
    z.object({
      size: z.number(),
      blob_id: z.string(),
      lfs_sha256: z.string().optional(),
      lfs_size: z.number().optional(),
    }),
  ),
});

/** What the bytes of a file are checked by, and called by in the cache. */
export function digestOfFile({ blobId, sha256 }: HubFile): string | null {
  return sha256 ?? blobId;
}

export function isOffline(env: HubEnvironment): boolean {
  return ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].some((name) =>
    /^(1|true|yes|on)$/i.test(env[name] ?? ''),
  );
}

export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/**
 * What the local cache of the hub has of one repository. The layout is that of `huggingface_hub`, which reads what is put
 * here, and the other way round: `blobs/DIGEST`, `snapshots/COMMIT/PATH` as links to them, `refs/BRANCH` with a commit, and
 * `trees/COMMIT.json` with what files the repository has, so that a half copy is not taken for the whole.
 */
export class RepositoryCache {
  /** Of all repositories. */
  readonly folder: string;
  readonly #own: string;

  constructor(kind: 'model' | 'dataset', name: string, env: HubEnvironment) {
    this.folder = cacheFolder(env);
    this.#own = join(this.folder, `${kind}s--${name.replace('/', '--')}`);
  }

  /** The commit that a branch or a tag had when it was last asked for; `null` where it never was. */
  commitOf(revision: string): string | null {
    const file = join(this.#own, 'refs', revision);
    const commit = isFile(file) ? readWholeFile(file).toString('utf8').trim() : '';
    return isCommit(commit) ? commit : null;
  }

  async keepCommit(revision: string, commit: string): Promise<void> {
    await this.#write(join(this.#own, 'refs', revision), commit);
  }

  /** `null` where it is not known. */
  listing(commit: string): readonly HubFile[] | null {
    const file = this.#listingFile(commit);
    if (!isFile(file)) return null;
    try {
      const { files } = keptListing.parse(JSON.parse(readWholeFile(file).toString('utf8')));
      return Object.entries(files).map(([path, { size, blob_id, lfs_sha256: sha256, lfs_size }]) =>
        soundFile({
          path,
          size: lfs_size ?? size,
          blobId: blob_id,
          ...(sha256 === undefined ? {} : { sha256 }),
        }),
      );
    } catch {
      return null;
    }
  }

  async keepListing(commit: string, files: readonly HubFile[]): Promise<void> {
    const entries = files.map(({ path, size, blobId, sha256 }) => [
      path,
      { size, blob_id: blobId, ...(sha256 === undefined ? {} : { lfs_sha256: sha256, lfs_size: size }) },
    ]);
    const tree = { format_version: 1, files: Object.fromEntries(entries) };
    await this.#write(this.#listingFile(commit), JSON.stringify(tree, null, 1));
  }

  /** The folder with the files of a commit. */
  snapshot(commit: string): string {
    return join(this.#own, 'snapshots', commit);
  }

  /** Where a file is; `null` where the cache does not have it whole. */
  pathOf({ path, size }: HubFile, commit: string): string | null {
    const file = join(this.snapshot(commit), path);
    return statSync(file, { throwIfNoEntry: false })?.size === size ? file : null;
  }

  /** The files that are there of a commit, whoever put them there. */
  filesOf(commit: string): HubFile[] {
    const folder = this.snapshot(commit);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      if (found?.isFile() !== true) return [];
      return [{ path: name.split(sep).join('/'), size: found.size, blobId: null }];
    });
  }

  /** Where the bytes of a file are or will be. */
  blob(file: HubFile): string {
    return join(this.#own, 'blobs', digestOfFile(file)!);
  }

  /** Whether the bytes of a file are there, perhaps by another name or from another commit. */
  hasBlob(file: HubFile): boolean {
    return statSync(this.blob(file), { throwIfNoEntry: false })?.size === file.size;
  }

  /** Gives the bytes of a file its name at a commit. */
  async link(wanted: HubFile, commit: string): Promise<void> {
    const file = join(this.snapshot(commit), wanted.path);
    try {
      await mkdir(dirname(file), { recursive: true });
      const draft = `${file}.${randomUUID()}.link`;
      await symlink(relative(dirname(file), this.blob(wanted)), draft);
      await rename(draft, file);
    } catch (error) {
      throw unwritable('a file of the hub', file, error);
    }
  }

  #listingFile(commit: string): string {
    return join(this.#own, 'trees', `${commit}.json`);
  }

  async #write(file: string, text: string): Promise<void> {
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeWhole(file, text);
    } catch (error) {
      throw unwritable('the cache of the hub', file, error);
    }
  }
}

/**
 * What a server, or a file that others wrote, says of a file. Its path and its digests become parts of paths here.
 *
 * @throws InputError where they can't
 */
export function soundFile(file: HubFile): HubFile {
  const { path, size, blobId, sha256 } = file;
  const isPath = !/[\\\0]/.test(path) && path.split('/').every((part) => !/^\.{0,2}$/.test(part));
  const isDigest = /^[0-9a-f]{40}$/.test(String(blobId)) && /^([0-9a-f]{64})?$/.test(sha256 ?? '');
  if (isPath && isDigest && Number.isSafeInteger(size) && size >= 0) return file;
  throw new InputError(`the hub lists a file that can't be kept: ${JSON.stringify(path)}`, {
    remedy: 'Check HF_ENDPOINT.',
  });
}

function cacheFolder(env: HubEnvironment): string {
  if (env.HF_HUB_CACHE) return env.HF_HUB_CACHE;
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
  return join(home, 'hub');
}

function isFile(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
