import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A repository as the server has it. */
export interface ServedRepository {
  readonly kind?: 'dataset' | 'model';
  /** By path. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Only for readers with the token. */
  readonly access?: 'gated' | 'private';
  /** By branch or tag; by default `main` is `COMMIT`. */
  readonly revisions?: Readonly<Record<string, string>>;
}

/** What was asked of a server. */
interface Asked {
  readonly server: 'hub' | 'files';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** How a file is sent the next time, if not as it should be. */
export type Fault =
  /** The connection is closed after so many bytes. */
  | { readonly kind: 'cut'; readonly after: number }
  | { readonly kind: 'other bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'no ranges' }
  | { readonly kind: 'status'; readonly status: number }
  /** Nothing follows after so many bytes, and the connection stays open. */
  | { readonly kind: 'stall'; readonly after: number };

export const COMMIT = 'c0ffee'.repeat(7).slice(0, 40);
export const TOKEN = 'hf_of-a-test';
/** Files of this many bytes lie on the other server, as large files do. */
const LARGE = 1000;
const PAGE = 2;

/**
 * Speaks the API of the Hugging Face hub, as far as it is needed to read repositories, with the headers and codes that it has:
 * what a revision is, listings in pages, small files from the hub itself and large ones by a redirect to a server of files.
 *
 * @see https://huggingface.co/docs/hub/api
 */
export class TestHub implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #repositories: Readonly<Record<string, ServedRepository>>;
  readonly #faults = new Map<string, Fault[]>();
  readonly #hub = answering((request, response) => this.#answer(request, response));
  readonly #files = answering((request, response) => this.#answerWithFile(request, response));

  private constructor(repositories: Readonly<Record<string, ServedRepository>>) {
    this.#repositories = repositories;
  }

  static async start(repositories: Readonly<Record<string, ServedRepository>>): Promise<TestHub> {
    const hub = new TestHub(repositories);
    for (const server of [hub.#hub, hub.#files]) await once(server.listen(0, '127.0.0.1'), 'listening');
    return hub;
  }

  /** For HF_ENDPOINT. */
  get url(): string {
    return addressOf(this.#hub);
  }

  /** Has the next requests for a file go wrong, one fault each. */
  fail(path: string, ...faults: readonly Fault[]): void {
    this.#faults.set(path, [...faults]);
  }

  /** The requests for the bytes of a file. */
  requestsFor(path: string): Asked[] {
    return this.asked.filter((asked) => asked.path.endsWith(`/${path}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#hub, this.#files]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.url);
    this.#note('hub', url, request);
    const api = /^\/api\/(dataset|model)s\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
    const file = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const isFile = api === null;
    const name = (isFile ? file?.[2] : api[2]) ?? '';
    const kind = isFile ? (file?.[1] === undefined ? 'model' : 'dataset') : api[1];
    const repository = this.#repositories[name];
    const mayRead = request.headers.authorization === `Bearer ${TOKEN}`;
    if (request.headers.authorization !== undefined && !mayRead)
      throw new Refused(401, null, 'Invalid credentials in Authorization header');
    if (
      repository === undefined ||
      (repository.kind ?? 'dataset') !== kind ||
      (repository.access === 'private' && !mayRead)
    )
      throw new Refused(mayRead ? 404 : 401, 'RepoNotFound', 'Repository not found');
    const revisions = repository.revisions ?? { main: COMMIT };
    const asked = decodeURIComponent((isFile ? file?.[3] : api[4]) ?? '');
    const commit = revisions[asked] ?? Object.values(revisions).find((each) => each === asked);
    if (commit === undefined) throw new Refused(404, 'RevisionNotFound', `Invalid rev id: ${asked}`);
    response.setHeader('x-repo-commit', commit);
    if (isFile)
      this.#sendFile(repository, { name, path: decodeURIComponent(file![4]!), mayRead }, request, response);
    else if (api[3] === 'tree') this.#list(repository, url, response);
    else sendJson(response, { _id: '1', id: name, sha: commit, private: false, gated: false });
  }

  #sendFile(
    { files, access }: ServedRepository,
    { name, path, mayRead }: { name: string; path: string; mayRead: boolean },
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (access === 'gated' && !mayRead)
      throw new Refused(401, 'GatedRepo', `Access to dataset ${name} is restricted.`);
    const content = files[path];
    if (content === undefined) throw new Refused(404, 'EntryNotFound', 'Entry not found');
    const bytes = Buffer.from(content as string);
    if (bytes.length < LARGE) {
      response.setHeader('etag', `"${gitSha1(bytes)}"`);
      this.#send(path, bytes, request, response);
      return;
    }
    response.writeHead(302, {
      location: `${addressOf(this.#files)}/${name}/${encodeURI(path)}`,
      'x-linked-size': bytes.length,
      'x-linked-etag': `"${sha256(bytes)}"`,
    });
    response.end();
  }

  #list({ files }: ServedRepository, url: URL, response: ServerResponse): void {
    const folders = new Set(
      Object.keys(files).flatMap((path) =>
        path.split('/').flatMap((_, depth, parts) => (depth === 0 ? [] : [parts.slice(0, depth).join('/')])),
      ),
    );
    const entries = [
      ...[...folders].map((path) => ({ type: 'directory', oid: '0'.repeat(40), size: 0, path })),
      ...Object.entries(files).map(([path, content]) => entryOf(path, Buffer.from(content as string))),
    ];
    const from = Number(url.searchParams.get('cursor') ?? 0);
    if (from + PAGE < entries.length) {
      url.searchParams.set('cursor', String(from + PAGE));
      response.setHeader('link', `<${url.href}>; rel="next"`);
    }
    sendJson(response, entries.slice(from, from + PAGE));
  }

  #answerWithFile(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.url);
    this.#note('files', url, request);
    const [, org, name, ...path] = decodeURIComponent(url.pathname).split('/');
    const bytes = Buffer.from(this.#repositories[`${org}/${name}`]!.files[path.join('/')] as string);
    this.#send(path.join('/'), bytes, request, response);
  }

  #send(path: string, bytes: Buffer, request: IncomingMessage, response: ServerResponse): void {
    const fault = this.#faults.get(path)?.shift();
    if (fault?.kind === 'status') throw new Refused(fault.status, null, 'A fault of a test');
    const sent = fault?.kind === 'other bytes' ? Buffer.from(fault.bytes) : bytes;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const isPart = request.headers.range !== undefined && fault?.kind !== 'no ranges';
    if (isPart && from >= sent.length) throw new Refused(416, null, 'Range not satisfiable');
    const body = isPart ? sent.subarray(from) : sent;
    response.writeHead(isPart ? 206 : 200, {
      'content-length': body.length,
      ...(isPart ? { 'content-range': `bytes ${from}-${sent.length - 1}/${sent.length}` } : {}),
    });
    if (fault?.kind === 'cut') response.write(body.subarray(0, fault.after), () => response.destroy());
    else if (fault?.kind === 'stall') response.write(body.subarray(0, fault.after));
    else response.end(body);
  }

  #note(server: Asked['server'], { pathname }: URL, { headers }: IncomingMessage): void {
    const { range, authorization } = headers;
    this.asked.push({ server, path: pathname, range, authorization });
  }
}

/** @see https://huggingface.co/docs/hub/api: the tree of a repository */
function entryOf(path: string, bytes: Buffer): object {
  const isLarge = bytes.length >= LARGE;
  return {
    type: 'file',
    path,
    size: bytes.length,
    oid: isLarge ? '1'.repeat(40) : gitSha1(bytes),
    ...(isLarge ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 132 } } : {}),
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function gitSha1(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** An answer with an error. */
class Refused extends Error {
  readonly status: number;
  readonly code: string | null;

  constructor(status: number, code: string | null, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What a server does with a request, or refuses to do. */
function answering(answer: (request: IncomingMessage, response: ServerResponse) => void): Server {
  return createServer((request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, code, message } = error;
      response.writeHead(status, {
        'x-error-message': message,
        'content-type': 'application/json',
        ...(code === null ? {} : { 'x-error-code': code }),
      });
      response.end(JSON.stringify({ error: message }));
    }
  });
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(value));
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
