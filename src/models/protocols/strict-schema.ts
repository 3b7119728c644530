import type { Json, JsonSchema } from '../../core/index.ts';
import { isObject } from '../../core/parsed-json.ts';

/**
 * Whether OpenAI's strict mode takes a schema: every object closed, and every property of it required. Other schemas
 * are sent as not strict, since strict would make the whole request fail.
 *
 * @see https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function isStrictSchema(schema: JsonSchema): boolean {
  if (schema.type === 'object' || schema.properties !== undefined) {
    const required = Array.isArray(schema.required) ? schema.required : [];
    if (schema.additionalProperties !== false) return false;
    if (!Object.keys(schema.properties ?? {}).every((key) => required.includes(key))) return false;
  }
  return Object.values(schema).every(everySchemaInside);
}

function everySchemaInside(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.every(everySchemaInside);
  return !isObject(value) || isStrictSchema(value);
}
