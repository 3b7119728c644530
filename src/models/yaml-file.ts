import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { InputError } from '../core/index.ts';

/** A path of keys into a document, as zod's issues give it. */
export type KeyPath = readonly PropertyKey[];

/** What a YAML or JSON file holds, and a way to say where in it something is wrong. */
export interface YamlFile {
  readonly value: unknown;
  /** @throws InputError with file, line, column and key of what stands at the path, or of what is nearest around it */
  fail(path: KeyPath, message: string, remedy?: string): never;
}

/** @throws InputError naming the line where the text is no YAML */
export function parseYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    throw new InputError(mistake.message, { place: place(mistake.pos[0]), cause: mistake });
  }
  return {
    value: document.toJS(),
    fail(path, message, remedy) {
      const key = path.length === 0 ? {} : { key: path.join('.') };
      throw new InputError(message, {
        place: { ...place(offsetNear(document, path)), ...key },
        ...(remedy === undefined ? {} : { remedy }),
      });
    },
  };
}

function offsetNear(document: Document, path: KeyPath): number {
  for (let depth = path.length; depth > 0; depth--) {
    const offset = offsetOf(document, path.slice(0, depth));
    if (offset !== undefined) return offset;
  }
  return 0;
}

/** Where a member's key stands, or the member itself where it is an item of a list. */
function offsetOf(document: Document, path: KeyPath): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const key = parent.items.map((pair) => pair.key).find((node) => String(node) === String(path.at(-1)));
    if (isNode(key)) return key.range?.[0];
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
