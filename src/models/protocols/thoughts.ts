import { parsedJson } from '../../core/parsed-json.ts';
import { splitHarmony } from './harmony.ts';
import type { SplitText } from './split-text.ts';

/**
 * Thoughts that are in the text itself. Reasoning models write `<think>…</think>` before the response. A server without
 * a reasoning parser passes that on as it is, and these forms occur:
 *
 *  - whole:     `<think>thoughts</think>response`, several of them, also between parts of the response
 *  - unopened:  `thoughts\n</think>response`, where the chat template has written `<think>` into the prompt
 *  - unclosed:  `<think>thoughts`, where the token limit cut the thoughts off: there is no response
 *  - harmony:   channels (`harmony.ts`)
 *
 * Only the tags of chat templates count, in any case. `<thinking>` does not: models write that when a prompt asks for it, and then it
 * is part of what they said. A tag counts at the start of a line (also behind tokens that begin a turn) and outside fenced code, so
 * that a response may talk about tags. A text that is JSON is never split.
 */
const TAGS: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '</think>'], // DeepSeek, Qwen, OLMo, GLM, Nemotron, …
  ['<thought>', '</thought>'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'], // Sky-T1, OpenThinker
  ['[THINK]', '[/THINK]'], // Magistral
  ['<seed:think>', '</seed:think>'], // Seed-OSS
  ['◁think▷', '◁/think▷'], // Kimi-VL
  ['<|START_THINKING|>', '<|END_THINKING|>'], // Command A
  ['<|channel>thought', '<channel|>'], // Gemma 4
  ['<|inner_prefix|>', '<|inner_suffix|>'], // Apertus
  ['<longcat_think>', '</longcat_think>'],
];

/** What some of these models have around their response. */
const SOLUTIONS = [
  ['<|begin_of_solution|>', '<|end_of_solution|>'],
  ['<|START_RESPONSE|>', '<|END_RESPONSE|>'], // Command A
] as const;

interface SplitOptions {
  /** The chat template writes the opening tag: the first closing tag counts wherever it is. */
  readonly opened?: boolean;
  /** Thoughts that the protocol has shown beside the text; empty for none. */
  readonly beside?: string;
}

/**
 * Takes the thoughts out of a text, in time that grows with its length. A text without tags comes back as its own
 * response, unchanged.
 *
 * Where the protocol has shown thoughts beside it, the server has a parser, and what is left of thoughts is left-overs: a
 * closing tag then counts only behind nothing, or behind a repetition of those thoughts.
 *
 * @returns all thoughts, those beside it first
 * @example splitThoughts('<think>a</think>b') // => { thoughts: 'a', response: 'b' }
 */
export function splitThoughts(text: string, { opened = false, beside = '' }: SplitOptions = {}): SplitText {
  const split = isJson(text) ? null : (splitHarmony(text) ?? splitTags(text, { opened, beside }));
  if (split === null) return { thoughts: beside, response: text };
  const { thoughts, response } = split;
  const added = beside !== '' && beside.includes(thoughts) ? '' : thoughts;
  return { thoughts: [beside, added].filter((part) => part !== '').join('\n\n'), response };
}

/** A tag, or the fence of a block of code, and where it is. */
interface TagToken {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether nothing but white space is before it on its line. */
  readonly startsLine: boolean;
}

const FENCE = '```';
const CLOSE_OF = new Map(TAGS);
const CLOSES = new Set(TAGS.map(([, close]) => close));
const TOKENS = new RegExp(
  [FENCE, ...TAGS.flat()].map((token) => token.replace(/[|[\]\\/]/g, '\\$&')).join('|'),
  'gi',
);
/** As `TAGS` writes them. */
const WRITTEN = new Map(TAGS.flat().map((tag) => [tag.toLowerCase(), tag]));

/** Tokens that begin a text or a turn, which a server may leave in front of the thoughts. */
const BEGINNING =
  /^(?:\s|<s>|<bos>|<\|begin_of_text\|>|<\|startoftext\|>|<｜begin▁of▁sentence｜>|<｜Assistant｜>|<\|im_start\|>assistant|<\|assistant\|>|<start_of_turn>model){0,200}$/;
const LONGEST_BEGINNING = 200;

