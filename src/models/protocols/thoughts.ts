/**
 * Thoughts that stand in the text itself. Reasoning models write `<think>…</think>` before the response; a server
 * without a reasoning parser passes that on as it is, and three forms of it occur:
 *
 *  - whole:     `<think>thoughts</think>response`
 *  - unopened:  `thoughts</think>response`, when the chat template has already written `<think>` into the prompt
 *  - unclosed:  `<think>thoughts`, when the token limit cut the thoughts off: there is no response
 *
 * Only the tags of chat templates count. `<thinking>` does not: models write that when a prompt asks for it, and then
 * it is part of what they said. A tag counts at the start of a line, so that a response that talks about tags keeps
 * them; an unopened closing tag counts unless it is quoted.
 */
const TAGS: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '</think>'], // DeepSeek, Qwen, OLMo, GLM, Nemotron, …
  ['[THINK]', '[/THINK]'], // Magistral
  ['<seed:think>', '</seed:think>'], // Seed-OSS
  ['◁think▷', '◁/think▷'], // Kimi-VL
  ['<|START_THINKING|>', '<|END_THINKING|>'], // Command A
];

interface SplitText {
  /** Empty where the text shows none. */
  readonly thoughts: string;
  readonly response: string;
}

/** Takes the thoughts out of a text. A text without tags comes back as its own response, unchanged. */
export function splitThoughts(text: string): SplitText {
  for (const [open, close] of TAGS) {
    if (!text.includes(close) && !text.includes(open)) continue;
    const split = splitAt(text, open, close);
    if (split !== null) return split;
  }
  return { thoughts: '', response: text };
}

function splitAt(text: string, open: string, close: string): SplitText | null {
  const thoughts: string[] = [];
  let rest = text;
  const firstClose = unquotedIndex(rest, close);
  const firstOpen = rest.indexOf(open);
  if (firstClose >= 0 && (firstOpen < 0 || firstClose < firstOpen)) {
    thoughts.push(rest.slice(0, firstClose));
    rest = rest.slice(firstClose + close.length);
  }
  for (let at = lineStartIndex(rest, open); at >= 0; at = lineStartIndex(rest, open)) {
    const end = rest.indexOf(close, at + open.length);
    // An unclosed tag further down is more likely quoted than cut off.
    if (end < 0 && rest.slice(0, at).trim() !== '') break;
    thoughts.push(rest.slice(at + open.length, end < 0 ? undefined : end));
    rest = rest.slice(0, at) + (end < 0 ? '' : rest.slice(end + close.length));
  }
  if (thoughts.length === 0) return null;
  const shown = thoughts.map((part) => part.trim()).filter((part) => part !== '');
  return { thoughts: shown.join('\n\n'), response: rest.trimStart() };
}

/** Where a tag stands with nothing but white space before it on its line; −1 where it doesn't. */
function lineStartIndex(text: string, tag: string): number {
  for (let at = text.indexOf(tag); at >= 0; at = text.indexOf(tag, at + 1)) {
    if (text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === '') return at;
  }
  return -1;
}

function unquotedIndex(text: string, tag: string): number {
  for (let at = text.indexOf(tag); at >= 0; at = text.indexOf(tag, at + 1)) {
    if (at === 0 || !'`"\'“‘'.includes(text.charAt(at - 1))) return at;
  }
  return -1;
}
