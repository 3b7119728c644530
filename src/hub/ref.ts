import { InputError } from '../core/index.ts';

/** Names of the hub begin with a letter, a digit or `_`. */
const WEIGHTS = /^hf:(?<repo>\w[\w.-]*\/\w[\w.-]*)@(?<revision>.+)$/;
/** A slash ends the revision, except in `refs/pr/7` and `refs/convert/parquet`, as `huggingface_hub` reads such paths. */
const DATA =
  /^hf:(?<repo>\w[\w.-]*\/\w[\w.-]*)(?:@(?<revision>refs\/(?:pr|convert)\/[^/]+|[^/]+))?(?:\/(?<path>.*))?$/;

/** A repository on the Hugging Face hub, at one revision. */
interface HubRef {
  readonly repo: string;
  readonly revision: string;
}

/** A data set on the hub, and what of it. */
export interface DataRef {
  /** `ORG/NAME` */
  readonly repo: string;
  /** `null`: what its main branch has now. */
  readonly revision: string | null;
  /** A file, a folder or a pattern in it; empty for the whole data set. */
  readonly path: string;
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
  const { repo, revision } = WEIGHTS.exec(text)?.groups ?? {};
  return repo === undefined || revision === undefined || !isRevision(revision) ? null : { repo, revision };
}

/**
 * Takes `hf:ORG/NAME@REVISION/PATH` apart, of which the last two may be left out. A slash within the revision is written `%2F`.
 *
 * @throws InputError where the text has another form
 * @example parseDataRef('hf:org/answers@v1/data/train-*.parquet')
 *   // => { repo: 'org/answers', revision: 'v1', path: 'data/train-*.parquet' }
 */
export function parseDataRef(text: string): DataRef {
  const { repo, revision, path = '' } = DATA.exec(text)?.groups ?? {};
  const decoded = revision?.replaceAll(/%2f/gi, '/') ?? null;
  const parts = path.replace(/\/$/, '').split('/');
  const sound = (decoded === null || isRevision(decoded)) && !parts.includes('..') && !parts.includes('.');
  if (repo !== undefined && sound) return { repo, revision: decoded, path: parts.join('/') };
  throw new InputError(`"${text}" does not name a data set of the Hugging Face hub`, {
    remedy:
      'Write hf:ORG/NAME@REVISION, or hf:ORG/NAME@REVISION/PATH with a file, a folder or a pattern such as data/*.parquet.',
  });
}

/** What Git takes as a name, as far as it matters here: it is a part of a path in the cache. */
function isRevision(text: string): boolean {
  return /^\w[\w./+-]*$/.test(text) && !text.includes('..') && !text.endsWith('/');
}
