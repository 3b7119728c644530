import type { JsonObject, Tool } from '../core/index.ts';
import { mistakesIn, zodOf } from '../files/index.ts';

/**
 * Reads the arguments of a call by the tool's JSON Schema. No arguments at all are an empty object, as several servers
 * send them for tools without any.
 *
 * @returns the arguments, or what is wrong with them, in words for the checkpoint
 */
export function readArguments(tool: Tool, text: string): { args: JsonObject } | { fault: string } {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
    // Some servers encode the arguments twice.
    if (typeof value === 'string' && /^\s*\{/.test(value)) value = JSON.parse(value);
  } catch (error) {
    return { fault: `The arguments of ${tool.name} are not JSON: ${(error as Error).message}.` };
  }
  const check = zodOf(tool.parameters);
  const checked = check.safeParse(value);
  if (checked.success) return { args: value as JsonObject };
  const mistakes = mistakesIn(check, value, tool.parameters).slice(0, 5);
  return { fault: `The arguments of ${tool.name} don't fit its schema: ${mistakes.join('; ')}.` };
}
