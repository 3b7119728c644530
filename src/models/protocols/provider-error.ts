import { type Members, parsedJson } from '../../core/parsed-json.ts';
import { optionalMembers, optionalText } from './shape.ts';

/**
 * What an error answer says, whatever form its provider gives it: the codes and types, and the messages for people. Only members
 * that name an error are read. A body may repeat the prompt elsewhere, and the prompt may say anything.
 */
export interface ProviderError {
  /** Codes, types and states as words: lower case, without punctuation, so that `ContentFilter` and `content_filter` are one. */
  readonly codes: readonly string[];
  readonly messages: readonly string[];
}

/** Members in which a part of the error may stand, one inside the other. */
const INSIDE = [
  'error',
  'errors',
  'Error',
  'detail',
  'details',
  'innererror',
  'inner_error',
  'base_resp',
  'metadata',
  'response',
  'Response',
  'header',
  'raw',
  'cause',
] as const;
const CODES = ['code', 'Code', 'error_code', 'errorCode', 'type', 'status', 'reason', 'err_code'] as const;
const MESSAGES = [
  'message',
  'Message',
  'msg',
  'error_msg',
  'status_msg',
  'error',
  'detail',
  'title',
] as const;

/** More parts than an error has. */
const MOST_PARTS = 24;
/** Characters of a message that are looked at. */
const MOST_MESSAGE = 2_000;

/**
 * @param body the parsed body, or the plain text of one that is not JSON; a page of HTML says nothing
 * @example providerError({ error: { code: 'content_filter', message: 'No.' } }) // => { codes: ['contentfilter'], messages: ['No.'] }
 */
export function providerError(body: unknown): ProviderError {
  const codes = new Set<string>();
  const messages = new Set<string>();
  const parts: unknown[] = [body];
  for (let at = 0; at < parts.length && at < MOST_PARTS; at++) {
    const part = parts[at];
    if (typeof part === 'string') {
      if (!isPage(part)) messages.add(part.slice(0, MOST_MESSAGE));
      continue;
    }
    if (Array.isArray(part)) {
      parts.push(...part.slice(0, MOST_PARTS));
      continue;
    }
    const members = optionalMembers(part);
    for (const name of CODES) {
      const code = codeWord(members[name]);
      if (code !== '') codes.add(code);
    }
    for (const name of MESSAGES) readMessage(members[name], messages, parts);
    for (const name of INSIDE) {
      const inner = members[name];
      if (typeof inner === 'object' && inner !== null) parts.push(inner);
      else if (name === 'raw') readMessage(inner, messages, parts);
    }
  }
  return { codes: [...codes], messages: [...messages] };
}

/** A message; where it holds the JSON of another provider's error, as gateways pass it on, that too. */
function readMessage(value: unknown, messages: Set<string>, parts: unknown[]): void {
  const text = optionalText(value).slice(0, MOST_MESSAGE);
  if (text === '') return;
  messages.add(text);
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start) return;
  parts.push(parsedJson(text.slice(start, end + 1)));
}

/** A code as a word. Numbers stay what they are: what they mean depends on the provider. */
export function codeWord(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return optionalText(value)
    .slice(0, 200)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

/** Whether a text is a page for people, as a firewall or a proxy writes it. */
export function isPage(text: string): boolean {
  return /^\s{0,64}<(?:!doctype|html|head|body|\?xml|center|title|h\d|p|div)\b/i.test(text);
}

/** The members of a body that is JSON, for what only one provider has. */
export function bodyMembers(body: unknown): Members {
  return optionalMembers(Array.isArray(body) ? body[0] : body);
}
