import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { type ErrorPlace, InputError } from '../core/errors.ts';
import { byPlace, DocumentError, type KeyPath, keyPathText, type Locate } from './problems.ts';

/** A document as a value, and where in its text each part of the value stands. */
export interface YamlSource {
  readonly value: unknown;
  /** What messages call it. */
  readonly name: string;
  readonly locate: Locate;
}

/** In UTF-16 code units. The parser takes some seconds for this much. */
export const LONGEST_TEXT = 2 * 1024 ** 2;
/** Lists and maps inside each other. */
const DEEPEST = 100;
/** Values once every alias is followed. */
const MOST_VALUES = 1_000_000;

/**
 * Reads one YAML 1.2 or JSON document. Anchors, aliases and merge keys (`<<`) are resolved; nothing is taken from the
 * environment. Length, depth and the size after aliases are bounded.
 *
 * @param file the name that errors show
 * @param firstLine the line of the file that the text begins in, where it is a part of one
 * @throws DocumentError with every syntax error of the text
 */
export function readYaml(text: string, file: string, firstLine = 1): YamlSource {
  if (text.length > LONGEST_TEXT) throw tooLong(file);
  const lines = new LineCounter();
  const place = (offset = 0): { file: string; line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line) + firstLine - 1, column: Math.max(1, col) };
  };
  const document = parsed(text, lines, file);
  const reader = new ValueReader(place);
  const value = reader.read(document.contents);
  const mistakes = [...document.errors, ...document.warnings]
    .filter(isFirstOfItsKind)
    .map((mistake) => syntaxError(mistake, place(mistake.pos[0])));
  const problems = [...mistakes, ...reader.problems];
  if (problems.length > 0) throw new DocumentError(file, problems.toSorted(byPlace));
  return {
    value,
    name: file,
    locate: (path, what = 'value') => {
      const key = path.length === 0 ? {} : { key: keyPathText(path) };
      return { ...place(reader.offsetOf(document.contents, path, what)), ...key };
    },
  };
}

export function tooLong(file: string): InputError {
  return new InputError('this file is too large to be read as YAML or JSON: more than 2 MiB', {
    place: { file },
    remedy: 'Keep samples in a table (CSV, JSONL or Parquet), or split the file.',
  });
}

function parsed(text: string, lineCounter: LineCounter, file: string): Document {
  try {
    // The parser looks for duplicate keys in quadratic time; ValueReader does so in linear time.
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(TOO_DEEP, { place: { file }, remedy: FLATTEN, cause });
  }
}

const TOO_DEEP = `lists and maps are nested more than ${DEEPEST} levels deep`;
const FLATTEN = 'Write it with fewer levels.';

/** The usual mistakes, by the parser's own code: what to say instead of its message, and what to do. */
const MISTAKES: Readonly<Record<string, { readonly message?: string; readonly remedy: string }>> = {
  TAB_AS_INDENT: {
    message: 'Tabs are not allowed as indentation',
    remedy: 'Indent with spaces: YAML allows no tabs there.',
  },
  MULTIPLE_DOCS: {
    message: 'a second document begins here',
    remedy: 'Keep one document per file: remove this `---` line and what follows it.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a key with a value is inside a plain value',
    remedy: 'Check the indentation here and above, and quote a text that holds `: `.',
  },
  MULTILINE_IMPLICIT_KEY: { remedy: 'Check the indentation: the keys of one map start in the same column.' },
  BAD_INDENT: { remedy: 'Check the indentation here, and that every bracket above is closed.' },
  BAD_SCALAR_START: { remedy: 'Quote this text.' },
  TAG_RESOLVE_FAILED: { remedy: 'Remove the tag: a document holds plain values only.' },
};

/** One bracket or quote that is not closed makes the parser report what follows as well. */
function isFirstOfItsKind({ code }: YAMLError, index: number, all: readonly YAMLError[]): boolean {
  if (code !== 'BAD_INDENT' && code !== 'MISSING_CHAR') return true;
  return all.findIndex((other) => other.code === code) === index;
}

function syntaxError({ code, message }: { code: string; message: string }, place: ErrorPlace): InputError {
  const mistake = MISTAKES[code];
  const form = place.file?.endsWith('.json') ? 'JSON' : 'YAML';
  return new InputError(mistake?.message ?? `this is not ${form}: ${message}`, {
    place,
    remedy:
      mistake?.remedy ?? 'Quote texts that hold `: ` or ` #` or begin with a mark such as @ & * ! % [ {.',
  });
}

/** Turns a document's nodes into values, in one pass and in linear time; finds the nodes of a path afterwards. */
class ValueReader {
  readonly problems: InputError[] = [];
  readonly #place: (offset?: number) => ErrorPlace;
  /** What each anchor's name stands for at this point of the document. */
  readonly #anchors = new Map<string, Node>();
  readonly #read = new Map<Node, { readonly value: unknown; readonly size: number }>();
  /** What each alias, by its place, stands for. */
  readonly #targets = new Map<Node, Node>();
  #size = 0;

