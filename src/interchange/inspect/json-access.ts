import type { Json, JsonObject } from '../../core/index.ts';
import { isObject } from '../../core/parsed-json.ts';

/** Reading JSON that others wrote: whatever is not of the wanted kind counts as absent. */

export function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

export function asNumber(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The objects of a list. */
export function asObjects(value: Json | undefined): readonly JsonObject[] {
  return asList(value).filter((item): item is JsonObject => isObject(item));
}
