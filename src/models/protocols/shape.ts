/**
 * Reading JSON that a server wrote. Nothing here trusts its shape, and nothing here is slow: these run for every
 * answer, so they look at what is used and leave the rest alone.
 */
export type Members = { readonly [key: string]: unknown };

/** The body is JSON but not the answer its protocol promises. Becomes a `ModelError` of kind `malformed`. */
export class WrongShape extends Error {}

/** The server answered 200 and says inside the body that it failed, as gateways do once the headers are out. */
export class FailureInside extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws WrongShape unless the value is an object */
export function membersOf(value: unknown, where: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
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

/** A count of tokens; `null` where the server gives none. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/**
 * The list that an answer consists of (`choices`, `output`, `content`).
 * @throws FailureInside when it is missing and the body reports an error; WrongShape when it is just missing
 */
export function answerList(body: Members, member: string): readonly unknown[] {
  const list = body[member];
  if (Array.isArray(list)) return list;
  if (body.error !== undefined && body.error !== null) throw failureInside(body.error);
  throw new WrongShape(`${member} is ${nameOf(list)}, not a list`);
}

/** The failure that an `error` member tells of; 500 where it gives no HTTP status. */
export function failureInside(error: unknown): FailureInside {
  const { code, status, message } = optionalMembers(error);
  const number = [code, status].map(Number).find((value) => Number.isInteger(value) && value >= 400);
  const text = typeof error === 'string' ? error : optionalText(message);
  return new FailureInside(number ?? 500, text || 'an error without a message');
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
