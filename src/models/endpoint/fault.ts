import type { ModelErrorKind } from '../../core/index.ts';
import { type Members, parsedJson } from '../../core/parsed-json.ts';
import { optionalMembers, optionalText } from '../protocols/shape.ts';

/** One failed request: what went wrong, in words for people, and what follows from it. */
export interface Fault {
  readonly kind: ModelErrorKind;
  readonly message: string;
  readonly retry: boolean;
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

/** 409 (a lock was busy) and 425 (too early) pass, as a server's own failures do. */
const PASSING = new Set([409, 425]);

/** Words in a body that mean no later request will do better, whatever status they come with. */
const NO_CREDIT = /insufficient_quota|billing_hard_limit|credit balance is too low|BILLING_DISABLED/;
const BAD_KEY = /API_KEY_INVALID|invalid_api_key/;

/** What an HTTP status other than 2xx means. `text` and `location` are scrubbed of keys already. */
export function statusFault(status: number, text: string, location?: string): Fault {
  const said = serverMessage(text);
  const words = said === '' ? '' : `: ${said}`;
  const base = { status, raw: text, congested: CONGESTION.has(status) };
  const fatal = { ...base, kind: 'auth', retry: false, congested: false } as const;
  if (status === 402 || ((status === 429 || status === 400 || status === 403) && NO_CREDIT.test(text))) {
    return { ...fatal, message: `the account has no credit left (${status})${words}` };
  }
  if (status === 401 || status === 403 || BAD_KEY.test(text)) {
    return { ...fatal, message: `the server does not accept the key (${status})${words}` };
  }
  if (status === 404) {
    return { ...fatal, kind: 'not-found', message: `the server has no such model or path (404)${words}` };
  }
  if (status === 429)
    return { ...base, kind: 'rate-limit', retry: true, message: `rate limit (429)${words}` };
  if (status === 408)
    return { ...base, kind: 'timeout', retry: true, message: `the server timed out (408)${words}` };
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

/**
 * Whether an error answer says that a content filter stopped the request, which is a refusal of this prompt and not a
 * mistake of ours: Azure's `content_filter`, OpenAI's `content_policy_violation`, `cyber_policy` and flagged
 * `invalid_prompt`, OpenRouter's moderation (403 with reasons).
 */
export function isPromptRefusal(status: number, body: unknown): boolean {
  if (status !== 400 && status !== 403 && status !== 422) return false;
  const error = optionalMembers(optionalMembers(body).error);
  const inner = optionalMembers(error.innererror);
  const codes = [error.code, error.type, inner.code].map(optionalText);
  if (codes.some((code) => REFUSAL_CODES.has(code))) return true;
  if (codes.includes('invalid_prompt')) return /usage polic|flagged/i.test(optionalText(error.message));
  return status === 403 && isModeration(optionalMembers(error.metadata));
}

const REFUSAL_CODES = new Set([
  'content_filter',
  'content_policy_violation',
  'cyber_policy',
  'ResponsibleAIPolicyViolation',
]);

function isModeration(metadata: Members): boolean {
  return Array.isArray(metadata.reasons) || typeof metadata.flagged_input === 'string';
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