  constructor(place: (offset?: number) => ErrorPlace) {
    this.#place = place;
  }

  read(node: unknown, depth = 0): unknown {
    if (isAlias(node)) return this.#alias(node);
    const before = this.#size++;
    let value: unknown = null;
    if (isSeq(node) || isMap(node)) {
      if (depth >= DEEPEST) return this.#problem(node, TOO_DEEP, FLATTEN);
      value = isSeq(node) ? node.items.map((item) => this.read(item, depth + 1)) : this.#map(node, depth + 1);
    } else if (isScalar(node)) value = node.value;
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined) {
      this.#anchors.set(anchor, node as Node);
      this.#read.set(node as Node, { value, size: this.#size - before });
    }
    return value;
  }

  /** The offset in the text of a key or value; of the nearest thing around it where it does not exist itself. */
  offsetOf(root: unknown, path: KeyPath, what: 'key' | 'value'): number | undefined {
    let node = root;
    let offset = startOf(node);
    for (const [depth, part] of path.entries()) {
      const container = this.#followed(node);
      if (isSeq(container) && typeof part === 'number') {
        node = container.items[part];
        offset = startOf(node) ?? offset;
      } else if (isMap(container)) {
        const pair = this.#pairOf(container, String(part));
        if (pair === undefined) return offset;
        const wantsKey = what === 'key' && depth === path.length - 1;
        offset = (wantsKey ? undefined : startOf(pair.value)) ?? startOf(pair.key) ?? offset;
        node = pair.value;
      } else return offset;
    }
    return offset;
  }

  #alias(alias: Node & { readonly source: string }): unknown {
    const target = this.#anchors.get(alias.source);
    const read = target && this.#read.get(target);
    if (target === undefined || read === undefined) {
      return this.#problem(
        alias,
        `nothing above is called "&${alias.source}"`,
        `Define the anchor above its alias: \`key: &${alias.source} …\`.`,
      );
    }
    this.#targets.set(alias, target);
    this.#size += read.size;
    if (this.#size <= MOST_VALUES) return read.value;
    const remedy = 'Write out what is needed: aliases of aliases of aliases grow without end.';
    throw new InputError("the aliases in this file can't be resolved: they stand for too many values", {
      place: this.#place(startOf(alias)),
      remedy,
    });
  }

  #map(map: YAMLMap, depth: number): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    const own = new Set<string>();
    for (const pair of map.items) {
      if (isMerge(pair)) {
        for (const [name, member] of this.#merged(pair, depth))
          if (!Object.hasOwn(value, name)) define(value, name, member);
        continue;
      }
      const name = keyText(pair);
      if (name === undefined) this.#problem(pair.key ?? map, 'a key must be a text', 'Quote the key.');
      else if (own.has(name))
        this.#problem(pair.key, 'this key occurs twice in the same map', 'Keep one of the two.');
      else if (name === '__proto__')
        this.#problem(pair.key, 'no key can be called "__proto__"', 'Give it another name.');
      else own.add(name);
      define(value, name ?? '', this.read(pair.value, depth));
    }
    return value;
  }

  /** The members that a merge key brings in; those of an earlier map win. */
  #merged({ key, value }: Pair, depth: number): [name: string, value: unknown][] {
    const source = this.read(value, depth);
    const maps = Array.isArray(source) ? source : [source];
    if (maps.every(isMapValue)) return maps.flatMap((one) => Object.entries(one));
    // An alias without its anchor has been reported.
    if (source !== undefined) {
      const remedy = 'A merge key (`<<`) takes an alias to a map, or a list of such aliases.';
      this.#problem(key, "the aliases in this file can't be resolved: this is not a map", remedy);
    }
    return [];
  }

  /** The member of a map by its key, looked for in the maps it merges where it has none of its own. */
  #pairOf(map: YAMLMap, name: string): Pair | undefined {
    const own = map.items.find((pair) => !isMerge(pair) && keyText(pair) === name);
    if (own !== undefined) return own;
    for (const pair of map.items.filter(isMerge)) {
      const source = this.#followed(pair.value);
      for (const item of isSeq(source) ? source.items : [source]) {
        const merged = this.#followed(item);
        const found = isMap(merged) ? this.#pairOf(merged, name) : undefined;
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #followed(node: unknown): unknown {
    return this.#targets.get(node as Node) ?? node;
  }

  #problem(node: unknown, message: string, remedy: string): undefined {
    this.problems.push(new InputError(message, { place: this.#place(startOf(node)), remedy }));
    return undefined;
  }
}

/** Not by assignment, which would set the prototype for a key `__proto__`. */
function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

function isMapValue(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

function keyText({ key }: Pair): string | undefined {
  if (key === null) return '';
  return isScalar(key) ? (key.source ?? String(key.value)) : undefined;
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null | undefined)?.range?.[0];
}
