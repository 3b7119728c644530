import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../core/errors.ts';
import type { JsonSchema } from '../core/json.ts';
import { type Locate, Problems } from './problems.ts';
import { readShape, type Sound } from './schema-problems.ts';
import { unreadable } from './text-file.ts';
import { LONGEST_TEXT, readYaml, tooLong, type YamlSource } from './yaml-source.ts';

/** What a document holds, and where in its file each part of it stands, for what is found wrong later. */
interface TypedDocument<T> {
  readonly value: T;
  readonly locate: Locate;
}

interface DocumentOptions<S extends z.ZodType> {
  /** What the file is, for messages: `recipe`. By default `file`. */
  readonly what?: string;
  /**
   * Notes what is wrong across keys. It is called for every document that is a map or a list, and is given the parts whose
   * types are right, so that all problems are reported at once.
   */
  readonly check?: (written: Sound<z.input<S>>, problems: Problems) => void;
  /** What an empty file stands for. By default it is a mistake. */
  readonly empty?: unknown;
  /** What to do about a file that is empty or not a map at all. */
  readonly begins?: string;
  /** Makes the schema as JSON Schema, where it says more than the schema itself. It is called when something is wrong. */
  readonly json?: () => JsonSchema;
}

/**
 * Reads a YAML or JSON file by a schema. Keys at its top that begin with `x-` are ignored: they are places for anchors.
 *
 * @returns the schema's output
 * @throws DocumentError with all that is wrong, each with file, line, column, key and the nearest right key
 * @throws InputError when the file can't be read, is not UTF-8 text or not a plain file, or exceeds a bound
 *
 * @example
 * const { value } = readDocument('recipe.yaml', z.strictObject({ steps: z.int() }), { what: 'recipe' });
 */
export function readDocument<S extends z.ZodType>(
  file: string,
  schema: S,
  options: DocumentOptions<S> = {},
): TypedDocument<z.output<S>> {
  return parseDocument(readDocumentText(file, options.what), file, schema, options);
}

/**
 * The same for a text that was read already.
 *
 * @param file the name that errors show
 * @param options.firstLine the line of the file that the text begins in, where it is a part of one
 */
export function parseDocument<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
  options: DocumentOptions<S> & { readonly firstLine?: number } = {},
): TypedDocument<z.output<S>> {
  return readSource(readYaml(text, file, options.firstLine), schema, options);
}

/** The same for a value that has no file. @throws DocumentError */
export function readSource<S extends z.ZodType>(
  { value: whole, name, locate }: YamlSource,
  schema: S,
  { check, empty, begins, json }: DocumentOptions<S> = {},
): TypedDocument<z.output<S>> {
  const problems = new Problems(locate);
  const value = withoutExtras(whole ?? empty);
  const wanted = schema instanceof z.ZodArray ? 'a list' : 'a map of keys';
  if (kindOf(value) !== wanted) {
    const subject = locate([]).file === undefined ? name : 'this file';
    problems.add(
      [],
      `${subject} is ${value === null || value === undefined ? 'empty' : `not ${wanted}`}`,
      begins,
    );
    problems.throwIfAny(name);
  }
  const { output, sound } = readShape(
    { schema, ...(json === undefined ? {} : { json }), value, path: [] },
    problems,
  );
  if (sound !== undefined) check?.(sound, problems);
  problems.throwIfAny(name);
  if (output === null) throw new Error(`${name} does not fit its schema, but no problem was found`);
  return { value: output.value, locate };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return value !== null && typeof value === 'object' ? 'a map of keys' : 'a value';
}

function withoutExtras(value: unknown): unknown {
  if (kindOf(value) !== 'a map of keys') return value;
  return Object.fromEntries(Object.entries(value as object).filter(([key]) => !key.startsWith('x-')));
}

/**
 * The text of a document.
 *
 * @throws InputError when it can't be read, is a folder or a pipe, or is not UTF-8
 */
export function readDocumentText(file: string, what = 'file'): string {
  let bytes: Uint8Array;
  try {
    const found = statSync(file);
    if (found.isDirectory())
      throw new InputError(`this is a folder; a ${what} is a file`, { place: { file } });
    // Reading a pipe would wait for ever.
    if (!found.isFile())
      throw new InputError(`this is not a plain file; a ${what} is one`, { place: { file } });
    if (found.size > 4 * LONGEST_TEXT) throw tooLong(file);
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message } = unreadable(file, error);
    throw new InputError(`this ${what} cannot be read: ${message}`, { place: { file }, cause: error });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`this ${what} is not UTF-8 text`, {
      place: { file },
      remedy: 'Save it as UTF-8.',
      cause,
    });
  }
}
