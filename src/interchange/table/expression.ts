import { nearest } from '../../files/index.ts';
import { readNumber, saysNothing } from './value.ts';

/** What an expression works on and gives; `null`: not known. */
export type Scalar = number | string | boolean | null;

/** Gives the cell of a column; `undefined` where there is no such column. */
type Cells = (column: string) => Scalar | undefined;

/** An expression, ready to be applied to rows. */
export interface Expression {
  /** The columns that it needs. */
  readonly columns: readonly string[];
  evaluate(cells: Cells): Scalar;
}

/** A mistake in an expression; `offset` is its place in the text, from 0. */
export class ExpressionError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

type Node = (cells: Cells) => Scalar;

/**
 * Reads an expression of a mapping: columns, numbers, texts in quotes, `true`, `false`, `null`; `or`, `and`, `not`; `==`, `!=`, `<`,
 * `<=`, `>`, `>=`, `in [a, b]`; `+`, `-`, `*`, `/`; and the functions `min`, `max`, `abs`, `round`, `lower`, `length`,
 * `contains(text, part)`, `starts(text, beginning)`, `if(condition, then, else)`, `first(a, b)` (the first that is known;
 * only the last one's columns must be there), and `text(a, b, …)` (those that are known, with ` / ` between). A column with other
 * characters than letters, digits, `_` and `.` is in backticks. A word is a column where the row has such a column, also `true`.
 *
 * Nothing is executed: the text becomes a tree of these operations alone. What is not known stays unknown: `null > 1` is `null`,
 * `null and false` is `false`.
 *
 * @throws ExpressionError naming the place
 *
 * @example
 * parseExpression('true > .5 and info > .5').evaluate((column) => ({ true: '0.7', info: '0.9' })[column]); // => true
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text);
  const node = parser.whole();
  return { columns: [...parser.columns], evaluate: node };
}

interface ExpressionToken {
  readonly kind: 'number' | 'text' | 'word' | 'column' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<column>`[^`]+`)|(?<word>[\p{L}_][\p{L}\p{N}_.]*)|(?<sign>==|!=|<=|>=|[<>+\-*/()[\],]))/uy;

function tokens(text: string): ExpressionToken[] {
  const found: ExpressionToken[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.trimEnd().length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      const place = at + text.slice(at).search(/\S/);
      throw new ExpressionError(`"${text[place]}" cannot be read here`, place);
    }
    const [kind, value] = Object.entries(match.groups!).find(([, value]) => value !== undefined)!;
    found.push({ kind: kind as ExpressionToken['kind'], text: value!, at: TOKEN.lastIndex - value!.length });
  }
  return [...found, { kind: 'end', text: '', at: text.length }];
}

/** Deeper nesting is refused before it can exhaust the stack. */
const DEEPEST = 100;

