import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../core/index.ts';

const FORM = /^hf:(?<repo>[\w.-]+\/[\w.-]+)@(?<revision>[\w./-]+)$/;

/** A repository on the Hugging Face hub, at one revision. */
interface HubRef {
  readonly repo: string;
  readonly revision: string;
}

export function isHubRef(text: string): boolean {
  return text.startsWith('hf:');
}

/**
 * Takes `hf:ORG/NAME@REVISION` apart. The revision must be there, because a branch such as `main` moves without a word.
 *
 * @returns `null` where the text has another form
 * @example parseHubRef('hf:allenai/Olmo-3-1025-7B@stage1-step1413814')
 *   // => { repo: 'allenai/Olmo-3-1025-7B', revision: 'stage1-step1413814' }
 */
export function parseHubRef(text: string): HubRef | null {
  const { repo, revision } = FORM.exec(text)?.groups ?? {};
  return repo === undefined || revision === undefined ? null : { repo, revision };
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder of a repository's files: from the local cache of the hub, where it is; else it is downloaded into that cache.
 * With HF_HUB_OFFLINE=1, only the cache is read.
 *
 * @throws InputError where it is neither in the cache nor to be had
 */
export async function hubFolder(ref: string, env: Environment = process.env): Promise<string> {
  const parsed = parseHubRef(ref);
  if (parsed === null)
    throw new InputError(`"${ref}" does not name a repository and a revision`, {
      remedy: 'Write hf:ORG/NAME@REVISION: a commit, a tag or a branch.',
    });
  const cached = cachedSnapshot(parsed, env);
  if (cached !== null) return cached;
  if (isOffline(env))
    throw new InputError(
      `${ref} is not in the cache of the hub (${cacheFolder(env)}), and HF_HUB_OFFLINE is set`,
      {
        remedy: `Download it where the network is allowed: hf download ${parsed.repo} --revision ${parsed.revision}`,
      },
    );
  const { snapshotDownload } = await import('@huggingface/hub');
  try {
    return await snapshotDownload({
      repo: { type: 'model', name: parsed.repo },
      revision: parsed.revision,
      cacheDir: cacheFolder(env),
      ...(env.HF_TOKEN === undefined ? {} : { accessToken: env.HF_TOKEN }),
    });
  } catch (cause) {
    throw new InputError(`${ref} cannot be downloaded: ${(cause as Error).message}`, {
      remedy: `Check the name, the revision and HF_TOKEN, or download it yourself: hf download ${parsed.repo} --revision ${parsed.revision}`,
      cause,
    });
  }
}

function isOffline(env: Environment): boolean {
  return ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].some((name) =>
    /^(1|true|yes|on)$/i.test(env[name] ?? ''),
  );
}

function cacheFolder(env: Environment): string {
  if (env.HF_HUB_CACHE) return env.HF_HUB_CACHE;
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
  return join(home, 'hub');
}

/** The layout that `huggingface_hub` and its JavaScript twin share: `models--ORG--NAME/{refs,snapshots}`. */
function cachedSnapshot({ repo, revision }: HubRef, env: Environment): string | null {
  const folder = join(cacheFolder(env), `models--${repo.replace('/', '--')}`);
  const pointer = join(folder, 'refs', revision);
  const commit = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : revision;
  const snapshot = join(folder, 'snapshots', commit);
  return existsSync(join(snapshot, 'config.json')) ? snapshot : null;
}
