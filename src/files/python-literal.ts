import type { Json } from '../core/index.ts';

/**
 * The value of a Python literal as `repr` writes it: `None`, `True`, `False`, numbers, strings, lists, tuples, dicts.
 * Tuples become arrays; keys of dicts become texts.
 *
 * @returns undefined when the text is no such literal, or more than one
 * @see The Python Language Reference, §2.4 (Literals)
 */
export function parsePythonLiteral(text: string): Json | undefined {
  const reader = new LiteralReader(text);
  try {
    const value = reader.value();
    return reader.atEnd() ? value : undefined;
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

class NoLiteral extends Error {}

/** Containers inside each other; a deeper text is not read. */
const DEEPEST = 200;

const SPACE = /\s*/y;
const NUMBER = /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;
const NAME = /None|True|False/y;
const NAMES: Readonly<Record<string, Json>> = { None: null, True: true, False: false };
/** A string up to the next backslash, or to its end. */
const PLAIN = { "'": /[^'\\\n]*/y, '"': /[^"\\\n]*/y } as const;
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))/sy;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

class LiteralReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Json {
    if (++this.#depth > DEEPEST) throw new NoLiteral();
    const value = this.#value();
    this.#depth--;
    return value;
  }

  #value(): Json {
    this.#take(SPACE);
    switch (this.#text[this.#at]) {
      case '[':
        return this.#items('[', ']', () => this.value());
      case '(':
        return this.#items('(', ')', () => this.value());
      case '{':
        return Object.fromEntries(this.#items('{', '}', () => this.#member()));
      case "'":
      case '"':
        return this.#string();
      default:
        return this.#atom();
    }
  }

  atEnd(): boolean {
    this.#take(SPACE);
    return this.#at === this.#text.length;
  }

  #items<T>(open: string, close: string, item: () => T): T[] {
    this.#expect(open);
    const items: T[] = [];
    while (!this.#comes(close)) {
      items.push(item());
      if (!this.#comes(',')) {
        this.#expect(close);
        break;
      }
    }
    return items;
  }

  #member(): [string, Json] {
    const key = this.value();
    this.#expect(':');
    return [typeof key === 'string' ? key : JSON.stringify(key), this.value()];
  }

  #string(): string {
    const quote = this.#text[this.#at] as "'" | '"';
    this.#at++;
    let value = '';
    for (;;) {
      value += this.#take(PLAIN[quote])![0];
      if (this.#text[this.#at] === quote) {
        this.#at++;
        return value;
      }
      const escaped = this.#take(ESCAPE);
      if (escaped === null) throw new NoLiteral();
      value += unescaped(escaped);
    }
  }

  #atom(): Json {
    const name = this.#take(NAME);
    if (name !== null) return NAMES[name[0]]!;
    const number = this.#take(NUMBER);
    if (number === null) throw new NoLiteral();
    return Number(number[0]);
  }

  /** Takes a sign if it comes next. */
  #comes(sign: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#comes(sign)) throw new NoLiteral();
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }
}

function unescaped([whole, x, u, U, octal, letter]: RegExpExecArray): string {
  const hex = x ?? u ?? U;
  if (hex !== undefined) {
    const point = Number.parseInt(hex, 16);
    if (point > 0x10ffff) throw new NoLiteral();
    return String.fromCodePoint(point);
  }
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  if (letter === '\n') return '';
  // Python leaves an escape that it doesn't know as it stands.
  return ESCAPES[letter!] ?? whole;
}
