import type { Json, JsonObject } from '../core/index.ts';
import { isObject } from '../core/parsed-json.ts';
import { canonicalLabel } from './canonical-label.ts';
import { DuplicateKey, readJudgeJson } from './judge-json.ts';

/** What a reply holds: its objects, or why they cannot be used. */
type ReplyObjects = { readonly objects: readonly JsonObject[] } | { readonly why: string };

/** More objects than this are not an answer. */
const MOST_OBJECTS = 20;

/**
 * The JSON objects of a judge's reply that ends with one: alone, in a code fence, in a list, as a JSON string, or after other
 * words. Their keys are canonical. An object whose one member is called `answer` or the like stands for what it holds.
 *
 * A region of balanced braces that is not JSON is skipped as a whole. In a broken object whose explanation quotes
 * `{"label": …}`, the quotation must not be taken for the answer.
 *
 * @returns the objects that are outside one another, in order; at least one
 */
export function replyObjects(reply: string): ReplyObjects {
  try {
    const text = withoutEnding(reply);
    if (text === '') return { why: 'it was empty' };
    const objects = objectsOf(text).map(unwrapped);
    if (objects.length > MOST_OBJECTS) return { why: `it held more than ${MOST_OBJECTS} JSON objects` };
    return objects.length > 0 ? { objects } : { why: 'it did not end with one complete JSON object' };
  } catch (error) {
    if (error instanceof DuplicateKey) return { why: error.message };
    throw error;
  }
}

/** The tokens that end a turn, of all chat templates: servers sometimes leave them in the text. */
const END_TOKEN =
  /(?:<\|[a-z_]{1,30}\|>|<｜[^<>｜]{1,40}｜>|<\/?s>|<(?:end_of_turn|eos|endoftext)>|\[\/INST\])$/i;
const LONGEST_TOKEN = 44;
const ENDING = new Set([' ', '\n', '\r', '\t', '`', '\u200b', '\ufeff']);

/** The reply without the white space, fence and end tokens after it. */
export function withoutEnding(reply: string): string {
  let end = reply.length;
  for (;;) {
    while (end > 0 && ENDING.has(reply[end - 1]!)) end--;
    const token = END_TOKEN.exec(reply.slice(Math.max(0, end - LONGEST_TOKEN), end))?.[0];
    if (token === undefined) return reply.slice(0, end).trim();
    end -= token.length;
  }
}

function objectsOf(text: string): JsonObject[] {
  const whole = wholeObjects(text);
  if (whole !== undefined) return whole;
  const final = closingObjects(finalPart(text));
  // A tag may be inside the answer, in an explanation.
  return final.length > 0 ? final : closingObjects(text);
}

/** Of a reply that is one JSON value: an object, a list of objects, or a string that holds JSON. */
function wholeObjects(text: string, isInString = false): JsonObject[] | undefined {
  const value = readJudgeJson(text);
  if (typeof value === 'string' && !isInString) return wholeObjects(value, true);
  const items: readonly Json[] = Array.isArray(value) ? value : [value];
  return items.length > 0 && items.every((item): item is JsonObject => isObject(item))
    ? [...items]
    : undefined;
}

/** What a judge drafted before its answer does not count: thoughts in their tags, and harmony's channel `analysis`. */
const BEFORE = ['</think>', '</thinking>', '</thought>', '<|channel|>final<|message|>'];

function finalPart(text: string): string {
  const starts = BEFORE.map((mark) => {
    const at = text.lastIndexOf(mark);
    return at === -1 ? 0 : at + mark.length;
  });
  return text.slice(Math.max(...starts));
}

function closingObjects(text: string): JsonObject[] {
  const objects: JsonObject[] = [];
  let end = 0;
  for (let start = openingBrace(text, 0); start !== -1; start = openingBrace(text, end)) {
    end = endOfBraces(text, start);
    if (end === -1) return [];
    const value = readRegion(text.slice(start, end), end === text.length);
    if (isObject(value)) objects.push(value);
    else if (end === text.length) return [];
  }
  return end === text.length ? objects : [];
}

/** Only in the answer itself does a duplicate key matter. */
function readRegion(region: string, isClosing: boolean): Json | undefined {
  try {
    return readJudgeJson(region);
  } catch (error) {
    if (error instanceof DuplicateKey && !isClosing) return undefined;
    throw error;
  }
}

function openingBrace(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text[at] === '{' || text[at] === '｛') return at;
  return -1;
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
    else if (character === '{' || character === '｛') depth += 1;
    else if (character === '}' || character === '｝') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return -1;
}

/** Names that judges give to an object around their answer. */
const WRAPPERS = new Set(
  [
    'answer',
    'final_answer',
    'result',
    'output',
    'response',
    'rating',
    'judgement',
    'judgment',
    'evaluation',
    'json',
  ].map(canonicalLabel),
);

function unwrapped(object: JsonObject): JsonObject {
  const [[name, value] = [], ...others] = Object.entries(object);
  return others.length === 0 && name !== undefined && WRAPPERS.has(name) && isObject(value) ? value : object;
}
