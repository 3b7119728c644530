import { InputError, type Json } from '../core/index.ts';
import { parseLenientJson } from './lenient-json.ts';
import type { TableRow } from './table-row.ts';
import { readText } from './text-file.ts';

/**
 * The rows of a JSON Lines file: an object a line; blank lines are skipped.
 *
 * @throws InputError naming file and line for what is not JSON, or no object
 */
export async function* readJsonLines(path: string): AsyncGenerator<TableRow> {
  let line = 0;
  let rest = '';
  for await (const text of readText(path)) {
    // Not `(rest + text).split`: a line that spans many pieces would be searched anew with each of them.
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const whole = rest + text.slice(start, end);
      rest = '';
      start = end + 1;
      line++;
      if (whole.trim() !== '') yield { row: parseRow(whole, path, line), line };
    }
    rest += text.slice(start);
  }
  if (rest.trim() !== '') yield { row: parseRow(rest, path, line + 1), line: line + 1 };
}

/**
 * The rows of a JSON file that holds an array of objects. The file's text is held in memory at once.
 *
 * @throws InputError naming file and line
 */
export async function* readJsonArray(path: string): AsyncGenerator<TableRow> {
  let text = '';
  for await (const piece of readText(path)) text += piece;
  const open = /^\s*\[/.exec(text);
  if (open === null) {
    throw new InputError('this JSON is not an array of objects', {
      place: { file: path, line: 1 },
      remedy: 'Rows are in [ ]; if it holds one object a line, name the format jsonl.',
    });
  }
  let line = 1;
  let counted = 0;
  for (const { start, end } of elements(text, open[0].length, path)) {
    line += count(text, counted, start);
    counted = start;
    yield { row: parseRow(text.slice(start, end), path, line), line };
  }
}

/**
 * Where the elements of an array are in its text: each parsed on its own, so that an error has a line. Only strings and
 * brackets are looked at here.
 */
function* elements(text: string, from: number, path: string): Generator<{ start: number; end: number }> {
  const token = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|[[\]{},]/gs;
  token.lastIndex = from;
  let depth = 0;
  let start = from;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [sign] = found;
    const closes = sign === ']' || sign === '}';
    if (depth === 0 && (sign === ',' || sign === ']')) {
      const blank = text.slice(start, found.index).search(/\S/);
      if (blank !== -1 || sign === ',') yield { start: start + Math.max(0, blank), end: found.index };
      start = token.lastIndex;
      if (sign === ']') return refuseMore(text, start, path);
    } else if (closes) depth--;
    else if (sign === '[' || sign === '{') depth++;
  }
  throw new InputError('the array is not closed: the file ends too early', {
    place: { file: path, line: 1 + count(text, 0, text.trimEnd().length) },
    remedy: 'The file may have been cut off on its way; fetch it again.',
  });
}

function refuseMore(text: string, from: number, path: string): void {
  const more = text.slice(from).search(/\S/);
  if (more === -1) return;
  throw new InputError('something follows the end of the array', {
    place: { file: path, line: 1 + count(text, 0, from + more) },
    remedy: 'The file must hold one array of objects and nothing else.',
  });
}

function parseRow(text: string, path: string, line: number): Record<string, Json> {
  let value: Json;
  try {
    value = parseLenientJson(text);
  } catch (error) {
    throw new InputError(`this is not JSON: ${(error as Error).message}`, {
      place: { file: path, line },
      cause: error,
    });
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return value as Record<string, Json>;
  throw new InputError(`a row must be a JSON object {…}; here is ${kindOf(value)}`, {
    place: { file: path, line },
  });
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** Line feeds in a part of a text. */
function count(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
