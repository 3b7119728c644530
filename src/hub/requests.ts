import { fetch, ProxyAgent, type RequestInit as UndiciInit } from 'undici';
import { InputError } from '../core/index.ts';
import { proxyFor } from '../models/index.ts';
import type { HubEnvironment } from './cache.ts';

const HUB = 'https://huggingface.co';
/** Of an answer that is not a file. A page of a listing has a thousand files, in about 300 KB. */
const LONGEST_ANSWER = 1 << 26;
/** For everything that is asked before files are fetched. */
const MOST_MS = 600_000;

/**
 * The fetch of undici, which belongs to its proxies, with the types of the platform: the package's declarations name no package
 * that its users do not have.
 */
async function request(url: URL, init: RequestInit, proxy: ProxyAgent | undefined): Promise<Response> {
  const options = { ...init, ...(proxy === undefined ? {} : { dispatcher: proxy }) };
  return (await fetch(url, options as UndiciInit)) as unknown as Response;
}

/** What is asked for, as errors name it. */
export interface WantedRepository {
  readonly kind: 'model' | 'dataset';
  readonly name: string;
}

/** A server that speaks the API of the Hugging Face hub. */
export class HubServer {
  /** Its address, without a slash at the end. */
  readonly url: string;
  readonly #origin: string;
  readonly #host: string;
  readonly #wanted: WantedRepository;
  readonly #token: string | undefined;
  readonly #proxy: ProxyAgent | undefined;

  /** @throws InputError where HF_ENDPOINT is not an address */
  constructor(wanted: WantedRepository, env: HubEnvironment) {
    this.#wanted = wanted;
    this.#token = tokenOf(env);
    const url = endpointOf(env);
    this.url = url.href.replace(/\/$/, '');
    this.#origin = url.origin;
    this.#host = url.host;
    const proxy = proxyFor(url, env);
    this.#proxy = proxy === undefined ? undefined : new ProxyAgent({ uri: proxy, proxyTunnel: true });
  }

  /**
   * Asks for something small: a description, a page of a listing. HF_TOKEN goes to the server itself, and not along with a redirect
   * to another one or with a link that the server gives.
   *
   * @throws InputError that says what is wrong: unknown, not allowed, not reached
   */
  readonly ask = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const response = await this.#send(new URL(url), { ...init, signal: AbortSignal.timeout(MOST_MS) });
    if (!response.ok) throw this.#refusal(response);
    try {
      return await bounded(response);
    } catch (cause) {
      throw this.unreached(cause);
    }
  };

  /** The bytes of a file from a place on; the body is not read yet. @throws InputError as `ask` does */
  async open(path: string, commit: string, from: number, signal?: AbortSignal): Promise<Response> {
    const { kind, name } = this.#wanted;
    const place = path.split('/').map(encodeURIComponent).join('/');
    const prefix = kind === 'dataset' ? 'datasets/' : '';
    const url = new URL(`${this.url}/${prefix}${name}/resolve/${commit}/${place}`);
    // Packed on its way it could not be gone on with.
    const headers = {
      'accept-encoding': 'identity',
      ...(from === 0 ? {} : { range: `bytes=${from}-` }),
    };
    const response = await this.#send(url, { headers, ...(signal === undefined ? {} : { signal }) });
    if (response.ok) return response;
    throw this.#refusal(response, path);
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined && url.origin === this.#origin)
      headers.set('authorization', `Bearer ${this.#token}`);
    try {
      return await request(url, { ...init, headers }, this.#proxy);
    } catch (cause) {
      throw this.unreached(cause);
    }
  }

  /** Where a request, or the reading of its answer, broke off. */
  unreached(cause: unknown): InputError {
    if (cause instanceof InputError) return cause;
    const { message, cause: deeper } = cause as Error;
    const why = deeper instanceof Error && deeper.message !== '' ? deeper.message : message;
    return new InputError(`${this.#host} cannot be reached: ${why}`, {
      remedy:
        'Check the network, the proxy and HF_ENDPOINT. What was fetched is kept; give the same command again to go on. HF_HUB_OFFLINE=1 takes what is in the cache.',
      cause,
    });
  }

  /** What an answer with an error says, for people. */
  #refusal({ status, headers, url }: Response, path?: string): InputError {
    const { origin, host } = new URL(url);
    // A server of files that the hub sent us to knows of no accounts.
    if (origin !== this.#origin) return failing(host, status);
    const { kind, name } = this.#wanted;
    const what = kind === 'dataset' ? 'data set' : 'model';
    const page = `${this.url}/${kind === 'dataset' ? 'datasets/' : ''}${name}`;
    const code = headers.get('x-error-code');
    const hasToken = this.#token !== undefined;
    if (code === 'GatedRepo' || status === 403)
      return new InputError(`the ${what} ${name} is gated, and ${reader(hasToken)} may not read it`, {
        remedy: `Ask for access on ${page}, and set HF_TOKEN to a token of that account that may read it.`,
      });
    if (code === 'RevisionNotFound')
      return new InputError(`the ${what} ${name} has no such revision`, {
        remedy: `A revision is a commit, a tag or a branch; ${page}/tree/main lists them.`,
      });
    if (code === 'EntryNotFound')
      return new InputError(`the ${what} ${name} has no file ${path ?? ''} at this revision`);
    if (status === 401 && hasToken && code === null)
      return new InputError(`${this.#host} does not accept HF_TOKEN`, {
        remedy: 'Make a token that may read, or unset HF_TOKEN for what is public.',
      });
    if (status === 401 || status === 404)
      return new InputError(`there is no ${what} ${name} that ${reader(hasToken)} may see`, {
        remedy: `Check its name on ${this.url}${hasToken ? '.' : '; a private one needs HF_TOKEN.'}`,
      });
    if (status === 429)
      return new InputError(`${this.#host} has had too many requests from here (HTTP 429)`, {
        remedy:
          'Wait some minutes and give the same command again; what was fetched is kept. HF_TOKEN raises the limit.',
      });
    return failing(host, status);
  }
}

function failing(host: string, status: number): InputError {
  return new InputError(`${host} answers with HTTP ${status}`, {
    remedy: 'Give the same command again later; what was fetched is kept.',
  });
}

function reader(hasToken: boolean): string {
  return hasToken ? 'the account of HF_TOKEN' : 'a reader without HF_TOKEN';
}

/** A token with other characters would be told in the error of the request. */
function tokenOf(env: HubEnvironment): string | undefined {
  const token = env.HF_TOKEN?.trim() || undefined;
  if (token === undefined || /^[!-~]+$/.test(token)) return token;
  throw new InputError('HF_TOKEN holds a character that a token does not have', {
    remedy: 'Copy it again from the settings of your account.',
  });
}

function endpointOf(env: HubEnvironment): URL {
  const text = env.HF_ENDPOINT || HUB;
  const url = URL.parse(text);
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (isPlain) return url;
  // It is not repeated: there may be a password in it.
  throw new InputError('HF_ENDPOINT is not an address without user and password', {
    remedy: `For example: HF_ENDPOINT=${HUB}; a token is given as HF_TOKEN.`,
  });
}

/** The same answer, its body read. @throws InputError for one without end */
async function bounded(response: Response): Promise<Response> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > LONGEST_ANSWER)
      throw new InputError(`the hub answers with more than ${LONGEST_ANSWER} bytes`, {
        remedy: 'Check HF_ENDPOINT.',
      });
    pieces.push(piece);
  }
  return new Response(Buffer.concat(pieces), {
    status: response.status,
    headers: [...response.headers],
  });
}
