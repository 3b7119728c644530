import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/index.ts';
import { type HubFile, isCommit } from './cache.ts';
import { parseHubRef } from './ref.ts';
import type { FetchControl, HubRepository } from './repository.ts';

/** Weights, configuration and tokenizer: what is needed of a model. Other formats of the same weights, and folders, are not. */
const NEEDED = /^[^/]+\.(safetensors|json|jinja|txt|model|tiktoken)$/;

/**
 * The folder of a model's files: from the local cache of the hub, where it is; else it is downloaded into that cache.
 * With HF_HUB_OFFLINE=1, only the cache is read.
 *
 * @throws InputError where it is neither in the cache nor to be had; the signal's reason once it says stop
 */
export async function hubFolder(
  ref: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  control: FetchControl = {},
): Promise<string> {
  const parsed = parseHubRef(ref);
  if (parsed === null)
    throw new InputError(`"${ref}" does not name a repository and a revision`, {
      remedy: 'Write hf:ORG/NAME@REVISION: a commit, a tag or a branch.',
    });
  const { HubRepository } = await import('./repository.ts');
  const repository = new HubRepository({ kind: 'model', name: parsed.repo }, env);
  const cached = cachedSnapshot(repository, parsed.revision);
  if (cached !== null) return cached;
  if (repository.isOffline) throw repository.notCached(parsed.revision, 'it');
  const commit = await repository.commitOf(parsed.revision);
  const { files } = await repository.filesAt(commit);
  await repository.fetch(files.filter(isNeeded), commit, { ...control, check: false });
  return repository.cache.snapshot(commit);
}

function isNeeded({ path }: HubFile): boolean {
  return NEEDED.test(path);
}

/** The snapshot of a revision, where the cache has all that is needed of it; as far as is known, where nobody kept what there is. */
function cachedSnapshot({ cache }: HubRepository, revision: string): string | null {
  const commit = isCommit(revision) ? revision : cache.commitOf(revision);
  if (commit === null) return null;
  const folder = cache.snapshot(commit);
  const isWhole =
    cache
      .listing(commit)
      ?.filter(isNeeded)
      .every((file) => cache.pathOf(file, commit) !== null) ?? true;
  return isWhole && existsSync(join(folder, 'config.json')) ? folder : null;
}
