import { z } from 'zod';
import type { JsonObject, JsonSchema } from '../core/json.ts';
import { nearest } from './nearest.ts';
import { anyOf, type KeyPath, keyPathText, Problems } from './problems.ts';
import { keysAt, meaningAt, placesOfKey } from './schema-tree.ts';

type Issue = z.core.$ZodIssue;

/** A value, and the schema that it should fit. */
interface DocumentShape<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /**
   * Makes the schema as JSON Schema, for looking up keys and their meaning; made from `schema` where it is not given. It is
   * called when something is wrong.
   */
  readonly json?: () => JsonSchema;
  readonly value: unknown;
  /** Where the value is in its document. */
  readonly path: KeyPath;
}

/**
 * A value of which only the parts are left that have the type of their schema: any member or entry may be `undefined`
 * where it had a wrong type, and any member may be lacking. Checks across keys read this, so that a mistake in one key hides no mistake in another.
 */
export type Sound<T> = JsonObject extends T
  ? T
  : T extends readonly (infer U)[]
    ? readonly (Sound<U> | undefined)[]
    : T extends object
      ? // An object with methods is whole, or it is not there.
        Extract<T[keyof T], (...args: never[]) => unknown> extends never
        ? { readonly [K in keyof T]?: Sound<T[K]> | undefined }
        : T
      : T;

/** What came of reading a value by its schema. */
interface Read<S extends z.ZodType> {
  /** The output of the schema; `null` where the value does not fit it. */
  readonly output: { readonly value: z.output<S> } | null;
  readonly sound: Sound<z.input<S>>;
}

/** Reads a value by its schema, and notes every key that is unknown or missing and every wrong value. */
export function readShape<S extends z.ZodType>(shape: DocumentShape<S>, problems: Problems): Read<S> {
  // The empty text marks an issue to which the schema gives no message of its own: zod's never reach a user.
  const result = shape.schema.safeParse(shape.value, { error: () => '' });
  if (result.success) return { output: { value: result.data }, sound: shape.value as Sound<z.input<S>> };
  const issues = result.error.issues.flatMap(unfold);
  const json = jsonOf(shape);
  const typos = new Set(issues.flatMap((issue) => meantKeys(issue, shape.value, json)));
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') noteUnknownKeys(issue, { ...shape, json }, problems);
    else if (isMissing(issue, shape.value)) {
      // A mistyped key is one mistake, not an unknown key and a missing one.
      if (!typos.has(keyPathText(issue.path as KeyPath))) noteMissing(issue, { ...shape, json }, problems);
    } else noteValue(issue, { ...shape, json }, problems);
  }
  return { output: null, sound: soundParts(shape.value, issues) as Sound<z.input<S>> };
}

/**
 * What is wrong with a value by a schema, each as `key: message`; empty where it fits.
 *
 * @example
 * mistakesIn(z.strictObject({ steps: z.int() }), { step: 1 }); // => ['step: unknown key "step"']
 */
export function mistakesIn(schema: z.ZodType, value: unknown, json?: JsonSchema): string[] {
  const problems = new Problems((path) => ({ key: keyPathText(path) }));
  readShape({ schema, ...(json === undefined ? {} : { json: () => json }), value, path: [] }, problems);
  return problems.found.map(({ place: { key }, message }) => (key ? `${key}: ${message}` : message));
}

/**
 * What is wrong with a value by a schema, as one text: the first mistake, and how many more there are.
 *
 * @example
 * mistakeText(z.object({ steps: z.int() }), { steps: 'ten' }); // => 'steps: must be a whole number, not the text "ten"'
 */
export function mistakeText(schema: z.ZodType, value: unknown): string {
  const [first = 'it has another form', ...others] = mistakesIn(schema, value);
  return others.length === 0 ? first : `${first} (and ${others.length} more)`;
}

function jsonOf({ schema, json }: DocumentShape): JsonSchema {
  return json?.() ?? (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema);
}

/** Issues about a value of the right type. */
const TYPE_FITS: readonly Issue['code'][] = ['custom', 'too_small', 'too_big', 'invalid_format'];

