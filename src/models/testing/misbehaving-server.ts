import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pass } from 'node:timers/promises';

/**
 * Test support: a local HTTP server that misbehaves on request. Requests are met by the queued behaviours in order,
 * and by `usual` when none is queued.
 */
export type Behaviour = (response: ServerResponse, request: Received) => void | Promise<void>;

/** A request as the server got it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
  /** `performance.now()` at its end. */
  readonly at: number;
  /** Resolves when the client closes the connection, or the answer is sent. */
  readonly closed: Promise<void>;
}

export class MisbehavingServer implements AsyncDisposable {
  usual: Behaviour;
  readonly received: Received[] = [];
  /** Connections accepted since the start. */
  connections = 0;
  atOnce = 0;
  mostAtOnce = 0;
  readonly #queue: Behaviour[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  static async start(usual: Behaviour): Promise<MisbehavingServer> {
    const server = new MisbehavingServer(usual);
    await server.listen();
    return server;
  }

  private constructor(usual: Behaviour) {
    this.usual = usual;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  next(...behaviours: readonly Behaviour[]): this {
    this.#queue.push(...behaviours);
    return this;
  }

  /** Resolves when so many requests have come. */
  async until(count: number): Promise<void> {
    while (this.received.length < count) await pass(2);
  }

  /** Listens, on the same port as before if there was one. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => this.#meet(request, response));
    this.#server = server;
    server.on('connection', (socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Breaks all connections and refuses new ones. */
  async stop(): Promise<void> {
    const closed = this.#server === null ? undefined : once(this.#server, 'close');
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.#server = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    const closed = once(response, 'close').then(() => {
      this.atOnce--;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const received = {
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
      at: performance.now(),
      closed,
    };
    this.received.push(received);
    await (this.#queue.shift() ?? this.usual)(response, received);
  }
}

/** Answers with a status, headers, and a body: text as it is, anything else as JSON. */
export function answers(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Behaviour {
  return (response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}

/** Does it later. */
export function after(milliseconds: number, behaviour: Behaviour): Behaviour {
  return async (response, request) => {
    await pass(milliseconds);
    return behaviour(response, request);
  };
}

/** Takes the request and never says a word. */
export const hangs: Behaviour = () => {};

/** Sends headers and the beginning of a body, then nothing more. */
export function hangsWithin(text: string): Behaviour {
  return (response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(text.length * 2),
    });
    response.write(text);
  };
}

/** Breaks the connection in the middle of a body. */
export function resetsWithin(text: string): Behaviour {
  return (response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(text.length * 2),
    });
    response.write(text, () => setImmediate(() => response.socket?.resetAndDestroy()));
  };
}

/** Announces a longer body than it sends, and ends the connection in good order. */
export function endsWithin(text: string): Behaviour {
  return (response) => {
    const head = `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${text.length * 2}\r\n\r\n`;
    response.socket?.end(head + text);
  };
}

/** Sends a body a few bytes at a time, each soon enough, the whole never. */
export function trickles(text: string, everyMs: number): Behaviour {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (let at = 0; !response.destroyed; at = (at + 1) % text.length) {
      response.write(text.charAt(at));
      await pass(everyMs);
    }
  };
}

/** Writes something on the socket that is not HTTP. */
export const sendsGarbage: Behaviour = (response) => {
  response.socket?.end('I am not a web server\r\n\r\n');
};