class Parser {
  readonly columns = new Set<string>();
  readonly #tokens: readonly ExpressionToken[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  whole(): Node {
    const node = this.#or();
    const rest = this.#peek();
    if (rest.kind !== 'end') throw new ExpressionError(`"${rest.text}" is too much here`, rest.at);
    return node;
  }

  #or(): Node {
    if (++this.#depth > DEEPEST) throw new ExpressionError('this is nested too deeply', this.#peek().at);
    let left = this.#and();
    while (this.#takeWord('or')) {
      const [one, other] = [left, this.#and()];
      left = (cells) => either(truth(one(cells)), () => truth(other(cells)), true);
    }
    this.#depth--;
    return left;
  }

  #and(): Node {
    let left = this.#not();
    while (this.#takeWord('and')) {
      const [one, other] = [left, this.#not()];
      left = (cells) => either(truth(one(cells)), () => truth(other(cells)), false);
    }
    return left;
  }

  #not(): Node {
    let turned = 0;
    while (this.#takeWord('not')) turned++;
    const node = this.#comparison();
    if (turned === 0) return node;
    return (cells) => {
      const value = truth(node(cells));
      return value === null ? null : turned % 2 === 1 ? !value : value;
    };
  }

  #comparison(): Node {
    const left = this.#sum();
    const sign = this.#peek();
    if (sign.kind === 'sign' && Object.hasOwn(COMPARISONS, sign.text)) {
      this.#next++;
      const right = this.#sum();
      const holds = COMPARISONS[sign.text]!;
      return (cells) => {
        const order = compare(left(cells), right(cells));
        return order === null ? null : holds(order);
      };
    }
    const inverse = this.#peek().text === 'not' && this.#tokens[this.#next + 1]?.text === 'in';
    if (inverse) this.#next++;
    if (!this.#takeWord('in')) return left;
    this.#expect('[');
    const items = this.#list(']');
    return (cells) => {
      const value = left(cells);
      const orders = items.map((item) => compare(value, item(cells)));
      if (orders.includes(0)) return !inverse;
      return value === null || orders.includes(null) ? null : inverse;
    };
  }

  #sum(): Node {
    return this.#chain(['+', '-'], () => this.#product());
  }

  #product(): Node {
    return this.#chain(['*', '/'], () => this.#factor());
  }

  #chain(signs: readonly string[], part: () => Node): Node {
    let left = part();
    for (
      let { kind, text } = this.#peek();
      kind === 'sign' && signs.includes(text);
      { kind, text } = this.#peek()
    ) {
      this.#next++;
      const [one, other, operate] = [left, part(), OPERATIONS[text]!];
      left = (cells) => {
        const [a, b] = [number(one(cells)), number(other(cells))];
        return a === null || b === null ? null : finite(operate(a, b));
      };
    }
    return left;
  }

  #factor(): Node {
    let negative = false;
    while (this.#peek().kind === 'sign' && this.#peek().text === '-') {
      negative = !negative;
      this.#next++;
    }
    const node = this.#primary();
    if (!negative) return node;
    return (cells) => {
      const value = number(node(cells));
      return value === null ? null : -value;
    };
  }

  #primary(): Node {
    const token = this.#peek();
    this.#next++;
    if (token.kind === 'number') return constant(Number(token.text));
    if (token.kind === 'text') return constant(token.text.slice(1, -1).replaceAll(/\\(.)/gs, '$1'));
    if (token.kind === 'column') return this.#column(token.text.slice(1, -1), undefined, token.at);
    if (token.kind === 'sign' && token.text === '(') {
      const inside = this.#or();
      this.#expect(')');
      return inside;
    }
    if (token.kind !== 'word') {
      throw new ExpressionError(
        token.kind === 'end' ? 'something is missing at the end' : `"${token.text}" cannot be here`,
        token.at,
      );
    }
    if (this.#peek().text === '(') return this.#call(token);
    const literal = Object.hasOwn(LITERALS, token.text) ? LITERALS[token.text] : undefined;
    return this.#column(token.text, literal, token.at);
  }

  #column(name: string, literal: Scalar | undefined, at: number): Node {
    if (literal === undefined) this.columns.add(name);
    return (cells) => {
      const value = cells(name);
      if (value !== undefined) return value;
      if (literal !== undefined) return literal;
      throw new ExpressionError(`there is no column "${name}"`, at);
    };
  }

  #call({ text: name, at }: ExpressionToken): Node {
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) {
      const near = nearest(name, Object.keys(FUNCTIONS));
      const hint =
        near === undefined ? `known are ${Object.keys(FUNCTIONS).join(', ')}` : `did you mean "${near}"?`;
      throw new ExpressionError(`there is no function "${name}" (${hint})`, at);
    }
    this.#expect('(');
    const given = this.#list(')', name === 'first');
    const [least, most] = known.counts;
    if (given.length < least || given.length > most) {
      const wanted =
        least === most
          ? `${least}`
          : most === Number.POSITIVE_INFINITY
            ? `${least} or more`
            : `${least} to ${most}`;
      throw new ExpressionError(`${name}() takes ${wanted}, not ${given.length}`, at);
    }
    return (cells) => known.apply(given.map((node) => () => node(cells)));
  }

  /** @param lastCounts whether only the columns of the last item must be there */
  #list(end: string, lastCounts = false): Node[] {
    const items: Node[] = [];
    if (this.#take(end)) return items;
    const needed = new Set(this.columns);
    do {
      if (lastCounts) for (const column of this.columns.difference(needed)) this.columns.delete(column);
      items.push(this.#or());
    } while (this.#take(','));
    this.#expect(end);
    return items;
  }

  #peek(): ExpressionToken {
    return this.#tokens[this.#next]!;
  }

  #take(sign: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.#next++;
    return true;
  }

  #takeWord(word: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'word' || text !== word) return false;
    this.#next++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw new ExpressionError(`"${sign}" is missing here`, this.#peek().at);
  }
}