/** Keys that nobody knows go; a member or an entry of a wrong type becomes `undefined`. */
function soundParts(value: unknown, issues: readonly Issue[]): unknown {
  return issues.reduce<unknown>((rest, issue) => {
    if (issue.code === 'unrecognized_keys')
      return changedAt(rest, issue.path as KeyPath, (map) => withoutKeys(map, issue.keys));
    // Of a union, the part that was nearest may be a check that has no type: nothing at all fits none.
    const fits = TYPE_FITS.includes(issue.code) && valueAt(value, issue.path as KeyPath) !== null;
    return fits || isMissing(issue, value) ? rest : changedAt(rest, issue.path as KeyPath, () => undefined);
  }, value);
}

function changedAt(value: unknown, [part, ...rest]: KeyPath, change: (value: unknown) => unknown): unknown {
  if (part === undefined) return change(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value))
    return value.map((item, index) => (index === part ? changedAt(item, rest, change) : item));
  const member = (value as Record<string | number, unknown>)[part];
  return { ...value, [part]: changedAt(member, rest, change) };
}

function withoutKeys(map: unknown, keys: readonly string[]): unknown {
  return Object.fromEntries(Object.entries(map as object).filter(([key]) => !keys.includes(key)));
}

interface Looked extends Omit<DocumentShape, 'json'> {
  readonly json: JsonSchema;
}

