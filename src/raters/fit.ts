import { type CutText, cutMiddle } from '../core/cut-middle.ts';
/** What a section holds, for the order in which sections give way. */
export type SectionKind = 'tool result' | 'tool call' | 'other';

/** The order in which sections give way, and how much of each stays in any case. */
const GIVING_WAY: readonly { readonly kind: SectionKind; readonly least: number }[] = [
  { kind: 'tool result', least: 1000 },
  { kind: 'tool call', least: 2000 },
  { kind: 'other', least: 4000 },
];

/**
 * Makes the texts of a transcript fit a budget by leaving out the middle of the longest ones.
 *
 * What tools answered gives way first, then what tools were called with (whole files, often), and only then what was said
 * and thought. Of one kind all are cut to one length, the longest that fits, so that short ones stay whole. However many
 * there are, the least of each stays: a budget can be passed by then, but nothing is ever lost without a word.
 *
 * @param budget characters of all texts together
 * @param strict whether the budget is kept whatever it takes: where the least of each is too much, the longest of all are cut
 *   once more, to one length
 */
export function fitTexts(
  sections: readonly { readonly kind: SectionKind; readonly text: string }[],
  budget: number,
  strict = false,
): CutText[] {
  let total = sections.reduce((sum, { text }) => sum + text.length, 0);
  const most = new Map<SectionKind, number>();
  for (const { kind, least } of GIVING_WAY) {
    if (total <= budget) break;
    const lengths = sections.flatMap((section) => (section.kind === kind ? [section.text.length] : []));
    const all = lengths.reduce((sum, length) => sum + length, 0);
    const cap = Math.max(least, capFor(lengths, budget - (total - all)));
    most.set(kind, cap);
    total -= all - lengths.reduce((sum, length) => sum + Math.min(length, cap), 0);
  }
  const shown = sections.map(({ kind, text }) => Math.min(text.length, most.get(kind) ?? text.length));
  const last = strict ? capFor(shown, budget) : Number.POSITIVE_INFINITY;
  return sections.map(({ text }, index) => cutMiddle(text, Math.min(shown[index]!, last)));
}

/** The largest cap under which the lengths sum to no more than there is room for. */
function capFor(lengths: readonly number[], room: number): number {
  const ascending = [...lengths].sort((a, b) => a - b);
  let left = room;
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (length > share) return Math.max(0, share);
    left -= length;
  }
  return ascending.at(-1) ?? 0;
}
