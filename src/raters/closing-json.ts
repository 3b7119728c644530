import type { JsonObject } from '../core/index.ts';

/**
 * The JSON objects of a text that ends with one: alone, in a code fence, or after other words.
 *
 * A region of balanced braces that is no JSON is passed over whole and never searched inside: in a broken object whose
 * explanation quotes `{"label": …}`, the quotation must not be taken for the answer.
 *
 * @returns the objects that stand outside one another, in order; none when anything but white space and a fence's
 *   backticks follows the last
 */
export function closingJsonObjects(text: string): JsonObject[] {
  const whole = parseObject(text.trim());
  if (whole !== null) return [whole];
  const spoken = withoutThoughts(text);
  const objects: JsonObject[] = [];
  let end = 0;
  for (let start = spoken.indexOf('{'); start !== -1; start = spoken.indexOf('{', end)) {
    end = endOfBraces(spoken, start);
    if (end === -1) return [];
    const object = parseObject(spoken.slice(start, end));
    if (object !== null) objects.push(object);
    else if (isClosing(spoken, end)) return [];
  }
  return isClosing(spoken, end) ? objects : [];
}

/** Judges that think aloud in their response put it in these tags; what they drafted there is not their answer. */
function withoutThoughts(text: string): string {
  const close = '</think>';
  const end = text.lastIndexOf(close);
  return end === -1 ? text : text.slice(end + close.length);
}

function isClosing(text: string, end: number): boolean {
  return /^[\s`]*$/.test(text.slice(end));
}

/** Just past the brace that closes the one at `start`, reading JSON's strings as such; -1 when none does. */
function endOfBraces(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return -1;
}

function parseObject(text: string): JsonObject | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return null;
  }
}
