import { z } from 'zod';
import { InputError, type Json, type JsonObject, type Transcript } from '../../core/index.ts';
import { parseDocument } from '../../files/index.ts';
import { ExpressionError } from './expression.ts';
import { compileField, type FieldSpec, type TableSourceRow } from './field.ts';
import { field } from './mapping.ts';

/**
 * Reads `KEY=FIELD` as the command line has it. FIELD is written as in a mapping file: a name, or `{ value: … }`,
 * `{ column: …, values: … }`, `{ derive: … }`.
 *
 * @throws InputError for what is not of that form, and for a key that comes twice
 */
export function parseSampleFields(texts: readonly string[]): JsonObject {
  const fields: Record<string, Json> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const [key, written] = [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
    if (equals < 1 || key === '' || written === '') {
      throw new InputError(`--with ${text} is not of the form KEY=FIELD`, { remedy: FORMS });
    }
    if (Object.hasOwn(fields, key)) throw new InputError(`--with names "${key}" twice`);
    fields[key] = parseField(key, written);
  }
  return fields;
}

const FORMS =
  "For example: --with intent=label, --with 'intent={ value: harmful }', --with 'intent={ column: label, values: { safe: benign, unsafe: harmful } }'.";

function parseField(key: string, text: string): Json {
  if (!/^[{[]/.test(text)) return text;
  const spec = documentOf(key, text)[key] as FieldSpec;
  try {
    compileField(spec);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new InputError(`--with ${key}: ${error.message}, at character ${error.offset + 1}`, {
      remedy: 'docs/import.md lists what an expression can say.',
    });
  }
  return spec as Json;
}

function documentOf(key: string, text: string): JsonObject {
  try {
    const schema = z.record(z.string(), field);
    return parseDocument(`${JSON.stringify(key)}: ${text}`, '--with', schema).value as JsonObject;
  } catch (error) {
    if (!(error instanceof InputError) || error.remedy !== undefined) throw error;
    throw new InputError(error.message, { place: error.place, remedy: FORMS });
  }
}

/** What a transcript says of its sample, as a row whose columns fields can name. */
function sampleRow({ trial, cluster, input, metadata }: Transcript): TableSourceRow {
  const prompt = input.findLast(({ role }) => role === 'user')?.content ?? null;
  return { sample: trial.sample, cluster, prompt, ...metadata };
}

/** The columns that each of these fields reads. */
export function fieldColumns(specs: JsonObject): [key: string, columns: readonly string[]][] {
  return Object.entries(specs).map(([key, spec]) => [key, compileField(spec as FieldSpec).columns]);
}

/**
 * The members that these fields add to a sample's metadata. What a sample does not have is left out.
 *
 * @param specs as `parseSampleFields` gives them
 */
export function sampleFields(specs: JsonObject): (transcript: Transcript) => JsonObject {
  const fields = Object.entries(specs).map(([key, spec]) => [key, compileField(spec as FieldSpec)] as const);
  return (transcript) => {
    const row = sampleRow(transcript);
    return Object.fromEntries(
      fields.flatMap(([key, { read }]) => {
        const value = read(row);
        return value === undefined || value === null ? [] : [[key, value]];
      }),
    );
  };
}
