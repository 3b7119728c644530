import { InputError, type Json } from '../core/index.ts';
import { endOfString, parseLenientJson, parseRowJson } from './lenient-json.ts';
import type { TableRow } from './table-row.ts';
import { readLines, readText } from './text-file.ts';

/**
 * The rows of a JSON Lines file: an object a line; blank lines are skipped.
 *
 * @param texts the column that a text in the place of an object is the cell of; by default a text is a mistake
 * @throws InputError naming file and line for what is not JSON, or no object
 */
export async function* readJsonLines(path: string, texts?: string): AsyncGenerator<Iterable<TableRow>> {
  function* rowsOf(lines: Iterable<{ text: string; line: number }>): Generator<TableRow> {
    for (const { text, line } of lines) yield { row: parseRow(text, path, line, texts), line };
  }
  for await (const lines of readLines(path)) yield rowsOf(lines);
}

/**
 * The rows of a JSON file that holds an array of objects. The file's text is held in memory at once.
 *
 * @param rows where the array is in the file's object: a path of keys such as `results.results`; by default the file is the array
 * @param texts as for `readJsonLines`
 * @throws InputError naming file and line
 */
export async function* readJsonArray(
  path: string,
  rows?: string,
  texts?: string,
): AsyncGenerator<Iterable<TableRow>> {
  let text = '';
  for await (const piece of readText(path)) text += piece;
  const from = startOfRows(text, path, rows);
  yield (function* () {
    let line = 1;
    let counted = 0;
    for (const { start, end } of elements(text, from, path, rows === undefined)) {
      line += count(text, counted, start);
      counted = start;
      yield { row: parseRow(text.slice(start, end), path, line, texts), line };
    }
  })();
}

/** The place behind the bracket that opens the array of rows. */
function startOfRows(text: string, path: string, rows: string | undefined): number {
  let at = 0;
  for (const key of rows?.split('.') ?? []) {
    const members = [...membersOf(text, at)];
    const found = members.find(({ name }) => name === key);
    if (found === undefined) {
      const names = members.map(({ name }) => name);
      throw new InputError(`there is no "${key}" in this JSON, of the rows "${rows}"`, {
        place: { file: path, line: 1 + count(text, 0, at) },
        remedy: names.length === 0 ? 'There is no object here.' : `There is: ${names.join(', ')}.`,
      });
    }
    at = found.value;
  }
  const open = /\s*\[/y;
  open.lastIndex = at;
  if (open.test(text)) return open.lastIndex;
  const arrays = [...membersOf(text, at)].filter(({ value }) =>
    /^\s*\[\s*\{/.test(text.slice(value, value + 100)),
  );
  const [first] = arrays;
  throw new InputError('this JSON is not an array of objects', {
    place: { file: path, line: 1 + count(text, 0, at) },
    remedy:
      first === undefined
        ? 'Rows are in [ ]; if it holds one object a line, name the format jsonl.'
        : `Its rows may be in "${first.name}": --map rows=${[...(rows === undefined ? [] : [rows]), first.name].join('.')}.`,
  });
}

/** The members of the object that begins at a place, each with where its value begins; none where no object begins there. */
function* membersOf(text: string, from: number): Generator<{ name: string; value: number }> {
  const open = /\s*\{/y;
  open.lastIndex = from;
  if (!open.test(text)) return;
  const token = /["[\]{},:]/g;
  token.lastIndex = open.lastIndex;
  let depth = 0;
  let key = '';
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [sign] = found;
    if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') {
      if (depth-- === 0) return;
    } else if (depth === 0 && sign === ':') {
      yield { name: key, value: token.lastIndex };
      key = '';
    } else if (sign === '"') {
      token.lastIndex = endOfString(text, found.index);
      if (depth === 0) key = keyOf(text.slice(found.index, token.lastIndex));
    }
  }
}

/** What a string says; where it is cut off or none, as it is written. */
function keyOf(written: string): string {
  try {
    return String(parseLenientJson(written));
  } catch {
    return written;
  }
}

/**
 * Where the elements of an array are in its text: each parsed on its own, so that an error has a line. Only strings and
 * brackets are looked at here.
 */
function* elements(
  text: string,
  from: number,
  path: string,
  isWhole: boolean,
): Generator<{ start: number; end: number }> {
  const token = /["[\]{},]/g;
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
      if (sign === ']') return isWhole ? refuseMore(text, start, path) : undefined;
    } else if (closes) depth--;
    else if (sign === '[' || sign === '{') depth++;
    else if (sign === '"') token.lastIndex = endOfString(text, found.index);
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

function parseRow(text: string, path: string, line: number, texts?: string): Record<string, Json> {
  let value: Json;
  try {
    value = parseRowJson(text);
  } catch (error) {
    throw new InputError(`this is not JSON: ${(error as Error).message}`, {
      place: { file: path, line },
      cause: error,
    });
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return value as Record<string, Json>;
  if (texts !== undefined && typeof value === 'string') return { [texts]: value };
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
