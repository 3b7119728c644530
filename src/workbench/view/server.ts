import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { InputError, StemmaError } from '../../core/index.ts';
import { keptIn } from '../../core/kept-in.ts';
import { BoundedServer, isOwnHost, RequestRefusal, requestPath } from '../../models/index.ts';
import { raterOf } from '../labels/index.ts';
import type { LabelRequest, RunCard } from '../wire.ts';
import { type PageAssets, pageAssets } from './assets.ts';
import { LabelDesk } from './label-desk.ts';
import { RunWorker, WorkerProblem } from './processes.ts';
import { AccessTokens, type TokenAccess } from './tokens.ts';

/** A run that can be opened, or the reason why not. */
export type ListedRun = Omit<RunCard, 'id'>;

interface ViewOptions {
  readonly port: number;
  /** The command that answers questions about a run folder, in a process of its own. */
  readonly worker: (folder: string) => readonly string[];
}

interface ViewServer extends AsyncDisposable {
  /** The address with the token: what a browser is to open. */
  readonly link: string;
}

const LIMITS = {
  connections: 128,
  bodyBytes: 256 * 1024,
  allBodiesBytes: 4 * 1024 * 1024,
  requestMs: 30_000,
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};
/** How often a run that somebody looks at is checked for new records. */
const LOOK_MS = 2000;

/**
 * Serves the pages of `stemma view` on 127.0.0.1. Everything needs the token of the link; a run is only read, but for labels.
 *
 * @throws InputError when the port is taken
 */
export async function serveView(runs: readonly ListedRun[], options: ViewOptions): Promise<ViewServer> {
  const view = new RequestRouter(runs, options, await pageAssets());
  const bounded = new BoundedServer(LIMITS, (request, response) => view.answer(request, response, bounded));
  await bounded.listen({ port: options.port, host: '127.0.0.1' }).catch((cause) => {
    const remedy = 'Give another --port, or none for any that is free.';
    throw new InputError(`can't listen on port ${options.port}: ${cause.message}`, { remedy, cause });
  });
  view.readAhead();
  const { port } = bounded.http.address() as AddressInfo;
  return {
    link: `http://127.0.0.1:${port}/?token=${view.tokens.issue({ kind: 'all' })}`,
    async [Symbol.asyncDispose]() {
      bounded.http.closeAllConnections();
      await view[Symbol.asyncDispose]();
      await bounded.close();
    },
  };
}

class RequestRouter implements AsyncDisposable {
  readonly tokens = new AccessTokens();
  readonly #runs: readonly ListedRun[];
  readonly #assets: PageAssets;
  readonly #command: ViewOptions['worker'];
  /** Lists and samples; and apart from them findings, which take longer. */
  readonly #workers = new Map<string, RunWorker>();
  readonly #desks = new Map<number, LabelDesk>();

  constructor(runs: readonly ListedRun[], { worker }: ViewOptions, assets: PageAssets) {
    this.#runs = runs;
    this.#command = worker;
    this.#assets = assets;
  }

  /** Begins to read a run that is shown alone, while the browser starts. Its page asks anew, and shows what goes wrong. */
  readAhead(): void {
    if (this.#runs.length !== 1 || this.#runs[0]!.problem !== undefined) return;
    this.#worker(0, 'trials')
      .ask('summary')
      .catch(() => {});
  }

  async answer(request: IncomingMessage, response: ServerResponse, bounded: BoundedServer): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    try {
      if (!isOwnHost(request.headers.host))
        throw new RequestRefusal(403, 'this server answers to localhost and 127.0.0.1 only');
      if (this.#enter(request, response)) return;
      const access = this.tokens.accessOf(request);
      if (access === null) throw new RequestRefusal(403, 'open the link that stemma view printed');
      requireOwnOrigin(request);
      await this.#route(request, response, access, bounded);
    } catch (error) {
      refuse(response, error, requestPath(request).startsWith('/api/'));
    }
  }

  /** A link with a token: the token becomes a cookie, and leaves the address. */
  #enter({ url = '/', method }: IncomingMessage, response: ServerResponse): boolean {
    const parameters = new URLSearchParams(url.split('?')[1] ?? '');
    const token = parameters.get('token');
    if (method !== 'GET' || token === null || this.tokens.access(token) === null) return false;
    response.writeHead(302, { 'set-cookie': this.tokens.cookieFor(token), location: '/' });
    response.end();
    return true;
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
    access: TokenAccess,
    bounded: BoundedServer,
  ): Promise<void> {
    const path = requestPath(request);
    const asset = this.#assets.get(path);
    if (asset !== undefined && request.method === 'GET') {
      response.writeHead(200, { 'content-type': asset.type });
      response.end(asset.body);
      return;
    }
    if (path === '/api/access') return send(response, access);
    const label = /^\/api\/runs\/(\d+)\/labels$/.exec(path);
    if (label !== null) {
      const run = this.#run(Number(label[1]));
      return send(response, await this.#label(request, run, access, bounded));
    }
    if (access.kind !== 'all') throw new RequestRefusal(403, 'this link opens the labels of one person only');
    if (request.method !== 'GET') throw new RequestRefusal(405, 'only labels can be changed here');
    if (path === '/api/runs') {
      const cards: RunCard[] = this.#runs.map((run, id) => ({ id, ...run }));
      return send(response, cards);
    }
    const [, id, what] =
      /^\/api\/runs\/(\d+)\/(summary|samples|sample|findings|events|label-link|label-plan)$/.exec(path) ?? [];
    if (id === undefined) throw new RequestRefusal(404, 'there is no such page');
    const run = this.#run(Number(id));
    const parameters = new URLSearchParams(request.url?.split('?')[1] ?? '');
    if (what === 'events') return this.#events(run, response);
    if (what === 'label-link') {
      const labeller = parameters.get('labeller') ?? '';
      // Whoever gets the link could only be told that the name can't be one.
      if (labeller !== '') raterOf(labeller);
      const token = this.tokens.issue({ kind: 'label', run, labeller });
      return send(response, { path: `/?token=${token}` });
    }
    send(response, await this.#ask(run, what!, parameters));
  }

  #ask(run: number, what: string, parameters: URLSearchParams): Promise<unknown> {
    const address = parameters.toString();
    if (what === 'findings') return this.#worker(run, 'findings').ask('findings');
    if (what === 'label-plan')
      return this.#worker(run, 'findings').ask('labelPlan', parameters.get('measure') ?? '');
    const worker = this.#worker(run, 'trials');
    if (what === 'summary') return worker.ask('summary');
    if (what === 'samples') {
      const number = (name: string, other: number) => {
        const value = Number(parameters.get(name) ?? other);
        return Number.isSafeInteger(value) && value >= 0 ? value : other;
      };
      return worker.ask('samples', address, number('from', 0), number('count', 100));
    }
    return worker.ask('sample', address, {
      eval: parameters.get('of') ?? '',
      sample: parameters.get('id') ?? '',
    });
  }

  /** Tells the page whenever records were added. */
  #events(run: number, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let last = -1;
    let timer: NodeJS.Timeout;
    const look = async () => {
      const version = await this.#worker(run, 'trials')
        .ask('refresh')
        .catch(() => last);
      response.write(version === last ? ': still here\n\n' : `data: ${version}\n\n`);
      last = version;
      timer = setTimeout(look, LOOK_MS);
      if (response.destroyed) clearTimeout(timer);
    };
    response.on('close', () => clearTimeout(timer));
    void look();
  }

