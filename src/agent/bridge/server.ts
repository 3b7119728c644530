import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MissingPartError } from '../../core/index.ts';
import type { Members } from '../../core/parsed-json.ts';
import { BoundedServer, RequestRefusal, requestPath, sendJson } from '../../models/index.ts';
import { type BridgeProtocol, BridgeRefusal } from './protocol.ts';
import type { BridgeSession } from './session.ts';
import { requestTokens } from './wire.ts';

/**
 * A CLI sends the whole history with each call, also images, and makes few calls at once. Code of the agent can reach the
 * socket too, and may try to fill this process.
 */
const LIMITS = {
  connections: 64,
  bodyBytes: 64 * 1024 * 1024,
  allBodiesBytes: 128 * 1024 * 1024,
  requestMs: 60_000,
};
/** Notes on requests that are not served, of one session; and characters of one. */
const MOST_NOTES = 100;
const LONGEST_NOTE = 300;
/** CLIs give up on a server that says nothing for a minute or two; a model may think for longer. */
const PING_MS = 15_000;
const PREFIX = 'stemma-bridge-';

/**
 * The host's end of the bridge: a server on a Unix socket that speaks one protocol, and puts what comes to the session that
 * is open. The socket is all of the host that a CLI in a sandbox can reach.
 */
export class Bridge implements AsyncDisposable {
  readonly #protocol: BridgeProtocol;
  readonly #folder: string;
  readonly #server: BoundedServer;
  readonly #pingMs: number;
  #session: BridgeSession | undefined;

  private constructor(protocol: BridgeProtocol, folder: string, pingMs: number) {
    this.#protocol = protocol;
    this.#folder = folder;
    this.#pingMs = pingMs;
    this.#server = new BoundedServer(LIMITS, (request, response) => this.#serve(request, response));
  }

  /** Opens the socket, in a folder of its own that goes with it. Sweeps up what a killed process left. */
  static async open(protocol: BridgeProtocol, { pingMs = PING_MS } = {}): Promise<Bridge> {
    await sweep();
    const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
    const bridge = new Bridge(protocol, folder, pingMs);
    try {
      await bridge.#server.listen({ path: bridge.socket });
      // The inside's user is another one. The folder lets nobody else of the host come near.
      await chmod(bridge.socket, 0o666);
    } catch (cause) {
      await rm(folder, { recursive: true, force: true });
      throw new MissingPartError(`can't open a socket in ${folder}: ${(cause as Error).message}`, {
        remedy: 'Set TMPDIR to a short path on a local disk.',
        cause,
      });
    }
    return bridge;
  }

  get socket(): string {
    return join(this.#folder, 's');
  }

  /** From here on, calls go to this session. */
  attach(session: BridgeSession): void {
    this.#session = session;
  }

  /** Calls are refused again; those under way are broken off. */
  detach(): void {
    this.#session = undefined;
    this.#server.http.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session = undefined;
    await this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET' } = request;
    const path = requestPath(request);
    const reply = new Reply(response, this.#protocol);
    const session = this.#session;
    try {
      const wanted = this.#protocol.route(method, path);
      if (wanted === 'alive') return reply.whole(200, {});
      if (session === undefined) throw new BridgeRefusal('no session is open');
      if (wanted === undefined) return notServed(session, reply, `${method} ${path}`);
      const call = this.#protocol.read(await this.#server.readJson(request), {
        path,
        headers: request.headers,
      });
      if (wanted === 'count-tokens') {
        const tokens = requestTokens(call.messages, call.tools);
        return reply.whole(200, this.#protocol.tokenCount(tokens));
      }
      if (call.stream) reply.pingWhileWaiting(this.#pingMs);
      const answer = await session.answer(call, reply.gone);
      if (call.stream) reply.stream(this.#protocol.events(answer, call));
      else reply.whole(200, this.#protocol.body(answer, call));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const refused = error instanceof BridgeRefusal || error instanceof RequestRefusal;
      if (refused && session !== undefined) note(session, `${method} ${path}: ${message}`);
      reply.error(message);
      // The rest of a body that was refused is not received.
      if (error instanceof RequestRefusal) response.once('finish', () => request.destroy());
    }
  }
}

function notServed(session: BridgeSession, reply: Reply, what: string): void {
  note(session, `${what.slice(0, LONGEST_NOTE)}: not served`);
  const message = `there is nothing at ${what.slice(0, LONGEST_NOTE)}`;
  reply.whole(404, { error: { code: 404, status: 'NOT_FOUND', message } });
}

/** The first notes of a session are kept; a caller can cause any number of them. */
function note({ unserved }: BridgeSession, text: string): void {
  if (unserved.length < MOST_NOTES) unserved.push(text.slice(0, LONGEST_NOTE));
}

/** One HTTP answer: whole, or a stream that begins when the answer is there or the wait has become long. */
class Reply {
  readonly #response: ServerResponse;
  readonly #protocol: BridgeProtocol;
  readonly #gone = new AbortController();
  #pings: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse, protocol: BridgeProtocol) {
    this.#response = response;
    this.#protocol = protocol;
    response.on('close', () => {
      clearInterval(this.#pings);
      if (!response.writableEnded) this.#gone.abort(new Error('the CLI hung up'));
    });
  }

  /** Aborts when the CLI no longer waits. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  pingWhileWaiting(ms: number): void {
    this.#pings = setInterval(() => {
      this.#begin();
      this.#response.write(this.#protocol.ping);
    }, ms);
  }

  whole(status: number, body: Members): void {
    clearInterval(this.#pings);
    sendJson(this.#response, status, body);
  }

  stream(events: readonly string[]): void {
    clearInterval(this.#pings);
    this.#begin();
    for (const event of events) this.#response.write(event);
    this.#response.end();
  }

  /** As a status where none is out yet, else as an event. */
  error(message: string): void {
    const { status, body, event } = this.#protocol.error(message);
    if (this.#response.headersSent) this.stream([event]);
    else this.whole(status, body);
  }

  #begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  }
}

/** Removes the sockets of processes that are gone. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (Number.isInteger(pid) && !isAlive(pid)) {
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
