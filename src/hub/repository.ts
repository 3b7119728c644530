import { InputError } from '../core/index.ts';
import {
  digestOfFile,
  type HubEnvironment,
  type HubFile,
  isCommit,
  isOffline,
  RepositoryCache,
  soundFile,
} from './cache.ts';
import { type DownloadControl, download, mismatch } from './download.ts';
import type { HubProgress } from './progress.ts';
import { HubServer, type WantedRepository } from './requests.ts';

/** Of a repository that says more, the rest would not be worth waiting for. */
const MOST_FILES = 1_000_000;

export interface FetchControl {
  /** Stops at once; what has come is kept. */
  readonly signal?: AbortSignal;
  /** After every piece that came. */
  readonly onProgress?: (progress: HubProgress) => void;
}

/**
 * A repository of the Hugging Face hub, and what the local cache has of it. HF_ENDPOINT names another server, HF_TOKEN is for
 * what is not public, and with HF_HUB_OFFLINE only the cache is read.
 */
export class HubRepository {
  readonly cache: RepositoryCache;
  readonly isOffline: boolean;
  readonly #wanted: WantedRepository;
  readonly #server: HubServer;

  constructor(wanted: WantedRepository, env: HubEnvironment) {
    this.#wanted = wanted;
    this.cache = new RepositoryCache(wanted.kind, wanted.name, env);
    this.isOffline = isOffline(env);
    this.#server = new HubServer(wanted, env);
  }

  /**
   * @returns the commit that a revision is now, or, without the network, was when it was last asked for
   * @throws InputError where there is no such repository or revision, or it is not in the cache
   */
  async commitOf(revision: string): Promise<string> {
    if (isCommit(revision)) return revision;
    if (this.isOffline) {
      const kept = this.cache.commitOf(revision);
      if (kept === null) throw this.notCached(revision, 'it');
      return kept;
    }
    const { datasetInfo, modelInfo } = await import('@huggingface/hub');
    const { kind, name } = this.#wanted;
    const asked = { name, revision, ...this.#connection };
    const { sha } =
      kind === 'dataset'
        ? await datasetInfo({ ...asked, additionalFields: ['sha'] })
        : await modelInfo({ ...asked, additionalFields: ['sha'] });
    if (!isCommit(String(sha))) throw new InputError(`the hub names no commit for ${name}@${revision}`);
    await this.cache.keepCommit(revision, sha);
    return sha;
  }

  /**
   * All files of a commit, by their paths. What the hub says is kept, so a commit is asked for once.
   *
   * @returns without the network, and where nothing was kept, what files the cache has, with `whole: false`
   */
  async filesAt(commit: string): Promise<{ readonly files: readonly HubFile[]; readonly whole: boolean }> {
    const kept = this.cache.listing(commit);
    if (kept !== null) return { files: kept, whole: true };
    if (this.isOffline) {
      const files = this.cache.filesOf(commit);
      if (files.length === 0) throw this.notCached(commit, 'it');
      return { files, whole: false };
    }
    const { listFiles } = await import('@huggingface/hub');
    const { kind: type, name } = this.#wanted;
    const files: HubFile[] = [];
    const entries = listFiles({
      repo: { type, name },
      recursive: true,
      revision: commit,
      ...this.#connection,
    });
    for await (const { type, path, size, oid, lfs } of entries) {
      if (type !== 'file') continue;
      const large = lfs === undefined ? {} : { sha256: String(lfs.oid) };
      files.push(soundFile({ path: String(path), size: lfs?.size ?? size, blobId: String(oid), ...large }));
      if (files.length > MOST_FILES) throw new InputError(`${name} lists more than ${MOST_FILES} files`);
    }
    await this.cache.keepListing(commit, files);
    return { files, whole: true };
  }

  /**
   * The files themselves: from the cache, where they are, and fetched into it otherwise. All of them are as long as the hub says, and
   * have the digests that it says.
   *
   * @param check looks at the digests of those that were in the cache, too
   * @returns their paths on this machine, in the same order
   * @throws InputError for a file that can't be had, or is another one; the signal's reason once it says stop
   */
  async fetch(
    files: readonly HubFile[],
    commit: string,
    { check, onProgress, signal }: FetchControl & { readonly check: boolean },
  ): Promise<string[]> {
    const missing = files.filter((file) => this.cache.pathOf(file, commit) === null);
    if (missing.length > 0 && this.isOffline)
      throw this.notCached(commit, missing.map(({ path }) => path).join(', '));
    const of = missing.reduce((sum, { size }) => sum + size, 0);
    let before = 0;
    for (const file of missing) {
      const onBytes = (bytes: number) => onProgress?.({ file: file.path, bytes: before + bytes, of });
      await this.#fetchOne(file, commit, { onBytes, signal });
      before += file.size;
    }
    const paths = files.map((file) => this.cache.pathOf(file, commit)!);
    if (!check) return paths;
    for (const [index, file] of files.entries()) {
      if (!missing.includes(file)) await this.#check(paths[index]!, file);
    }
    return paths;
  }

  async #fetchOne(file: HubFile, commit: string, control: DownloadControl): Promise<void> {
    const { path, size } = file;
    const wanted = { path, commit, size, digest: digestOfFile(file)! };
    if (this.cache.hasBlob(file)) control.onBytes(size);
    else await download(this.#server, wanted, this.cache.blob(file), control);
    await this.cache.link(file, commit);
  }

  async #check(path: string, file: HubFile): Promise<void> {
    const problem = await mismatch(path, { size: file.size, digest: digestOfFile(file) });
    if (problem !== null)
      throw new InputError(`this file of the cache is not the one of the hub: ${problem}`, {
        place: { file: path },
        remedy: 'Delete it and what it links to, and give the same command again with the network.',
      });
  }

  /** @param what is lacking: `it`, or files */
  notCached(revision: string, what: string): InputError {
    const { kind, name } = this.#wanted;
    const type = kind === 'dataset' ? ' --repo-type dataset' : '';
    const subject = what === 'it' ? `${name}@${revision} is` : `of ${name}@${revision}, ${what} is`;
    return new InputError(`${subject} not in the cache of the hub, and HF_HUB_OFFLINE is set`, {
      place: { file: this.cache.folder },
      remedy: `Download it where the network is allowed: hf download ${name}${type} --revision ${revision}`,
    });
  }

  get #connection() {
    return { hubUrl: this.#server.url, fetch: this.#server.ask as unknown as typeof fetch };
  }
}