function splitTags(text: string, options: Required<SplitOptions>): SplitText | null {
  // Most texts have none.
  if (text.search(TOKENS) === -1) return null;
  const tokens = tokensOf(text);
  const lastOf = new Map(tokens.map(({ text: tag }, i) => [tag, i]));
  const parts = new ThoughtParts(text);
  let fenced = false;
  let mayBeOpened = true;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token.text === FENCE) {
      if (token.startsLine) fenced = !fenced;
    } else if (CLOSES.has(token.text)) {
      const counts = options.opened || (token.startsLine && !fenced);
      if (!counts || !mayBeOpened || parts.thoughts.length > 0) continue;
      mayBeOpened = false;
      if (isLeftOver(text.slice(0, token.start), options)) parts.take(0, token.start, token.end);
    } else {
      if (fenced || !(token.startsLine || parts.endsAt(token.start))) continue;
      const isFirst = parts.isBlankUntil(token.start);
      // A server that takes thoughts out leaves some only at the beginning.
      if (options.beside !== '' && !isFirst) continue;
      const close = CLOSE_OF.get(token.text)!;
      if ((lastOf.get(close) ?? -1) < i) {
        // An unclosed tag further down is more likely quoted than cut off.
        if (isFirst) parts.take(token.start, text.length, text.length, token.end);
        if (isFirst) break;
        continue;
      }
      while (tokens[i]!.text !== close) i++;
      parts.take(token.start, tokens[i]!.start, tokens[i]!.end, token.end);
    }
  }
  return parts.split();
}

/** A text as it is given, piece by piece, to thoughts and response. */
class ThoughtParts {
  readonly thoughts: string[] = [];
  readonly #text: string;
  readonly #response: string[] = [];
  #isBlank = true;
  /** Up to where the text has been given out. */
  #taken = 0;
  /** The first character from there on that is not white space. */
  #ink: number;

  constructor(text: string) {
    this.#text = text;
    this.#ink = inkFrom(text, 0);
  }

  /** Whether only white space is between the last thoughts and this place. */
  endsAt(place: number): boolean {
    return this.thoughts.length > 0 && this.#ink >= place;
  }

  /** Whether the response has only white space so far. */
  isBlankUntil(place: number): boolean {
    return this.#isBlank && this.#ink >= place;
  }

  /** Thoughts stand from `from` (behind an opening tag) to `to`; what was before the tag is response. */
  take(start: number, to: number, next: number, from = start): void {
    if (!this.isBlankUntil(start)) this.#isBlank = false;
    this.#response.push(this.#text.slice(this.#taken, start));
    this.thoughts.push(this.#text.slice(from, to).trim());
    this.#taken = next;
    this.#ink = inkFrom(this.#text, next);
  }

  split(): SplitText | null {
    if (this.thoughts.length === 0) return null;
    const response = [...this.#response, this.#text.slice(this.#taken)].join('').trimStart();
    return {
      thoughts: this.thoughts.filter((part) => part !== '').join('\n\n'),
      response: withoutSolutionTags(withoutClosingTags(response)),
    };
  }
}

function inkFrom(text: string, from: number): number {
  const ink = /\S/g;
  ink.lastIndex = from;
  return ink.exec(text)?.index ?? text.length;
}

/** Whether what is before a closing tag that nothing opened may be thoughts: with thoughts beside it, only those. */
function isLeftOver(before: string, { opened, beside }: Required<SplitOptions>): boolean {
  return opened || beside === '' || beside.includes(before.trim());
}

function tokensOf(text: string): readonly TagToken[] {
  const tokens: TagToken[] = [];
  let before = 0;
  let blank = true;
  for (const { 0: token, index: start } of text.matchAll(TOKENS)) {
    const between = text.slice(before, start);
    const line = between.lastIndexOf('\n');
    const startsLine = line < 0 ? blank && isBeginning(between) : between.slice(line + 1).trim() === '';
    before = start + token.length;
    blank = false;
    tokens.push({ text: WRITTEN.get(token.toLowerCase()) ?? token, start, end: before, startsLine });
  }
  return tokens;
}

/** A closing tag that comes a second time is a left-over. */
function withoutClosingTags(response: string): string {
  let start = 0;
  for (;;) {
    const close = [...CLOSES].find((tag) => response.startsWith(tag, start));
    if (close === undefined) return response.slice(start);
    start = inkFrom(response, start + close.length);
  }
}

/** Whether nothing is said in a text that is before the first tag. */
function isBeginning(text: string): boolean {
  return text.trim() === '' || (text.length <= LONGEST_BEGINNING && BEGINNING.test(text));
}

function withoutSolutionTags(response: string): string {
  const [open, close] = SOLUTIONS.find(([tag]) => response.startsWith(tag)) ?? [];
  if (open === undefined || close === undefined) return response;
  const inner = response.slice(open.length);
  const end = inner.lastIndexOf(close);
  return (end < 0 ? inner : inner.slice(0, end)).trim();
}

function isJson(text: string): boolean {
  return /^\s{0,64}[[{"]/.test(text) && parsedJson(text) !== undefined;
}
