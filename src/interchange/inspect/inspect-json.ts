import type { Json, JsonObject } from '../../core/index.ts';

/** In the place of a score that is missing. */
export const UNSCORED = 'stemma:unscored:d41f6a0c';

/** JSON as Inspect writes it: a missing score is Python's bare NaN, Inspect's sign for "unscored". */
export function inspectJson(value: Json): string {
  return JSON.stringify(value).replaceAll(`"${UNSCORED}"`, 'NaN');
}

/** Without members that are undefined. */
export function present(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}
