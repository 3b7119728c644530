import type { Json, JsonObject, JsonSchema } from '../core/index.ts';
import type { KeyPath } from './problems.ts';

/*
 * Looking things up in a JSON Schema by the path of a value: which keys may be there, what a key means. Works alike on
 * the study's own schema and on an eval's options schema.
 */

/** The keys that a JSON Schema names for the object at `path`, with their descriptions; empty where it names none. */
export function keysAt(
  schema: JsonSchema,
  path: KeyPath,
  value: unknown,
): ReadonlyMap<string, string | undefined> {
  const keys = new Map<string, string | undefined>();
  for (const candidate of schemasAt(schema, path, value)) {
    for (const [key, member] of Object.entries(asObject(candidate.properties) ?? {})) {
      keys.set(key, descriptionOf(asObject(member)));
    }
  }
  return keys;
}

/** What a JSON Schema says that the value at `path` means. */
export function meaningAt(schema: JsonSchema, path: KeyPath, value: unknown): string | undefined {
  const parent = keysAt(schema, path.slice(0, -1), value);
  return parent.get(String(path.at(-1)));
}

/** Where in a JSON Schema a key stands, as key paths with `[]` for any entry of a list: `evals[].epochs`. */
export function placesOfKey(schema: JsonSchema, key: string): readonly string[] {
  const places = new Set<string>();
  const walk = (node: JsonObject, path: string, depth: number): void => {
    if (depth > 8) return;
    for (const [name, member] of Object.entries(asObject(node.properties) ?? {})) {
      const here = path === '' ? name : `${path}.${name}`;
      if (name === key) places.add(here);
      const inner = asObject(member);
      if (inner !== undefined) walk(inner, here, depth + 1);
    }
    const items = asObject(node.items);
    if (items !== undefined) walk(items, `${path}[]`, depth + 1);
    const others = asObject(node.additionalProperties);
    if (others !== undefined) walk(others, `${path}[…]`, depth + 1);
    for (const branch of branchesOf(node)) walk(branch, path, depth + 1);
  };
  walk(schema, '', 0);
  return [...places];
}

/** The subschemas that speak of the value at `path`; `root` is the whole value, which decides between alternatives. */
function schemasAt(schema: JsonSchema, path: KeyPath, root: unknown): JsonObject[] {
  let value = root;
  let candidates = alternatives(schema, value, schema);
  for (const part of path) {
    value = memberOf(value, part);
    candidates = candidates.flatMap((candidate) => {
      const next = typeof part === 'number' ? itemSchema(candidate, part) : memberSchema(candidate, part);
      return next === undefined ? [] : alternatives(next, value, schema);
    });
  }
  return candidates;
}

/** A subschema with its references followed and its alternatives spread out; those that name another `kind` left out. */
function alternatives(node: JsonObject, value: unknown, root: JsonSchema): JsonObject[] {
  const target = typeof node.$ref === 'string' ? (followed(node.$ref, root) ?? node) : node;
  const branches = branchesOf(target);
  const fitting = branches.filter((branch) => !contradicts(branch, value));
  return [
    target,
    ...(fitting.length > 0 ? fitting : branches).flatMap((branch) => alternatives(branch, value, root)),
  ];
}

function branchesOf(node: JsonObject): JsonObject[] {
  return ['anyOf', 'oneOf', 'allOf'].flatMap((keyword) =>
    Array.isArray(node[keyword]) ? (node[keyword] as readonly JsonObject[]) : [],
  );
}

/**
 * Whether the value can't have been meant for the branch: it is an object and the branch is of texts, or it has a member
 * that the branch holds to another constant (`kind: rule` against `kind: panel`).
 */
function contradicts(branch: JsonObject, value: unknown): boolean {
  if (asObject(value) !== undefined && branch.type !== undefined && branch.type !== 'object') return true;
  return Object.entries(asObject(branch.properties) ?? {}).some(([key, member]) => {
    const constant = asObject(member)?.const;
    const actual = memberOf(value, key);
    return constant !== undefined && actual !== undefined && actual !== constant;
  });
}

function followed(reference: string, root: JsonSchema): JsonObject | undefined {
  let node: Json | undefined = root;
  for (const part of reference.replace(/^#\/?/, '').split('/')) {
    if (part !== '') node = asObject(node)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return asObject(node);
}

function memberSchema(node: JsonObject, key: string): JsonObject | undefined {
  return asObject(asObject(node.properties)?.[key]) ?? asObject(node.additionalProperties);
}

function itemSchema(node: JsonObject, index: number): JsonObject | undefined {
  const prefix = Array.isArray(node.prefixItems) ? (node.prefixItems as readonly Json[])[index] : undefined;
  return asObject(prefix) ?? asObject(node.items);
}

function descriptionOf(node: JsonObject | undefined): string | undefined {
  return typeof node?.description === 'string' ? node.description : undefined;
}

function memberOf(value: unknown, key: string | number): unknown {
  return value !== null && typeof value === 'object'
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}

function asObject(value: unknown): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
