import type { z } from 'zod';
import type { JsonSchema } from '../core/index.ts';
import { nearest } from '../files/index.ts';
import { anyOf, type KeyPath, keyPathText, type Problems } from '../files/problems.ts';
import { keysAt, meaningAt, placesOfKey } from '../files/schema-tree.ts';

type Issue = z.core.$ZodIssue;

/** A value, the two forms of the schema it should fit, and where it stands in the study. */
export interface Shape {
  readonly schema: z.ZodType;
  /** The same schema for looking up keys and their meaning. */
  readonly json: JsonSchema;
  readonly value: unknown;
  readonly path: KeyPath;
}

/** Notes every key that is unknown or missing and every value of a wrong type. @returns whether all is well */
export function checkShape(shape: Shape, problems: Problems): boolean {
  const result = shape.schema.safeParse(shape.value);
  if (result.success) return true;
  const issues = result.error.issues.flatMap(unfold);
  const typos = new Set(issues.flatMap((issue) => meantKeys(issue, shape)));
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') noteUnknownKeys(issue, shape, problems);
    else if (isMissing(issue, shape.value)) {
      // A mistyped key is one mistake, not an unknown key and a missing one.
      if (!typos.has(keyPathText(issue.path as KeyPath))) noteMissing(issue, shape, problems);
    } else noteValue(issue, shape, problems);
  }
  return false;
}

/** The issues inside the one alternative that was meant, where that can be told from the value. */
function unfold(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const ofType = without(issue.errors, 'invalid_type');
  const meant = ofType.length > 1 ? without(ofType, 'invalid_value') : ofType;
  if (meant.length !== 1) return [issue];
  return meant[0]!.flatMap((inner) => unfold({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** The alternatives that the value as a whole does not fail in this way. */
function without(alternatives: readonly (readonly Issue[])[], code: Issue['code']): (readonly Issue[])[] {
  return alternatives.filter(
    (issues) => !issues.some((issue) => issue.code === code && issue.path.length === 0),
  );
}

function noteUnknownKeys(
  issue: Issue & { code: 'unrecognized_keys' },
  shape: Shape,
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
            : 'No key may stand here.';
    problems.addKey([...shape.path, ...path, key], `unknown key "${key}"`, remedy);
  }
}

/** The known keys that this issue's unknown keys stand for, as key paths. */
function meantKeys(issue: Issue, shape: Shape): string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const path = issue.path as KeyPath;
  const known = [...keysAt(shape.json, path, shape.value).keys()];
  return issue.keys.flatMap((key) => {
    const near = nearest(key, known);
    return near === undefined ? [] : [keyPathText([...path, near])];
  });
}

function isMissing(issue: Issue, root: unknown): boolean {
  return issue.path.length > 0 && valueAt(root, issue.path as KeyPath) === undefined;
}

function noteMissing(issue: Issue, shape: Shape, problems: Problems): void {
  const path = issue.path as KeyPath;
  const meaning = meaningAt(shape.json, path, shape.value);
  problems.add([...shape.path, ...path], `"${path.at(-1)}" is missing`, meaning);
}

function noteValue(issue: Issue, shape: Shape, problems: Problems): void {
  const path = issue.path as KeyPath;
  const [message, remedy] = wordsFor(issue, valueAt(shape.value, path));
  problems.add([...shape.path, ...path], message, remedy ?? meaningAt(shape.json, path, shape.value));
}

function wordsFor(issue: Issue, actual: unknown): [message: string, remedy?: string] {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, actual);
    case 'invalid_value': {
      const values = issue.values.map(String);
      return notOneOf(actual, values);
    }
    case 'invalid_union': {
      const options = (issue as { options?: readonly unknown[] }).options;
      if (options !== undefined) return notOneOf(actual, options.map(String));
      const types = issue.errors.flatMap(([first]) =>
        first?.code === 'invalid_type' ? [typeName(first.expected)] : [],
      );
      return types.length === 0
        ? ['this value fits none of the forms it may have']
        : [`must be ${[...new Set(types)].join(' or ')}, not ${shown(actual)}`];
    }
    case 'too_small':
    case 'too_big':
      return [outOfRange(issue, actual)];
    case 'invalid_key':
      return ['a key may not be empty'];
    case 'custom':
    case 'invalid_format':
      // Never with the value: it may be a key that stands where only a key's name belongs.
      return [issue.message];
    default:
      return [`${issue.message}, not ${shown(actual)}`];
  }
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
