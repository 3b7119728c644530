import type { Json, JsonObject } from '../core/index.ts';
import { canonicalLabel } from './canonical-label.ts';

/** Objects inside one another; deeper ones are not read. */
const DEEPEST = 64;

/** What is wrong with a text, where it is clear what its writer meant, but not which of two values. */
export class DuplicateKey extends Error {}

/**
 * Reads one JSON value as judges write it. Beside JSON it accepts raw line breaks and unknown escapes in strings, strings in single
 * or curly quotes, a comma before a closing bracket, Python's `True`, `False` and `None`, and the full-width marks `｛｝［］：，`.
 * Keys are given in their canonical form: `Label` is `label`. The time is linear in the length of the text.
 *
 * @returns `undefined` when the text is not one such value
 * @throws DuplicateKey when an object has a key twice: JSON.parse would keep the last one, but nobody knows which is meant
 * @example
 * readJudgeJson("{'Label': 'full_refusal',}"); // => { label: 'full_refusal' }
 */
export function readJudgeJson(text: string): Json | undefined {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  return reader.isAtEnd ? value : undefined;
}

const MARKS: Readonly<Record<string, string>> = {
  '｛': '{',
  '｝': '}',
  '［': '[',
  '］': ']',
  '：': ':',
  '，': ',',
};
const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”' };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['True', true],
  ['False', false],
  ['None', null],
]);
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z]+/y;
const SPACE = /\s*/y;

/** `undefined` stands for "not readable" throughout: JSON has no such value. */
class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#peek() === '';
  }

  value(depth: number): Json | undefined {
    if (depth > DEEPEST) return undefined;
    const mark = this.#peek();
    if (mark === '{') return this.#object(depth);
    if (mark === '[') return this.#array(depth);
    if (Object.hasOwn(CLOSING, mark)) return this.#string();
    const number = this.#match(NUMBER);
    if (number !== '') return Number(number);
    return WORDS.get(this.#match(WORD));
  }

  #object(depth: number): JsonObject | undefined {
    const members = new Map<string, Json>();
    const read = this.#list('}', () => {
      const key = Object.hasOwn(CLOSING, this.#peek()) ? this.#string() : undefined;
      if (key === undefined || !this.#take(':')) return false;
      const value = this.value(depth + 1);
      if (value === undefined) return false;
      const name = canonicalLabel(key);
      if (members.has(name)) throw new DuplicateKey(`the object has "${name}" twice`);
      members.set(name, value);
      return true;
    });
    return read ? Object.fromEntries(members) : undefined;
  }

  #array(depth: number): Json[] | undefined {
    const items: Json[] = [];
    const read = this.#list(']', () => {
      const item = this.value(depth + 1);
      if (item !== undefined) items.push(item);
      return item !== undefined;
    });
    return read ? items : undefined;
  }

  /** Items between brackets, with a comma after each but the last, which may have one. @returns whether all can be read */
  #list(close: string, item: () => boolean): boolean {
    this.#at++;
    while (!this.#take(close)) {
      if (!item()) return false;
      if (!this.#take(',') && this.#peek() !== close) return false;
    }
    return true;
  }

  #string(): string | undefined {
    const close = CLOSING[this.#text[this.#at]!]!;
    const parts: string[] = [];
    let from = ++this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (character !== close && character !== '\\') continue;
      parts.push(this.#text.slice(from, this.#at));
      if (character === close) {
        this.#at++;
        return parts.join('');
      }
      parts.push(this.#escape());
      from = this.#at + 1;
    }
    return undefined;
  }

  /** What follows a backslash; stays at its last character. An unknown escape, such as LaTeX's, stands for itself. */
  #escape(): string {
    const next = this.#text[++this.#at] ?? '';
    if (next === 'u') {
      const code = this.#text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(code)) return '\\u';
      this.#at += 4;
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    return ESCAPES[next] ?? (/["'\\/]/.test(next) ? next : `\\${next}`);
  }

  #take(mark: string): boolean {
    const found = this.#peek() === mark;
    if (found) this.#at++;
    return found;
  }

  /** The next mark, in its ASCII form, after white space; empty at the end. */
  #peek(): string {
    this.#match(SPACE);
    const character = this.#text[this.#at] ?? '';
    return MARKS[character] ?? character;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
