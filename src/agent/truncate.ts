import { count } from '../format/index.ts';
/**
 * A long text's beginning and end, and between them how much was left out. What a command prints first (what it does) and
 * last (how it ended) says most.
 *
 * @param most characters that are kept, the note not counted
 */
export function truncateMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = wholeUntil(text, Math.ceil(most / 2));
  const tail = wholeFrom(text, text.length - Math.floor(most / 2));
  const left = tail - head;
  return `${text.slice(0, head)}\n[… ${count(left)} characters left out here …]\n${text.slice(tail)}`;
}

/** Cuts beside a surrogate pair rather than through it. */
function wholeUntil(text: string, at: number): number {
  return isHighSurrogate(text.charCodeAt(at - 1)) ? at - 1 : at;
}

function wholeFrom(text: string, at: number): number {
  return isHighSurrogate(text.charCodeAt(at - 1)) ? at + 1 : at;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
