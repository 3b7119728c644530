import type { Tool, ToolCall } from '../core/index.ts';
import { isObject, parsedJson } from '../core/parsed-json.ts';
import { toolNamed } from './tool-name.ts';

/**
 * Tool calls that a server left in the text, because it has no parser for the form in which its model calls tools:
 *
 * | form | models |
 * |---|---|
 * | `<tool_call>{"name": …, "arguments": {…}}</tool_call>` | Hermes, Qwen, many others |
 * | `<function=NAME><parameter=KEY>value</parameter></function>` | Qwen-Coder |
 * | `<function=NAME>{…}</function>` | Llama 3.1 |
 * | `{"name": …, "parameters": {…}}` as the whole answer, also after `<\|python_tag\|>` | Llama 3 |
 * | `[TOOL_CALLS][{…}]`, `[TOOL_CALLS]NAME{…}`, `[TOOL_CALLS]NAME[ARGS]{…}` | Mistral |
 * | `<\|tool_call\|>[{…}]` | Granite, Phi |
 * | `<\|tool_call_begin\|>functions.NAME:0<\|tool_call_argument_begin\|>{…}<\|tool_call_end\|>` | Kimi |
 * | `<｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME` and a fenced JSON object | DeepSeek |
 * | `<invoke name="NAME"><parameter name="KEY">value</parameter></invoke>` | MiniMax and others |
 *
 * `none`: the text calls no tool. `fault`: it holds the marks of a call that cannot be read for certain; nothing of it is run.
 */
type TextCalls =
  | { readonly kind: 'none' }
  | { readonly kind: 'fault'; readonly why: string }
  | {
      readonly kind: 'calls';
      readonly calls: readonly Omit<ToolCall, 'id'>[];
      /** The text before the first call and after the last one. */
      readonly around: string;
    };

/** A call as it is in the text. `null`: the marks are there, and what is between them is not a call. */
interface Found {
  readonly start: number;
  readonly end: number;
  readonly call: { readonly name: string; readonly arguments: string } | null;
}

/**
 * Reads the calls in a text. Its time grows with the length of the text, whatever is in it.
 *
 * @example
 * readTextCalls('<tool_call>\n{"name": "bash", "arguments": {"command": "ls"}}\n</tool_call>', tools);
 * // => { kind: 'calls', calls: [{ name: 'bash', arguments: '{"command":"ls"}' }], around: '' }
 */
export function readTextCalls(text: string, tools: readonly Tool[]): TextCalls {
  if (tools.length === 0) return { kind: 'none' };
  const found = FORMS.map((form) => form(text)).find((calls) => calls.length > 0) ?? wholeJson(text, tools);
  if (found.length === 0) return { kind: 'none' };
  const calls = found.flatMap(({ call }) => call ?? []);
  if (calls.length < found.length) {
    return {
      kind: 'fault',
      why: 'Your turn has the marks of a tool call, but it is not a readable call. Nothing was run: call the tool again.',
    };
  }
  const around = [text.slice(0, found[0]!.start), text.slice(found.at(-1)!.end)]
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n\n');
  return { kind: 'calls', calls, around };
}

type Form = (text: string) => Found[];

const FORMS: readonly Form[] = [
  between('<|tool_call_begin|>', ['<|tool_call_end|>'], kimiCall),
  between('<｜tool▁call▁begin｜>', ['<｜tool▁call▁end｜>'], deepSeekCall),
  between('<invoke name="', ['</invoke>'], invokeCall),
  between('<function=', ['</function>'], functionCall),
  between('<tool_call>', ['</tool_call>'], jsonCall),
  after('[TOOL_CALLS]', mistralCalls),
  after('<|tool_call|>', listedCalls),
];

/** Every part of a text between an opening mark and its closing one, or the end of the text. */
function between(
  opening: string,
  closings: readonly string[],
  read: (inside: string) => Found['call'],
): Form {
  return (text) => {
    const found: Found[] = [];
    let at = text.indexOf(opening);
    while (at >= 0) {
      const inside = at + opening.length;
      const closed = closings
        .map((closing) => ({ at: text.indexOf(closing, inside), length: closing.length }))
        .filter((one) => one.at >= 0)
        .sort((a, b) => a.at - b.at)[0];
      const end = closed?.at ?? text.length;
      // Several servers cut the last mark off as a stop sequence: what is whole without it is a call.
      found.push({ start: at, end: closed ? end + closed.length : end, call: read(text.slice(inside, end)) });
      if (closed === undefined) break;
      at = text.indexOf(opening, end + closed.length);
    }
    return widened(found, text);
  };
}

/** What follows the first opening mark, to the end of the text. */
function after(opening: string, read: (inside: string) => Found['call'][]): Form {
  return (text) => {
    const start = text.indexOf(opening);
    if (start < 0) return [];
    return read(text.slice(start + opening.length)).map((call) => ({ start, end: text.length, call }));
  };
}

const WRAPPERS = [
  '<tool_call>',
  '</tool_call>',
  '<function_calls>',
  '</function_calls>',
  '<|tool_calls_section_begin|>',
  '<|tool_calls_section_end|>',
  '<｜tool▁calls▁begin｜>',
  '<｜tool▁calls▁end｜>',
];

