import { type Generation, noUsage } from '../../core/index.ts';
import { type Members, parsedJson } from '../../core/parsed-json.ts';
import { type Fault, serverMessage, shorten, statusFault } from '../endpoint/fault.ts';
import { askedDelay } from '../endpoint/retry-delay.ts';
import type { HttpAnswer, TransportError } from '../endpoint/transport.ts';
import { isTooDeep } from './depth.ts';
import { assembled, isEventStream } from './event-stream.ts';
import { isFiltered } from './filter.ts';
import { isPage } from './provider-error.ts';
import { FailureInside, membersOf, NotWhole, WrongShape } from './shape.ts';

/** Characters that are told of what came in the place of JSON. */
const MOST_SAID = 120;

/** What became of one request. */
export type Result =
  | { readonly generation: Generation; readonly fault?: never }
  | { readonly generation?: never; readonly fault: Fault };

/**
 * Reads a whole HTTP answer whose text is scrubbed of keys.
 * @param read  the protocol's reading, of a body and of how many characters it came in; throws WrongShape, FailureInside
 */
export function readAnswer(
  answer: HttpAnswer,
  read: (body: Members, characters: number) => Generation,
): Result {
  const { status, text, headers } = answer;
  const tooDeep = isTooDeep(text);
  let body = tooDeep ? undefined : parseJson(text);
  if (status < 200 || status >= 300) return failure(status, answer, body);
  try {
    if (tooDeep) throw new WrongShape('it nests lists or objects too deep for an answer');
    if (body === undefined && isEventStream(String(headers['content-type'] ?? ''), text))
      body = assembled(text);
    if (body === undefined) throw new WrongShape(notJson(text));
    return { generation: read(membersOf(body, 'it'), text.length) };
  } catch (error) {
    if (error instanceof FailureInside) return failure(error.status, answer, body, error.error);
    if (error instanceof WrongShape && body !== undefined && isFiltered(status, body))
      return { generation: filtered(body) };
    if (error instanceof NotWhole) {
      const message = `the answer is not whole: ${error.message}`;
      return { fault: { kind: 'server', message, retry: true, congested: false, status, raw: text } };
    }
    if (!(error instanceof WrongShape)) throw error;
    const message = `the answer can't be read: ${error.message}`;
    return { fault: { kind: 'malformed', message, retry: true, congested: false, status, raw: text } };
  }
}

/** What it means that no whole answer came. Its texts must be scrubbed already. */
export function transportFault(error: TransportError): Fault {
  const { kind, message, partial, status, absent, cause } = error;
  // An error status says more than the broken body after it.
  if (status !== undefined && status >= 300) return statusFault(status, partial);
  return {
    kind,
    message,
    retry: true,
    congested: kind === 'timeout',
    ...(absent ? { absent } : {}),
    ...(status === undefined ? {} : { status }),
    ...(partial === '' ? {} : { raw: partial }),
    cause,
  };
}

/** What came in the place of JSON: often a page or a line of a proxy, which says what is wrong. */
function notJson(text: string): string {
  const said = shorten(serverMessage(text), MOST_SAID);
  if (text.trim() === '') return 'it is empty';
  const what = isPage(text) ? 'it is a page, not JSON' : 'it is not JSON';
  return said === '' ? what : `${what}: ${said}`;
}

/** @param inside the error within an answer, wherever it stands there; `undefined` where the whole body is one */
function failure(status: number, { headers, text }: HttpAnswer, body: unknown, inside?: unknown): Result {
  if (isFiltered(status, body ?? text)) return { generation: filtered(body ?? text) };
  const location = headers.location === undefined ? undefined : String(headers.location);
  const told = statusFault(status, inside === undefined ? text : JSON.stringify({ error: inside }), location);
  const fault = { ...told, raw: text };
  return { fault: fault.retry ? { ...fault, askedDelay: askedDelay(headers, body, Date.now()) } : fault };
}

/** A filter stopped the prompt or the answer, so there is no response; that is an outcome, not an error. */
function filtered(body: unknown): Generation {
  return { response: '', toolCalls: [], stop: 'refusal', usage: noUsage, raw: body };
}

function parseJson(text: string): unknown {
  return parsedJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
}
