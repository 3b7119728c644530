import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { type Cancellation, Cancelled } from './cancellation.ts';
import { inNextTurn } from './next-turn.ts';
import type { ResponseHeaders } from './retry-delay.ts';

/** How long a request may take in each of its phases, in milliseconds, and how large its answer may be. */
interface TransportLimits {
  /** From the first byte sent to the last received. Servers that don't stream send headers only when all is generated. */
  readonly timeoutMs: number;
  /** Between two pieces of the body. */
  readonly idleTimeoutMs: number;
  readonly maxBodyBytes: number;
}

export interface Post {
  readonly origin: string;
  readonly path: string;
  /** Name, value, name, value, …: the form that costs undici least. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** A whole HTTP answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly text: string;
}

/** No whole HTTP answer came. */
export class TransportError extends Error {
  readonly kind: 'timeout' | 'connection' | 'malformed';
  /** The body as far as it came. */
  readonly partial: string;
  /** `undefined` where not even headers came. */
  readonly status: number | undefined;
  /** Nothing listens there. */
  readonly absent: boolean;

  constructor(
    kind: TransportError['kind'],
    message: string,
    received: { readonly partial: string; readonly status: number | undefined; readonly absent: boolean },
    cause?: unknown,
  ) {
    super(message, { cause });
    this.kind = kind;
    this.partial = received.partial;
    this.status = received.status;
    this.absent = received.absent;
  }
}

/**
 * One POST on a kept-alive connection. Talks to undici's dispatcher directly: no streams and no web bodies in between,
 * which would cost more than all the rest of a call.
 *
 * @throws TransportError; Cancelled at once when the call is
 */
export function post(
  dispatcher: Dispatcher,
  request: Post,
  limits: TransportLimits,
  cancellation: Cancellation,
): Promise<HttpAnswer> {
  return exchange(dispatcher, { ...request, method: 'POST' }, limits, cancellation);
}

/** One GET, under the same rules. */
export function get(
  dispatcher: Dispatcher,
  request: Omit<Post, 'body'>,
  limits: TransportLimits,
  cancellation: Cancellation,
): Promise<HttpAnswer> {
  return exchange(dispatcher, { ...request, body: null, method: 'GET' }, limits, cancellation);
}

function exchange(
  dispatcher: Dispatcher,
  request: Omit<Post, 'body'> & { readonly body: string | null; readonly method: 'GET' | 'POST' },
  limits: TransportLimits,
  cancellation: Cancellation,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (cancellation.cancelled) return reject(new Cancelled());
    const exchange = new HttpExchange(resolve, reject, limits, cancellation);
    dispatcher.dispatch(
      {
        method: request.method,
        origin: request.origin,
        path: request.path,
        headers: request.headers as string[],
        body: request.body,
        // The timer over the whole answer covers the headers.
        headersTimeout: 0,
        bodyTimeout: limits.idleTimeoutMs,
      },
      exchange,
    );
  });
}

/** Collects the answer to one request. Settles once; whatever comes later is ignored. */
class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: Error) => void;
  readonly #limits: TransportLimits;
  readonly #cancellation: Cancellation;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #status: number | undefined;
  #headers: ResponseHeaders = {};
  #controller: Dispatcher.DispatchController | null = null;
  #settled = false;

  constructor(
    resolve: (answer: HttpAnswer) => void,
    reject: (error: Error) => void,
    limits: TransportLimits,
    cancellation: Cancellation,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#limits = limits;
    this.#cancellation = cancellation;
    this.#timer = setTimeout(() => {
      this.#fail('timeout', `no whole answer within ${seconds(limits.timeoutMs)}`);
    }, limits.timeoutMs);
    cancellation.onCancel = () => this.#end(new Cancelled());
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Cancelled while the connection was still being made.
    if (this.#settled) controller.abort(new Cancelled());
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.maxBodyBytes) this.#fail('malformed', this.#tooLarge());
  }

  onResponseEnd(): void {
    inNextTurn(() => this.#finish());
  }

  #finish(): void {
    if (this.#settled) return;
    try {
      const text = decode(this.#body(), this.#headers['content-encoding'], this.#limits.maxBodyBytes);
      this.#settle();
      this.#resolve({ status: this.#status ?? 0, headers: this.#headers, text });
    } catch (cause) {
      this.#fail('malformed', `the body can't be decompressed: ${(cause as Error).message}`, cause);
    }
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const { kind, message, absent } = describe(error, this.#limits, this.#status);
    this.#fail(kind, message, error, absent);
  }

  #fail(kind: TransportError['kind'], message: string, cause?: unknown, absent = false): void {
    if (this.#settled) return;
    const partial = this.#body().toString('utf8');
    this.#end(new TransportError(kind, message, { partial, status: this.#status, absent }, cause));
  }

  #end(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
    this.#controller?.abort(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#cancellation.onCancel = null;
    clearTimeout(this.#timer);
  }

  #body(): Buffer {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
  }

  #tooLarge(): string {
    return `the body is larger than ${this.#limits.maxBodyBytes} bytes`;
  }
}

type Decompress = (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

const DECOMPRESS: Readonly<Record<string, Decompress>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/**
 * Servers are asked not to compress (`accept-encoding: identity`); some gateways do all the same. The header may name
 * several encodings, in the order in which they were applied, and in any case.
 */
function decode(body: Buffer, header: string | string[] | undefined, maxOutputLength: number): string {
  if (header === undefined) return body.toString('utf8');
  const names = [header].flat().join().toLowerCase().split(',');
  const encodings = names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
  const decoded = encodings.reduceRight((bytes, encoding) => {
    const decompress = Object.hasOwn(DECOMPRESS, encoding) ? DECOMPRESS[encoding] : undefined;
    if (decompress === undefined) throw new Error(`unknown content encoding "${encoding}"`);
    return decompress(bytes, { maxOutputLength });
  }, body);
  return decoded.toString('utf8');
}

/** What an error of undici or of the socket means. */
function describe(
  error: Error,
  limits: TransportLimits,
  status: number | undefined,
): { kind: TransportError['kind']; message: string; absent?: true } {
  const code = codeOf(error);
  if (error.name === 'HTTPParserError')
    return { kind: 'malformed', message: `the answer is not HTTP: ${error.message}` };
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return { kind: 'timeout', message: 'no connection in time' };
    case 'UND_ERR_BODY_TIMEOUT':
      return { kind: 'timeout', message: `the body stopped for ${seconds(limits.idleTimeoutMs)}` };
    case 'ECONNREFUSED':
      return { kind: 'connection', message: 'nothing listens there (ECONNREFUSED)', absent: true };
    case 'ENOTFOUND':
      return { kind: 'connection', message: 'there is no such host (ENOTFOUND)', absent: true };
    case 'UND_ERR_HEADERS_OVERFLOW':
      return { kind: 'malformed', message: 'the headers are too long' };
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return { kind: 'malformed', message: 'the body does not have its announced length' };
  }
  const where = status === undefined ? 'before the answer' : 'within the body';
  return { kind: 'connection', message: `the connection broke ${where} (${code || error.message})` };
}

/** Where both of a host's addresses fail, the error is an `AggregateError` of the two. */
function codeOf(error: Error & { code?: unknown; errors?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  const [first] = Array.isArray(error.errors) ? error.errors : [];
  return typeof first?.code === 'string' ? first.code : '';
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}
