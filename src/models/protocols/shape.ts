import { isObject, type Members } from '../../core/parsed-json.ts';

// Reading JSON that a server wrote. Nothing here trusts its shape. It must be fast, because it runs for every answer: it looks
// at what is used and at nothing else.

/** The body is JSON but not the answer its protocol promises. Becomes a `ModelError` of kind `malformed`. */
export class WrongShape extends Error {}

/**
 * The answer is readable and is not whole: the server gave up, or the stream was cut. What there is of it is not an answer. It
 * becomes a fault of kind `server`, which is tried again.
 */
export class NotWhole extends WrongShape {}

/** The server answered 200 and says inside the body that it failed, as gateways do once the headers are out. */
export class FailureInside extends Error {
  readonly status: number;
  /** The error as the server wrote it; `undefined` where it is the whole body. */
  readonly error: unknown;

  constructor(status: number, message: string, error?: unknown) {
    super(message);
    this.status = status;
    this.error = error;
  }
}

/** @throws WrongShape unless the value is an object */
export function membersOf(value: unknown, where: string): Members {
  if (isObject(value)) return value;
  throw new WrongShape(`${where} is ${nameOf(value)}, not an object`);
}

/** The members of an object; none where the value is anything else. For what a server may leave out. */
export function optionalMembers(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

/** @throws WrongShape unless the value is an array */
export function listOf(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new WrongShape(`${where} is ${nameOf(value)}, not a list`);
}

/** @throws WrongShape unless the value is a string */
export function textOf(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw new WrongShape(`${where} is ${nameOf(value)}, not a text`);
}

/** A text, or the empty text for what is none. */
export function optionalText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** No call has more tokens than this. A larger count is a mistake of the server's. */
const MOST_TOKENS = 1e9;

/** A count of tokens, which may be 0; `null` where the server gives none that can be one. */
export function countOf(value: unknown): number | null {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_TOKENS
    ? (value as number)
    : null;
}

/** Tokens of a prompt or an answer. Servers that do not count say 0, so 0 is "not said" too. */
export function tokensOf(value: unknown): number | null {
  return countOf(value) || null;
}

/**
 * The list that an answer consists of (`choices`, `output`, `content`, `candidates`).
 *
 * @throws FailureInside where the body reports an error; NotWhole where the list is empty; WrongShape where it is missing
 */
export function answerList(body: Members, member: string): readonly unknown[] {
  const list = body[member];
  if (Array.isArray(list) && list.length > 0) {
    if (isError(body.error)) throw failureInside(body.error);
    const failed = baseFailure(body);
    if (failed !== undefined) throw failureInside(failed);
    return list;
  }
  const error = reportedError(body);
  if (error !== undefined) throw failureInside(error);
  if (Array.isArray(list)) throw new NotWhole(`${member} is empty`);
  throw new WrongShape(`${member} is ${nameOf(list)}, not a list`);
}

/** The error that a body without an answer reports, in any of the forms that servers use. */
export function reportedError(body: Members): unknown {
  const { error, errors, detail, object, type, error_msg: text, message } = body;
  if (isError(error)) return error;
  const failed = baseFailure(body);
  if (failed !== undefined) return failed;
  if (Array.isArray(errors) && errors.length > 0) return errors[0];
  if (object === 'error' || type === 'error') return body;
  if (typeof text === 'string') return { code: body.error_code, message: text };
  if (isError(detail)) return Array.isArray(detail) ? detail[0] : detail;
  return typeof message === 'string' && message !== '' ? body : undefined;
}

/** MiniMax answers 200 and says in `base_resp` how it went; 0 is well. */
function baseFailure({ base_resp }: Members): Members | undefined {
  const { status_code, status_msg } = optionalMembers(base_resp);
  if (typeof status_code !== 'number' || status_code === 0) return undefined;
  return { code: MINIMAX[status_code] ?? 400, message: optionalText(status_msg) };
}

/** What MiniMax's codes are among HTTP's; all others are about the request. */
const MINIMAX: Readonly<Record<number, number>> = {
  1000: 500,
  1001: 504,
  1002: 429,
  1004: 401,
  1008: 402,
  1013: 500,
  1024: 500,
  1033: 500,
  2045: 429,
  2049: 401,
  2056: 429,
};

/** Some gateways write `error: {}`, or one with `code: 0`, beside every answer. */
function isError(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return false;
  if (typeof value !== 'object') return true;
  return Object.values(value).some(isError);
}

/** Codes that stand where an HTTP status could, and what they mean. */
const STATUS_OF: Readonly<Record<string, number>> = {
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  RESOURCE_EXHAUSTED: 429,
  overloaded_error: 529,
  overloaded: 529,
  UNAVAILABLE: 503,
  timeout: 504,
  authentication_error: 401,
  invalid_api_key: 401,
  insufficient_quota: 402,
  model_not_found: 404,
  not_found_error: 404,
  context_length_exceeded: 400,
  invalid_request_error: 400,
};

/** The failure that an `error` member tells of; 500 where it gives no HTTP status. */
export function failureInside(error: unknown): FailureInside {
  const { code, status, status_code, type, message, msg } = optionalMembers(error);
  const given = [code, status, status_code, type];
  const number = given.map(Number).find((value) => Number.isInteger(value) && value >= 400 && value < 600);
  const named = given.map((value) => STATUS_OF[String(value)]).find((value) => value !== undefined);
  const text = typeof error === 'string' ? error : optionalText(message) || optionalText(msg);
  return new FailureInside(number ?? named ?? 500, text || 'an error without a message', error);
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
