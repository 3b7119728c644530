import type { ModelErrorKind } from '../../core/index.ts';
import { parsedJson } from '../../core/parsed-json.ts';
import { isPage, providerError } from '../protocols/provider-error.ts';
import { optionalMembers, optionalText } from '../protocols/shape.ts';

/** One failed request: what went wrong, in words for people, and what follows from it. */
export interface Fault {
  readonly kind: ModelErrorKind;
  readonly message: string;
  readonly retry: boolean;
  /** As `ModelError.absent`. */
  readonly absent?: boolean;
  /** A sign that the endpoint has too much to do. */
  readonly congested: boolean;
  readonly status?: number;
  /** The body as far as it came, scrubbed of keys. */
  readonly raw?: string;
  /** How long the server asks to be left alone. */
  readonly askedDelay?: number | null;
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** Statuses by which a server says that it has too much to do: 529 is Anthropic's "overloaded". */
const CONGESTION = new Set([429, 503, 529]);

/** llama.cpp's "Loading model", TGI's and the hub's "Model … is currently loading". */
const LOADING =
  /\bloading (?:the )?model\b|\bmodel\b.{0,200}\b(?:is|still|currently) (?:being )?load(?:ing|ed)\b/is;

/** 409 (a lock was busy) and 425 (too early) pass, as a server's own failures do. */
const PASSING = new Set([409, 425]);

/**
 * What means that no later request will do better, whatever status it comes with. Only the error's own codes and messages are
 * read, never what it repeats of the prompt: no prompt may stop a run.
 */
const NO_CREDIT = /^(?:insufficientquota|billinghardlimit(?:reached)?|billingdisabled|insufficientbalance)$/;
const NO_CREDIT_WORDS = /credit balance is too low/i;
const BAD_KEY = /^(?:apikeyinvalid|invalidapikey)$/;

/** What an HTTP status other than 2xx means. `text` and `location` are scrubbed of keys already. */
export function statusFault(status: number, text: string, location?: string): Fault {
  const said = serverMessage(text);
  const words = said === '' ? '' : `: ${said}`;
  const base = { status, raw: text, congested: CONGESTION.has(status) };
  const fatal = { ...base, kind: 'auth', retry: false, congested: false } as const;
  const { codes, messages } = providerError(parsedJson(text) ?? text);
  const noCredit =
    codes.some((code) => NO_CREDIT.test(code)) || messages.some((message) => NO_CREDIT_WORDS.test(message));
  if (status === 402 || ((status === 429 || status === 400 || status === 403) && noCredit)) {
    return { ...fatal, message: `the account has no credit left (${status})${words}` };
  }
  if (status === 401 || codes.some((code) => BAD_KEY.test(code))) {
    return { ...fatal, message: `the server does not accept the key (${status})${words}` };
  }
  if (status === 403) {
    const who = isPage(text)
      ? 'a page, as a firewall writes it, forbids the request'
      : 'the server forbids the request';
    return { ...fatal, message: `${who} (403)${words}` };
  }
  if (status === 404) {
    return { ...fatal, kind: 'not-found', message: `the server has no such model or path (404)${words}` };
  }
  if (status === 429)
    return { ...base, kind: 'rate-limit', retry: true, message: `rate limit (429)${words}` };
  if (status === 408)
    return { ...base, kind: 'timeout', retry: true, message: `the server timed out (408)${words}` };
  if (status === 503 && LOADING.test(said)) {
    const message = `the server is loading its model (503)${words}`;
    return { ...base, kind: 'connection', congested: false, retry: true, absent: true, message };
  }
  if (PASSING.has(status) || (status >= 500 && status !== 501)) {
    return { ...base, kind: 'server', retry: true, message: `the server failed (${status})${words}` };
  }
  if (status >= 300 && status < 400) {
    return {
      ...base,
      kind: 'rejected',
      retry: false,
      message: `the server redirects (${status}) to ${location ?? 'nowhere'}`,
      remedy: 'Redirects are not followed, so that no key goes astray. Name the final base URL.',
    };
  }
  return {
    ...base,
    kind: 'rejected',
    retry: false,
    message: `the server rejected the request (${status})${words}`,
  };
}

/** Characters of a page that are looked at for what it says. */
const MOST_HTML = 4_000;

/** What the server itself says, short enough for a line. */
export function serverMessage(text: string): string {
  const body = parsedJson(text);
  const { error, message, detail } = optionalMembers(body);
  const said =
    optionalText(optionalMembers(error).message) ||
    optionalText(error) ||
    optionalText(message) ||
    optionalText(detail) ||
    // Only the beginning, because the pattern looks ahead from every "<".
    text.slice(0, MOST_HTML).replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ');
  return shorten(said.replace(/\s+/g, ' ').trim(), 300);
}

/** The beginning of a text, and how much more there was. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;
}
