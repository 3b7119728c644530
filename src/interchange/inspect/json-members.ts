import type { Json } from '../../core/index.ts';
import { parseLenientJson } from '../../files/index.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENS = new Set([0x7b, 0x5b]);
const CLOSES = new Set([0x7d, 0x5d]);

/**
 * The members of a JSON object in bytes, each parsed when it is asked for. Most of a sample in a log is its events, which
 * nobody here reads: they are passed over without becoming text.
 */
export class JsonMembers {
  readonly #bytes: Buffer;
  readonly #spans: ReadonlyMap<string, readonly [from: number, to: number]>;

  /** @throws SyntaxError when the bytes are not a whole JSON object */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#spans = findMembers(bytes);
  }

  /** The names of all members. */
  get names(): Iterable<string> {
    return this.#spans.keys();
  }

  /** @returns the value of a member; undefined where there is none. @throws SyntaxError when it is not JSON */
  value(name: string): Json | undefined {
    const span = this.#spans.get(name);
    return span === undefined ? undefined : parseLenientJson(this.#bytes.toString('utf8', ...span));
  }
}

function findMembers(bytes: Buffer): Map<string, [number, number]> {
  const spans = new Map<string, [number, number]>();
  let at = skipSpace(bytes, bytes[0] === 0xef ? 3 : 0);
  if (bytes[at] !== 0x7b) throw new SyntaxError('it is not an object');
  at = skipSpace(bytes, at + 1);
  while (bytes[at] === QUOTE) {
    const end = endOfString(bytes, at);
    const name = JSON.parse(bytes.toString('utf8', at, end)) as string;
    at = skipSpace(bytes, end);
    if (bytes[at] !== COLON) throw new SyntaxError(`no value follows "${name}"`);
    const from = skipSpace(bytes, at + 1);
    at = endOfValue(bytes, from);
    spans.set(name, [from, at]);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
  }
  if (bytes[at] !== 0x7d || skipSpace(bytes, at + 1) !== bytes.length)
    throw new SyntaxError('it does not end as an object');
  return spans;
}

/** The place of the comma or bracket behind a value. */
function endOfValue(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) at = endOfString(bytes, at) - 1;
    else if (byte === COMMA && depth === 0) return at;
    else if (OPENS.has(byte)) depth++;
    else if (CLOSES.has(byte) && depth-- === 0) return at;
  }
  throw new SyntaxError('it ends too early');
}

/** The place behind the closing quote. */
function endOfString(bytes: Buffer, open: number): number {
  for (let at = open + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at + 1;
  }
  throw new SyntaxError('a string is not closed');
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}