const LITERALS: Readonly<Record<string, Scalar>> = { true: true, false: false, null: null };

/** A comparison by its sign; NaN: the two differ, and neither is before the other. */
const COMPARISONS: Readonly<Record<string, (order: number) => boolean | null>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
};

function ordered(holds: (order: number) => boolean): (order: number) => boolean | null {
  return (order) => (Number.isNaN(order) ? null : holds(order));
}

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

interface KnownFunction {
  readonly counts: readonly [least: number, most: number];
  readonly apply: (given: readonly (() => Scalar)[]) => Scalar;
}

const MANY = Number.POSITIVE_INFINITY;

const FUNCTIONS: Readonly<Record<string, KnownFunction>> = {
  min: { counts: [1, MANY], apply: (given) => ofNumbers(given, (numbers) => Math.min(...numbers)) },
  max: { counts: [1, MANY], apply: (given) => ofNumbers(given, (numbers) => Math.max(...numbers)) },
  abs: { counts: [1, 1], apply: (given) => ofNumbers(given, ([x]) => Math.abs(x!)) },
  round: { counts: [1, 1], apply: (given) => ofNumbers(given, ([x]) => Math.round(x!)) },
  lower: { counts: [1, 1], apply: (given) => ofTexts(given, ([text]) => text!.toLowerCase()) },
  length: { counts: [1, 1], apply: (given) => ofTexts(given, ([text]) => text!.length) },
  contains: { counts: [2, 2], apply: (given) => ofTexts(given, ([text, part]) => text!.includes(part!)) },
  starts: { counts: [2, 2], apply: (given) => ofTexts(given, ([text, start]) => text!.startsWith(start!)) },
  if: {
    counts: [3, 3],
    apply: ([condition, yes, no]) => {
      const value = truth(condition!());
      return value === null ? null : value ? yes!() : no!();
    },
  },
  first: {
    counts: [1, MANY],
    apply: (given) => {
      for (const one of given) {
        const value = one();
        if (value !== null && value !== '') return value;
      }
      return null;
    },
  },
  text: {
    counts: [1, MANY],
    apply: (given) =>
      given
        .map((one) => one())
        .filter((value) => value !== null && value !== '')
        .join(' / '),
  },
};

function constant(value: Scalar): Node {
  return () => value;
}

/** `or` ends with true (`decides`), `and` with false; what is unknown decides nothing. */
function either(left: boolean | null, right: () => boolean | null, decides: boolean): boolean | null {
  if (left === decides) return decides;
  const value = right();
  if (value === decides) return decides;
  return left === null || value === null ? null : !decides;
}

function truth(value: Scalar): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|yes)$/i.test(value)) return true;
  if (typeof value === 'string' && /^(false|no)$/i.test(value)) return false;
  const known = number(value);
  return known === null ? null : known !== 0;
}

/** The number that a value is or that its text says, as in a cell of values; `null` where it is neither. */
function number(value: Scalar): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return finite(value);
  return value === null ? null : (readNumber(value) ?? null);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/**
 * Numbers are compared as numbers, truths as truths, all else as texts.
 *
 * @returns `null` where one of the two is not known; NaN for a number and a word: they differ, and have no order
 */
function compare(a: Scalar, b: Scalar): number | null {
  if (a === null || b === null) return null;
  if (typeof a === 'boolean' || typeof b === 'boolean') {
    const [one, other] = [truth(a), truth(b)];
    return one === null || other === null ? null : Number(one) - Number(other);
  }
  const [x, y] = [number(a), number(b)];
  if (x !== null && y !== null) return x - y;
  // "NA" and an empty cell say nothing of a number.
  if ((x !== null && saysNothing(String(b))) || (y !== null && saysNothing(String(a)))) return null;
  if (typeof a === 'number' || typeof b === 'number') return Number.NaN;
  return a < b ? -1 : a > b ? 1 : 0;
}

function ofNumbers(given: readonly (() => Scalar)[], apply: (numbers: number[]) => number): Scalar {
  const numbers = given.map((one) => number(one()));
  return numbers.some((one) => one === null) ? null : finite(apply(numbers as number[]));
}

function ofTexts(given: readonly (() => Scalar)[], apply: (texts: string[]) => Scalar): Scalar {
  const texts = given.map((one) => one());
  return texts.some((one) => one === null) ? null : apply(texts.map(String));
}
