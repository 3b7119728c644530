import { keepLatest, type Transcript } from '../../core/index.ts';

/** Why a text is not an answer to its prompt. */
type NoAnswer =
  | 'empty'
  | 'mixed scripts'
  | 'repetition'
  | 'continuation of the frame'
  | 'only questions'
  | 'no word of the prompt';

/**
 * Whether a response is not an answer at all, as pretrained checkpoints often give: text in mixed scripts, text that repeats itself,
 * further turns of an invented dialogue, further questions like the prompt, or a text on something else.
 *
 * It errs on the side of "an answer": short texts and texts in another script than the prompt's are hardly tested.
 *
 * @returns the first reason that holds; `null` for what may be an answer
 * @example
 * noAnswer({ input: [{ role: 'user', content: 'How do I kill a process?' }], response: 'User: And a thread?' });
 * // => 'continuation of the frame'
 */
export const noAnswer = keepLatest(reasonOf);

function reasonOf({ input, response }: Pick<Transcript, 'input' | 'response'>): NoAnswer | null {
  const prompt = input.findLast(({ role }) => role === 'user')?.content ?? '';
  const whole = (response ?? '').slice(0, MOST).trim();
  if (!LETTER_OR_NUMBER.test(whole)) return 'empty';
  const text = ownTurn(withoutEcho(whole, prompt));
  if (!LETTER_OR_NUMBER.test(text)) return 'continuation of the frame';
  if (mixesScripts(text)) return 'mixed scripts';
  if (repeatsItself(text)) return 'repetition';
  if (asksOnly(text)) return 'only questions';
  return isOffSubject(text, prompt) ? 'no word of the prompt' : null;
}

/** Characters that are looked at: enough to see what a text is. */
const MOST = 20_000;
const LETTER_OR_NUMBER = /[\p{L}\p{N}]/u;

/** A response over completions may begin with the prompt itself. */
function withoutEcho(text: string, prompt: string): string {
  const echo = prompt.trim();
  return echo.length >= 12 && text.startsWith(echo) ? text.slice(echo.length).trim() : text;
}

/** What is before the first line that opens another turn of a dialogue. */
function ownTurn(text: string): string {
  const at = text.search(
    /^[ \t]*(?:user|human|question|q|instruction|prompt|###\s*(?:user|instruction|human|question))\s*:/im,
  );
  return (at === -1 ? text : text.slice(0, at)).trim();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const BEYOND_ASCII = /[^\x00-\x7f]/;
const SCRIPTS = [
  /\p{Script=Latin}/gu,
  /\p{Script=Cyrillic}/gu,
  /\p{Script=Greek}/gu,
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  /\p{Script=Hangul}/gu,
  /\p{Script=Arabic}/gu,
  /\p{Script=Hebrew}/gu,
  /\p{Script=Devanagari}/gu,
  /\p{Script=Bengali}/gu,
  /[\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}]/gu,
  /\p{Script=Thai}/gu,
  /[\p{Script=Armenian}\p{Script=Georgian}]/gu,
];

/** Texts of three scripts or more, three letters of each at least: translations and formulas have two. */
function mixesScripts(text: string): boolean {
  if (!BEYOND_ASCII.test(text)) return false;
  return SCRIPTS.filter((script) => (text.match(script)?.length ?? 0) >= 3).length >= 3;
}

/** Characters of a piece, and the length from which repeated pieces tell anything. */
const PIECE = 24;
const LONG = 200;
/** Less than this share of distinct pieces: more than half of the text was there before. */
const DISTINCT = 0.45;

/** Pieces are counted by a hash that goes along the text (Karp and Rabin 1987). Two that differ share one in four billion times. */
const BASE = 1_000_003;
const LEAVES = Array.from({ length: PIECE }).reduce((power: number) => Math.imul(power, BASE), 1);

function repeatsItself(text: string): boolean {
  const plain = text.toLowerCase().replaceAll(/\s+/g, ' ');
  if (plain.length < LONG) return false;
  const pieces = new Set<number>();
  const count = plain.length - PIECE + 1;
  let hash = 0;
  for (let at = 0; at < plain.length; at++) {
    hash = (Math.imul(hash, BASE) + plain.charCodeAt(at)) | 0;
    if (at >= PIECE) hash = (hash - Math.imul(plain.charCodeAt(at - PIECE), LEAVES)) | 0;
    if (at < PIECE - 1) continue;
    pieces.add(hash);
    if (pieces.size / count >= DISTINCT) return false;
  }
  return true;
}

/** Two questions or more, and nothing else: a prompt continued by more prompts. One may ask what was meant. */
function asksOnly(text: string): boolean {
  const sentences =
    text.match(/[^.!?。！？\n]+[.!?。！？]*/g)?.filter((each) => LETTER_OR_NUMBER.test(each)) ?? [];
  return sentences.length >= 2 && sentences.every((sentence) => /[?？]\s*$/.test(sentence));
}

/** Words from which a text can be expected to come back to its subject. */
const WORDY = 40;
const STEM = 4;

function isOffSubject(text: string, prompt: string): boolean {
  const subject = stems(prompt.toLowerCase().replaceAll(STOP_WORDS, ' '));
  const words = text.toLowerCase().match(WORD) ?? [];
  if (subject.size < 2 || words.length < WORDY) return false;
  // In another language the subject has other words.
  if (!words.some((word) => ENGLISH.has(word))) return false;
  return !words.some((word) => subject.has(word.slice(0, STEM)));
}

const WORD = /\p{L}{3,}/gu;
const ENGLISH = new Set(['the', 'and', 'that', 'for', 'you', 'with', 'not', 'are']);
const STOP_WORDS =
  /\b(?:what|when|where|which|whose|who|why|how|does|did|can|could|should|would|will|have|has|had|this|that|these|those|there|then|than|them|they|their|with|without|from|into|about|after|before|most|some|such|tell|give|show|explain|describe|write|make|please|want|need|know|help|your|you|mine|are|was|were|been|being|the|and|for|not|any|all|get|way|ways|best|good|just|like|also|only|very|more|much|many|its)\b/g;

function stems(text: string): Set<string> {
  return new Set((text.match(WORD) ?? []).map((word) => word.slice(0, STEM)));
}