/** The issues inside the one alternative that was meant, where that can be told from the value. */
function unfold(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  let meant: readonly (readonly Issue[])[] = notFailingIn(issue.errors, 'invalid_type');
  for (const code of ['custom', 'invalid_value', 'unrecognized_keys'] as const) {
    if (meant.length > 1) meant = notFailingIn(meant, code);
  }
  if (meant.length !== 1) return [issue];
  return meant[0]!.flatMap((inner) => unfold({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** The alternatives that the value as a whole does not fail in this way. */
function notFailingIn(
  alternatives: readonly (readonly Issue[])[],
  code: Issue['code'],
): (readonly Issue[])[] {
  return alternatives.filter(
    (issues) => !issues.some((issue) => issue.code === code && issue.path.length === 0),
  );
}

function noteUnknownKeys(
  issue: Issue & { code: 'unrecognized_keys' },
  shape: Looked,
  problems: Problems,
): void {
  const path = issue.path as KeyPath;
  const known = [...keysAt(shape.json, path, shape.value).keys()];
  for (const key of issue.keys) {
    const near = nearest(key, known);
    const elsewhere = placesOfKey(shape.json, key);
    const remedy =
      near !== undefined
        ? `Did you mean "${near}"?`
        : elsewhere.length > 0
          ? `"${key}" belongs at ${elsewhere.slice(0, 3).join(', ')}.`
          : known.length > 0
            ? `Known keys here: ${known.join(', ')}.`
            : 'No key is allowed here.';
    problems.addKey([...shape.path, ...path, key], `unknown key "${key}"`, remedy);
  }
}

/** The known keys that this issue's unknown keys stand for, as key paths. */
function meantKeys(issue: Issue, value: unknown, json: JsonSchema): string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const path = issue.path as KeyPath;
  const known = [...keysAt(json, path, value).keys()];
  return issue.keys.flatMap((key) => {
    const near = nearest(key, known);
    return near === undefined ? [] : [keyPathText([...path, near])];
  });
}

function isMissing(issue: Issue, root: unknown): boolean {
  return issue.path.length > 0 && valueAt(root, issue.path as KeyPath) === undefined;
}

function noteMissing(issue: Issue, shape: Looked, problems: Problems): void {
  const path = issue.path as KeyPath;
  const meaning = meaningAt(shape.json, path, shape.value);
  problems.add([...shape.path, ...path], `"${path.at(-1)}" is missing`, meaning);
}

function noteValue(issue: Issue, shape: Looked, problems: Problems): void {
  const path = issue.path as KeyPath;
  const [message, remedy] = wordsFor(issue, valueAt(shape.value, path));
  problems.add([...shape.path, ...path], message, remedy ?? meaningAt(shape.json, path, shape.value));
}

function wordsFor(issue: Issue, actual: unknown): [message: string, remedy?: string] {
  // The schema's own message. Never with the value: it may be a key that stands where only a key's name belongs.
  if (issue.message !== '') return [issue.message];
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, actual);
    case 'invalid_value':
      return notOneOf(actual, issue.values.map(String));
    case 'invalid_union':
      return noForm(issue, actual);
    case 'too_small':
    case 'too_big':
      return [outOfRange(issue, actual)];
    case 'invalid_key':
      return [issue.issues[0]?.message || 'a key may not be empty'];
    case 'not_multiple_of':
      return [`must be a multiple of ${issue.divisor}, not ${shown(actual)}`];
    case 'invalid_format':
      return [`must be ${FORMAT_NAMES[issue.format] ?? `of the form "${issue.format}"`}`];
    default:
      return ['this value is not allowed here'];
  }
}

const FORMAT_NAMES: Readonly<Record<string, string>> = {
  date: 'a date such as 2026-11-28',
  datetime: 'a date and time such as 2026-11-28T09:30:00Z',
  url: 'a URL',
  regex: 'of another form',
};

function noForm(
  issue: Issue & { code: 'invalid_union' },
  actual: unknown,
): [message: string, remedy?: string] {
  const { options } = issue as { options?: readonly unknown[] };
  if (options !== undefined) return notOneOf(actual, options.map(String));
  const takesMaps = notFailingIn(issue.errors, 'invalid_type').length > 0;
  if (takesMaps && actual !== null && typeof actual === 'object' && !Array.isArray(actual)) {
    const keys = Object.keys(actual);
    const named =
      keys.length === 0
        ? 'no key'
        : `the ${keys.length === 1 ? 'key' : 'keys'} ${keys.map((key) => JSON.stringify(key)).join(', ')}`;
    return [`a map with ${named} fits none of the forms that it may have`];
  }
  const types = issue.errors.flatMap(([first]) =>
    first?.code === 'invalid_type' ? [typeName(first.expected)] : [],
  );
  return types.length === 0
    ? ['this value fits none of the forms that it may have']
    : [`must be ${[...new Set(types)].join(' or ')}, not ${shown(actual)}`];
}

function wrongType(expected: string, actual: unknown): [string, string?] {
  const message = `must be ${typeName(expected)}, not ${shown(actual)}`;
  const isNumber = expected === 'number' || expected === 'int';
  if (isNumber && typeof actual === 'string' && actual.trim() !== '' && Number.isFinite(Number(actual))) {
    return [message, `Write it without quotes: ${actual.trim()}`];
  }
  if (expected === 'string' && (typeof actual === 'number' || typeof actual === 'boolean')) {
    return [message, `Write it in quotes: "${actual}"`];
  }
  if (expected === 'array') return [message, 'Begin each entry with "- ", also where there is only one.'];
  return [message];
}

function notOneOf(actual: unknown, values: readonly string[]): [string, string] {
  const near = typeof actual === 'string' ? nearest(actual, values) : undefined;
  return [
    `must be ${anyOf(values)}, not ${shown(actual)}`,
    near === undefined ? `Write one of: ${values.join(', ')}.` : `Did you mean "${near}"?`,
  ];
}

function outOfRange(issue: Issue & { code: 'too_small' | 'too_big' }, actual: unknown): string {
  const [limit, words] =
    issue.code === 'too_small'
      ? [issue.minimum, issue.inclusive === false ? 'more than' : 'at least']
      : [issue.maximum, issue.inclusive === false ? 'less than' : 'at most'];
  if (issue.origin === 'array') return `needs ${words} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  if (issue.origin === 'string') return 'may not be empty';
  return `must be ${words} ${limit}, not ${shown(actual)}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
  null: 'null',
};

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

/** A value as an error shows it: short, and with its type where that is what matters. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map of keys';
  if (typeof value === 'function') return 'a function';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return typeof value === 'string' ? `the text ${short}` : short;
}

function valueAt(root: unknown, path: KeyPath): unknown {
  let value = root;
  for (const part of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
