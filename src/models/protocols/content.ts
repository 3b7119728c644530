import type { Members } from '../../core/parsed-json.ts';
import { optionalMembers, optionalText, WrongShape } from './shape.ts';

/** What the content of a chat message says. */
interface ReadContent {
  readonly text: string;
  readonly thoughts: string;
  readonly refusal: string;
}

const NOTHING: ReadContent = { text: '', thoughts: '', refusal: '' };

/**
 * Reads a message's content: a text, nothing (beside tool calls or a refusal), or parts. Parts are texts, `text` or
 * `output_text` parts, or parts without a type; `thinking` (Mistral) and `reasoning` parts (Databricks, with a summary) hold
 * thoughts.
 *
 * @throws WrongShape where there are parts and none of them can be read: an answer must not become empty unseen
 * @example readContent([{ type: 'thinking', thinking: 'Hm.' }, { text: 'No.' }], 'content') // => { thoughts: 'Hm.', text: 'No.', refusal: '' }
 */
export function readContent(content: unknown, where: string): ReadContent {
  if (content === null || content === undefined) return NOTHING;
  if (typeof content === 'string') return { ...NOTHING, text: content };
  if (typeof content !== 'object') throw new WrongShape(`${where} is neither text nor parts`);
  const parts = Array.isArray(content) ? content : [content];
  let { text, thoughts, refusal } = NOTHING;
  const unread: string[] = [];
  for (const part of parts) {
    const { type, ...members } =
      typeof part === 'string' ? { type: 'text', text: part } : optionalMembers(part);
    if (type === 'thinking' || type === 'reasoning' || type === 'reasoning_text' || type === 'thought')
      thoughts += thoughtsOf(members);
    else if (type === 'refusal') refusal += textIn(members.refusal);
    else if (members.text !== undefined || members.content !== undefined)
      text += textIn(members.text ?? members.content);
    else unread.push(String(type));
  }
  if (unread.length > 0 && unread.length === parts.length)
    throw new WrongShape(`${where} holds nothing but parts of the type ${[...new Set(unread)].join(', ')}`);
  return { text, thoughts, refusal };
}

/** A text, or one in a list of parts, or (assistants' API) in `value`. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textIn).join('');
  const { text, value: inner } = optionalMembers(value);
  return optionalText(inner) || (text === undefined ? '' : textIn(text));
}

function thoughtsOf({ thinking, summary, text, content, reasoning }: Members): string {
  for (const value of [thinking, text, content, reasoning, summary]) {
    const said = Array.isArray(value) ? value.map(textIn).join('\n\n') : textIn(value);
    if (said !== '') return said;
  }
  return '';
}