/** Marks that are around all calls of a turn belong to them, and not to what is said beside. */
function widened(found: readonly Found[], text: string): Found[] {
  if (found.length === 0) return [];
  let start = found[0]!.start;
  let end = found.at(-1)!.end;
  for (const mark of WRAPPERS) {
    const before = text.slice(0, start).trimEnd();
    if (before.endsWith(mark)) start = before.length - mark.length;
    const rest = text.slice(end);
    if (rest.trimStart().startsWith(mark)) end += rest.length - rest.trimStart().length + mark.length;
  }
  return found.map((each, index) => ({
    ...each,
    ...(index === 0 ? { start } : {}),
    ...(index === found.length - 1 ? { end } : {}),
  }));
}

function jsonCall(inside: string): Found['call'] {
  return calledIn(parsedJson(inside));
}

function functionCall(inside: string): Found['call'] {
  const end = inside.indexOf('>');
  if (end < 0) return null;
  return callWith(inside.slice(0, end), inside.slice(end + 1), '<parameter=', '>', '</parameter>');
}

function invokeCall(inside: string): Found['call'] {
  const end = inside.indexOf('">');
  if (end < 0) return null;
  return callWith(inside.slice(0, end), inside.slice(end + 2), '<parameter name="', '">', '</parameter>');
}

/** Parameters by their tags, or a JSON object. */
function callWith(name: string, body: string, open: string, nameEnd: string, close: string): Found['call'] {
  if (!body.includes(open)) {
    const value = body.trim() === '' ? {} : parsedJson(body);
    return isObject(value) ? { name: name.trim(), arguments: JSON.stringify(value) } : null;
  }
  const values: Record<string, unknown> = {};
  for (let at = body.indexOf(open); at >= 0; ) {
    const named = body.indexOf(nameEnd, at + open.length);
    const end = named < 0 ? -1 : body.indexOf(close, named);
    if (end < 0) return null;
    const key = body.slice(at + open.length, named).trim();
    if (Object.hasOwn(values, key)) return null;
    Object.defineProperty(values, key, {
      value: trimmedLines(body.slice(named + nameEnd.length, end)),
      enumerable: true,
    });
    at = body.indexOf(open, end);
  }
  return { name: name.trim(), arguments: JSON.stringify(values) };
}

/** A value between tags on lines of their own, without these two line breaks. */
function trimmedLines(text: string): string {
  return text.replace(/^\r?\n/, '').replace(/\r?\n$/, '');
}

function kimiCall(inside: string): Found['call'] {
  const mark = '<|tool_call_argument_begin|>';
  const at = inside.indexOf(mark);
  const value = at < 0 ? undefined : parsedJson(inside.slice(at + mark.length));
  return isObject(value) ? { name: inside.slice(0, at).trim(), arguments: JSON.stringify(value) } : null;
}

function deepSeekCall(inside: string): Found['call'] {
  const mark = '<｜tool▁sep｜>';
  const at = inside.indexOf(mark);
  if (at < 0) return null;
  const [name, ...rest] = inside.slice(at + mark.length).split('\n');
  const body = rest.join('\n').trim();
  const value = parsedJson(
    body.startsWith('```') ? body.slice(body.indexOf('\n') + 1).replace(/```$/, '') : body,
  );
  return isObject(value) ? { name: name!.trim(), arguments: JSON.stringify(value) } : null;
}

/** `[{…}, …]`, or names with their arguments one after the other. */
function mistralCalls(inside: string): Found['call'][] {
  const text = inside.trim().replace(/<\/s>$/, '');
  if (text.startsWith('[') || text.startsWith('{')) return listedCalls(text);
  return text.split('[TOOL_CALLS]').map((part) => {
    const brace = part.indexOf('{');
    const value = brace < 0 ? undefined : parsedJson(part.slice(brace));
    const [name] = part.slice(0, Math.max(0, brace)).split('[');
    return isObject(value) ? { name: name!.trim(), arguments: JSON.stringify(value) } : null;
  });
}

function listedCalls(inside: string): Found['call'][] {
  const value = parsedJson(inside.replace(/<\/s>\s*$/, ''));
  const list = Array.isArray(value) ? value : [value];
  return list.length === 0 ? [null] : list.map(calledIn);
}

/** An answer that is nothing but a call, of a tool that there is: other JSON is an answer. */
function wholeJson(text: string, tools: readonly Tool[]): Found[] {
  const trimmed = text.trim().replace(/^<\|python_tag\|>/, '');
  if (!trimmed.startsWith('{') || !/"(parameters|arguments)"/.test(trimmed)) return [];
  const values = [parsedJson(trimmed), ...trimmed.split(/\}\s*;\s*\{/).map(parsedPart)];
  const calls = (values[0] === undefined ? values.slice(1) : values.slice(0, 1)).map(calledIn);
  const known = calls.every((call) => call !== null && toolNamed(call.name, tools) !== undefined);
  return known ? calls.map((call) => ({ start: 0, end: text.length, call })) : [];
}

/** One of several objects that were parted at `}; {`. */
function parsedPart(part: string, index: number, parts: readonly string[]): unknown {
  return parsedJson(`${index === 0 ? '' : '{'}${part}${index === parts.length - 1 ? '' : '}'}`);
}

function calledIn(value: unknown): Found['call'] {
  if (!isObject(value)) return null;
  const called = isObject(value.function) ? value.function : value;
  const given = called.arguments ?? called.parameters ?? {};
  if (typeof called.name !== 'string') return null;
  if (typeof given === 'string') return { name: called.name, arguments: given };
  return isObject(given) ? { name: called.name, arguments: JSON.stringify(given) } : null;
}
