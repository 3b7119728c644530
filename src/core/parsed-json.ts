import type { Json, JsonObject } from './json.ts';

/** The members of a JSON object that came from outside. Nothing is known of their values. */
export type Members = { readonly [key: string]: unknown };

/** Whether a value is a JSON object: neither `null` nor a list. */
export function isObject(value: Json | undefined): value is JsonObject;
export function isObject(value: unknown): value is Members;
export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value of a JSON text; `undefined` where the text is not JSON.
 *
 * @example parsedJson('{"a": 1}'); // => { a: 1 }
 */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
