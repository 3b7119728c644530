import type { ToolCall } from '../core/index.ts';
import { isObject, parsedJson } from '../core/parsed-json.ts';

/**
 * A tool call as people and judges read it: the tool's name, then each argument by its name. Texts stand as they are, since
 * a program inside a JSON string (`\n`, `\"`) is hard to read and can't be quoted; arguments that are not a JSON object stand as
 * the model wrote them.
 */
export function toolCallText({ name, arguments: text }: Pick<ToolCall, 'name' | 'arguments'>): string {
  return [name, ...argumentLines(text)].join('\n');
}

/** The arguments alone. */
function argumentLines(text: string): string[] {
  const members = parsedJson(text);
  if (!isObject(members)) return text.trim() === '' ? [] : [text];
  return Object.entries(members).map(([key, value]) => {
    if (typeof value !== 'string') return `${key}: ${JSON.stringify(value)}`;
    return value.includes('\n') ? `${key}:\n${value}` : `${key}: ${value}`;
  });
}
