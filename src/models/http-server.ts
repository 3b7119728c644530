import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ListenOptions } from 'node:net';

/** What an HTTP server of ours takes at most from whoever calls it. */
interface ServerLimits {
  /** Connections at once; further ones are closed. */
  readonly connections: number;
  /** Bytes of one body. */
  readonly bodyBytes: number;
  /** Bytes of all bodies that are being received at once. */
  readonly allBodiesBytes: number;
  /** Milliseconds until a request with its body must have arrived. */
  readonly requestMs: number;
}

/** A request that is refused. `status` is the HTTP status of the answer. */
export class RequestRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * A server that no caller can end or fill: connections, bodies and the time that a request takes are limited, and an
 * error of the handler ends the connection instead of the process.
 *
 * @example
 * const server = new BoundedServer(LIMITS, async (request, response) => {
 *   const body = await server.readJson(request);
 *   response.end(JSON.stringify(body));
 * });
 * await server.listen({ port: 0, host: '127.0.0.1' });
 */
export class BoundedServer {
  readonly http: Server;
  readonly #limits: ServerLimits;
  #receiving = 0;

  constructor(
    limits: ServerLimits,
    handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ) {
    this.#limits = limits;
    // Not imported: the import of node:http loads all of Node's own fetch, at the start of every command.
    const { createServer } = process.getBuiltinModule('node:http');
    this.http = createServer(
      {
        requestTimeout: limits.requestMs,
        headersTimeout: limits.requestMs,
        connectionsCheckingInterval: 1000,
      },
      (request, response) => {
        handler(request, response).catch(() => response.destroy());
      },
    );
    this.http.maxConnections = limits.connections;
  }

  /**
   * Begins to listen. From then on errors such as a lack of file descriptors close a connection, and do not end the process.
   *
   * @throws what keeps it from listening: the address is taken, or is not one
   */
  async listen(at: ListenOptions): Promise<void> {
    this.http.listen(at);
    await once(this.http, 'listening');
    this.http.on('error', () => {});
  }

  /** Breaks off what is under way, and listens no more. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.http.close(resolve));
    this.http.closeAllConnections();
    await closed;
  }

  /**
   * The body of a request as JSON.
   *
   * @throws RequestRefusal 413 for a body that is too long, 503 while other bodies take all the memory there is for
   *   them, 400 for a body that is not JSON
   */
  async readJson(request: IncomingMessage): Promise<unknown> {
    const { bodyBytes, allBodiesBytes } = this.#limits;
    const parts: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const part of request as AsyncIterable<Buffer>) {
        bytes += part.length;
        this.#receiving += part.length;
        if (bytes > bodyBytes) throw new RequestRefusal(413, `a request holds at most ${bodyBytes} bytes`);
        if (this.#receiving > allBodiesBytes)
          throw new RequestRefusal(503, 'too many requests are being received at once: try again later');
        parts.push(part);
      }
      return parseJson(Buffer.concat(parts).toString('utf8'));
    } finally {
      this.#receiving -= bytes;
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestRefusal(400, 'the body is not JSON');
  }
}

/** Sends a JSON body as the answer. Does nothing when the connection is closed already. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/**
 * The path of a request, without its query.
 *
 * @example requestPath({ url: '/v1/models?limit=2' }); // => '/v1/models'
 * @example requestPath({ url: '//' }); // => '//'
 */
export function requestPath({ url = '/' }: { readonly url?: string | undefined }): string {
  // `new URL` throws for paths such as `//`, and takes `//name/` for a host.
  return url.split(/[?#]/, 1)[0] || '/';
}

/**
 * Whether the Host header of a request names the machine that the server listens on. A page of another site that was
 * made to resolve to this address (DNS rebinding) sends its own name.
 *
 * @param names host names that are allowed beside loopback ones, without a port
 * @example isOwnHost('localhost:8000'); // => true
 * @example isOwnHost('evil.example'); // => false
 */
export function isOwnHost(header: string | undefined, names: readonly string[] = []): boolean {
  if (header === undefined) return false;
  const name = header.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  return ['localhost', '127.0.0.1', '[::1]', ...names.map((each) => each.toLowerCase())].includes(name);
}
