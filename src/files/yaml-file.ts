import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { InputError } from '../core/errors.ts';
import type { JsonSchema } from '../core/json.ts';
import { nearest } from './nearest.ts';

/** A path of keys into a document, as zod's issues give it. */
export type KeyPath = readonly PropertyKey[];

/** What a YAML or JSON file holds, and a way to say where in it something is wrong. */
export interface YamlFile {
  readonly value: unknown;
  /** @throws InputError with file, line, column and key of what stands at the path, or of what is nearest around it */
  fail(path: KeyPath, message: string, remedy?: string): never;
}

/**
 * @param firstLine the line of the file that the text begins in, where it is a part of one
 * @throws InputError naming the line where the text is no YAML
 */
export function parseYaml(text: string, file: string, firstLine = 1): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line: line + firstLine - 1, column: col };
  };
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    throw new InputError(`this is not YAML: ${mistake.message}`, {
      place: place(mistake.pos[0]),
      cause: mistake,
    });
  }
  return {
    value: document.toJS(),
    fail(path, message, remedy) {
      const key = path.length === 0 ? {} : { key: keyText(path) };
      throw new InputError(message, {
        place: { ...place(offsetNear(document, path)), ...key },
        ...(remedy === undefined ? {} : { remedy }),
      });
    },
  };
}

/** `dilemmas[3].wrong` */
function keyText(path: KeyPath): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/**
 * What a YAML file holds, in the schema's form.
 *
 * @param at where the value stands in its file
 * @throws InputError naming file, line and key of an unknown key, a missing one, or a wrong value, in this order
 */
export function validateYaml<T extends z.ZodType>(source: YamlFile, schema: T, at: KeyPath = []): z.infer<T> {
  const parsed = schema.safeParse(source.value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // A mistyped key is both unknown and missing; its own name says more.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? (issues[0] as z.core.$ZodIssue);
  const path = [...at, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys as [string];
    return source.fail([...path, key], `unknown key "${key}"`, knownKeys(key, schema, issue.path));
  }
  const missing = issue.path.length > 0 && memberAt(source.value, issue.path) === undefined;
  return missing
    ? source.fail(path, `"${String(issue.path.at(-1))}" is missing`)
    : source.fail(path, issue.message);
}

/** What could have been meant, and else what there is. */
function knownKeys(key: string, schema: z.ZodType, path: KeyPath): string | undefined {
  let place: JsonSchema | undefined = z.toJSONSchema(schema, { unrepresentable: 'any' }) as JsonSchema;
  for (const part of path) place = typeof part === 'number' ? inside(place, 'items') : member(place, part);
  const known = Object.keys((place?.properties as object | undefined) ?? {});
  if (known.length === 0) return undefined;
  const near = nearest(key, known);
  return near === undefined ? `Known keys here: ${known.join(', ')}.` : `Did you mean "${near}"?`;
}

function inside(place: JsonSchema | undefined, what: string): JsonSchema | undefined {
  return place?.[what] as JsonSchema | undefined;
}

function member(place: JsonSchema | undefined, name: PropertyKey): JsonSchema | undefined {
  const named = inside(inside(place, 'properties'), String(name));
  return named ?? inside(place, 'additionalProperties');
}

function memberAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null && Object.hasOwn(inside, key)
        ? (inside as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
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
