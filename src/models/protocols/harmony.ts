import type { SplitText } from './split-text.ts';

/** `<|start|>assistant` before a channel, the channel's name, and `to=…` or a constraint after it. */
const HEAD =
  /(?:<\|start\|>[^<]{0,100})?<\|channel\|>([^<]{0,200})(?:<\|constrain\|>[^<]{0,50})?<\|message\|>/y;
const BEGINS = /<\|(?:start|channel)\|>/g;
/** What ends a message. */
const ENDS = /<\|(?:end|return|call|start|channel)\|>/g;

/**
 * Splits what gpt-oss writes: messages on channels, `analysis` for thoughts and `final` for the response. A server without
 * a parser passes it on with its control tokens; one that skips special tokens leaves `analysis…assistantfinal…`.
 *
 * A text counts as harmony only where it begins with a channel, so that a response may talk about channels. A message
 * that calls a tool (`commentary to=functions.NAME`) stays in the response as it is, for whoever reads calls from texts.
 *
 * @returns `null` for a text that is not of this form
 * @see https://github.com/openai/harmony
 * @example splitHarmony('analysisHm.assistantfinalNo.') // => { thoughts: 'Hm.', response: 'No.' }
 */
export function splitHarmony(text: string): SplitText | null {
  const start = text.trimStart();
  if (start.startsWith('<|channel|>') || start.startsWith('<|start|>')) return splitChannels(start);
  return splitBareChannels(start);
}

function splitChannels(text: string): SplitText | null {
  const thoughts: string[] = [];
  const response: string[] = [];
  let found = false;
  for (let at = 0; at < text.length; ) {
    HEAD.lastIndex = at;
    const head = HEAD.exec(text);
    if (head === null) {
      if (!found) return null;
      // An end token, or text between messages: on to the next message.
      const next = nextHead(text, at);
      if (next < 0) break;
      at = next;
      continue;
    }
    found = true;
    const channel = head[1]!.trim();
    const end = endOf(text, HEAD.lastIndex);
    const said = text.slice(HEAD.lastIndex, end).trim();
    if (channel.startsWith('final')) response.push(said);
    else if (/\bto=/.test(head[0])) response.push(text.slice(at, end).trim());
    else thoughts.push(said);
    at = end;
  }
  if (!found) return null;
  return { thoughts: shown(thoughts), response: shown(response) };
}

function endOf(text: string, from: number): number {
  ENDS.lastIndex = from;
  return ENDS.exec(text)?.index ?? text.length;
}

/** Where the next message may begin, behind `at`; −1 for nowhere. */
function nextHead(text: string, at: number): number {
  BEGINS.lastIndex = at + 1;
  return BEGINS.exec(text)?.index ?? -1;
}

/** `analysisThey want harm.assistantfinalI cannot help.`: special tokens were left out, words were kept. */
function splitBareChannels(text: string): SplitText | null {
  if (!text.startsWith('analysis')) return null;
  const final = text.indexOf('assistantfinal');
  if (final < 0) return null;
  const thoughts = text.slice('analysis'.length, final).split(/assistant(?:analysis|commentary)/);
  return {
    thoughts: shown(thoughts.map((part) => part.trim())),
    response: text.slice(final + 'assistantfinal'.length).trim(),
  };
}

function shown(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
