import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { type ErrorPlace, InputError } from '../core/index.ts';
import { type KeyPath, keyPathText, type Locate, StudyError } from './problems.ts';

/** A YAML text as a value, and where in the text each part of the value stands. */
export interface YamlSource {
  readonly value: unknown;
  readonly locate: Locate;
}

/**
 * Reads one YAML 1.2 document. Anchors, aliases and merge keys (`<<`) are resolved; nothing is taken from the environment.
 *
 * @param file the name that errors show
 * @throws StudyError with every syntax error of the text
 */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, prettyErrors: false, lineCounter: lines });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = [...document.errors, ...document.warnings].map((fault) =>
    syntaxError(fault, { file, ...at(fault.pos[0]) }),
  );
  for (const alias of unresolvedAliases(document)) {
    problems.push(
      new InputError(`nothing above is called "&${alias.source}"`, {
        place: { file, ...at(startOf(alias) ?? 0) },
        remedy: `Define the anchor above its alias: \`key: &${alias.source} …\`.`,
      }),
    );
  }
  if (problems.length > 0) throw new StudyError(file, problems);
  return {
    value: resolved(document, file),
    locate: (path, what = 'value') => {
      const offset = offsetOf(document, path, what);
      return { file, ...(offset === undefined ? { line: 1, column: 1 } : at(offset)), ...key(path) };
    },
  };
}

function key(path: KeyPath): Pick<ErrorPlace, 'key'> {
  return path.length === 0 ? {} : { key: keyPathText(path) };
}

/** The mistakes that people make most, by the parser's own code: what to say instead of its message, and what to do. */
const MISTAKES: Readonly<Record<string, { readonly message?: string; readonly remedy: string }>> = {
  TAB_AS_INDENT: { remedy: 'Indent with spaces: YAML allows no tabs there.' },
  DUPLICATE_KEY: { message: 'this key stands twice in the same map', remedy: 'Keep one of the two.' },
  MULTIPLE_DOCS: {
    message: 'a second document begins here',
    remedy: 'Keep one study a file: remove this `---` line and what follows it.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a key with a value stands inside a plain value',
    remedy: 'Check the indentation here and above, and quote a text that holds `: `.',
  },
  MULTILINE_IMPLICIT_KEY: { remedy: 'Check the indentation: the keys of one map start in the same column.' },
  BAD_INDENT: { remedy: 'Check the indentation here, and that every bracket above is closed.' },
  BAD_SCALAR_START: { remedy: 'Quote this text.' },
  TAG_RESOLVE_FAILED: { remedy: 'Remove the tag: a study holds plain values only.' },
};

function syntaxError({ code, message }: { code: string; message: string }, place: ErrorPlace): InputError {
  const mistake = MISTAKES[code];
  return new InputError(mistake?.message ?? message, {
    place,
    remedy:
      mistake?.remedy ?? 'Quote texts that hold `: ` or ` #` or begin with a mark such as @ & * ! % [ {.',
  });
}

/** Aliases whose anchor stands nowhere above them. */
function unresolvedAliases(document: Document): Alias[] {
  const found: Alias[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) === undefined) found.push(alias);
    },
  });
  return found;
}

function resolved(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // A merge key with no map, or the parser's guard against aliases of aliases of aliases.
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`the aliases in this file can't be resolved: ${reason}`, {
      place: { file },
      remedy: 'A merge key (`<<`) takes an alias to a map, or a list of such aliases.',
      cause: error,
    });
  }
}

/** The offset in the text of a key or value; of the nearest thing around it where it does not exist itself. */
function offsetOf(document: Document, path: KeyPath, what: 'key' | 'value'): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [depth, part] of path.entries()) {
    const container = isAlias(node) ? node.resolve(document) : node;
    if (isSeq(container) && typeof part === 'number') {
      node = container.items[part];
      offset = startOf(node) ?? offset;
    } else if (isMap(container)) {
      const pair = pairOf(container, String(part), document);
      if (pair === undefined) return offset;
      const wantsKey = what === 'key' && depth === path.length - 1;
      offset = (wantsKey ? undefined : startOf(pair.value)) ?? startOf(pair.key) ?? offset;
      node = pair.value;
    } else return offset;
  }
  return offset;
}

/** The member of a map by its key, looked for in the maps it merges (`<<`) where it has none of its own. */
function pairOf(map: YAMLMap, name: string, document: Document): Pair | undefined {
  const own = map.items.find((pair) => keyText(pair) === name);
  if (own !== undefined) return own;
  for (const pair of map.items) {
    if (keyText(pair) !== '<<') continue;
    const source = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
    for (const item of isSeq(source) ? source.items : [source]) {
      const merged = isAlias(item) ? item.resolve(document) : item;
      const found = isMap(merged) ? pairOf(merged, name, document) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function keyText({ key }: Pair): string {
  // The parser's value of a merge key is a symbol.
  return isScalar(key) ? (key.source ?? String(key.value)) : String(key);
}

function startOf(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0];
}
