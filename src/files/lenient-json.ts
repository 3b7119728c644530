import type { Json } from '../core/index.ts';

/**
 * Parses JSON as `parseLenientJson` does, but whole numbers that a JavaScript number would round become texts with all their digits:
 * they are ids, and two of them must not become one.
 *
 * @throws SyntaxError for what is not JSON
 *
 * @example
 * parseRowJson('{"id": 9007199254740993, "n": 1}'); // => { id: '9007199254740993', n: 1 }
 */
export function parseRowJson(text: string): Json {
  return parseLenientJson(text, LONG_NUMBER.test(text) ? asWritten : undefined);
}

const LONG_NUMBER = /(?<![\d.])\d{16}/;

function asWritten(_: string, value: Json, { source }: { readonly source?: string } = {}): Json {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return source !== undefined && source !== String(value) && /^-?\d+$/.test(source) ? source : value;
}

/**
 * Parses JSON as Python writes it. Python's `NaN` is read as null, "not measured"; `Infinity` and `-Infinity` become the
 * texts of these names, so that nobody takes them for a number.
 *
 * @throws SyntaxError for what is not JSON otherwise
 *
 * @example
 * parseLenientJson('{"a": NaN, "b": "NaN"}'); // => { a: null, b: 'NaN' }
 */
export function parseLenientJson(text: string, reviver?: typeof asWritten): Json {
  try {
    return JSON.parse(text, reviver) as Json;
  } catch (error) {
    const lenient = withoutConstants(text);
    if (lenient === text) throw error;
    return JSON.parse(lenient, reviver) as Json;
  }
}

const CONSTANTS: Readonly<Record<string, string>> = {
  NaN: 'null',
  Infinity: '"Infinity"',
  '-Infinity': '"-Infinity"',
};

/**
 * The text with JSON in the place of each constant outside of strings. Strings are skipped from quote to quote: a regular
 * expression over a string of many megabytes would exhaust its stack.
 */
function withoutConstants(text: string): string {
  const token = /"|NaN|-?Infinity/g;
  const pieces: string[] = [];
  let done = 0;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === '"') {
      token.lastIndex = endOfString(text, found.index);
    } else {
      pieces.push(text.slice(done, found.index), CONSTANTS[found[0]]!);
      done = token.lastIndex;
    }
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(done);
}

/** The place after the closing quote of the string that opens here. */
export function endOfString(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); close !== -1; close = text.indexOf('"', close + 1)) {
    let slashes = 0;
    while (text[close - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return close + 1;
  }
  return text.length;
}