  async #label(
    request: IncomingMessage,
    run: number,
    access: TokenAccess,
    bounded: BoundedServer,
  ): Promise<unknown> {
    if (access.kind === 'label' && access.run !== run)
      throw new RequestRefusal(403, 'this link opens the labels of another run');
    const desk = keptIn(this.#desks, run, () => new LabelDesk(this.#runs[run]!.folder));
    if (request.method === 'GET')
      return access.kind === 'label' ? { labeller: access.labeller } : desk.overview();
    const read = labelRequest.safeParse(await bounded.readJson(request));
    if (!read.success) throw new RequestRefusal(400, 'the request is not one of a label session');
    const asked = read.data as LabelRequest;
    if (access.kind === 'label') {
      if (asked.labeller !== access.labeller)
        throw new RequestRefusal(403, 'this link opens the labels of another person');
      if (asked.do === 'open' && asked.adjudicate)
        throw new RequestRefusal(403, 'this link opens labels, not decisions about them');
    }
    return desk.act(asked);
  }

  #run(id: number): number {
    const run = this.#runs[id];
    if (run === undefined) throw new RequestRefusal(404, 'there is no such run');
    if (run.problem !== undefined) throw new RequestRefusal(409, run.problem);
    return id;
  }

  #worker(run: number, what: 'trials' | 'findings'): RunWorker {
    const start = () => new RunWorker(this.#command(this.#runs[run]!.folder));
    return keptIn(this.#workers, `${what} ${run}`, start);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers.values()) worker[Symbol.dispose]();
    for (const desk of this.#desks.values()) await desk[Symbol.asyncDispose]();
  }
}

const answer = z.object({ label: z.string().nullable(), score: z.number().nullable() });
const labelRequest = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('open'),
    labeller: z.string().max(200),
    measures: z.array(z.string()).optional(),
    labels: z.number().int().min(1).max(1_000_000).optional(),
    adjudicate: z.boolean().optional(),
  }),
  z.object({
    do: z.literal('answer'),
    labeller: z.string(),
    at: z.number().int(),
    given: z.union([answer, z.literal('skipped')]),
  }),
  z.object({ do: z.literal('undo'), labeller: z.string() }),
  z.object({ do: z.literal('close'), labeller: z.string() }),
]);

/**
 * A page of another site can have the browser send its requests here, with the cookie in older browsers. Such requests name
 * their origin, or that they are cross-site.
 */
function requireOwnOrigin({ headers, method }: IncomingMessage): void {
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site')
    throw new RequestRefusal(403, 'a page of another site asked for this');
  const { origin, host } = headers;
  if (origin !== undefined && origin !== `http://${host}`)
    throw new RequestRefusal(403, 'a page of another site asked for this');
  if (method !== 'GET' && origin === undefined)
    throw new RequestRefusal(403, 'a request that changes something must say where it is from');
}

function send(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, error: unknown, isApi: boolean): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, message, remedy } = described(error);
  response.writeHead(status, { 'content-type': isApi ? 'application/json' : 'text/plain; charset=utf-8' });
  response.end(isApi ? JSON.stringify({ problem: message, remedy }) : `${message}\n`);
}

function described(error: unknown): { status: number; message: string; remedy?: string | undefined } {
  if (error instanceof RequestRefusal) return { status: error.status, message: error.message };
  if (error instanceof WorkerProblem)
    return { status: error.isInput ? 400 : 500, message: error.message, remedy: error.remedy };
  if (error instanceof StemmaError) return { status: 400, message: error.placed, remedy: error.remedy };
  return { status: 500, message: error instanceof Error ? error.message : String(error) };
}
