import { cutMiddle } from '../core/cut-middle.ts';
import { count } from '../format/index.ts';
/**
 * A long text's beginning and end, and between them how much was left out. What a command prints first (what it does) and
 * last (how it ended) says most.
 *
 * @param most characters that are kept, the note not counted
 */
export function truncateMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const { head, tail, left } = cutMiddle(text, most);
  return `${head}\n[… ${count(left)} characters left out here …]\n${tail}`;
}
