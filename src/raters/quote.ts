/** Shorter quotes would be found in almost any text. */
const FEWEST_WORDS = 2;

/**
 * What is wrong with a judge's quote from a text.
 *
 * Judges copy words well and marks badly, so the comparison ignores case, white space, Markdown's emphasis, the shape of
 * quotation marks and dashes, and marks around the whole. Every word must be there, in order, with nothing between.
 * The time is linear in the length of both.
 *
 * @param text the text that was to be quoted
 * @returns words that follow "and"; `null` when the quote is found in the text
 * @example
 * quoteFault('“made up”', 'This looks *made up*.'); // => null
 */
export function quoteFault(quote: unknown, text: string): string | null {
  if (typeof quote !== 'string' || quote.trim() === '') return 'it has none';
  const wanted = withoutMarks(plain(quote));
  const words = wanted.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word));
  const whole = plain(text);
  if (words.length < FEWEST_WORDS && withoutMarks(whole) !== wanted) {
    return `that quote has fewer than ${FEWEST_WORDS} words`;
  }
  return occursIn(wanted, whole) ? null : 'that quote is not in what was to be rated';
}

const MARKS = new Set(['"', "'", ' ', '.', '…']);

function withoutMarks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && MARKS.has(text[start]!)) start++;
  while (start < end && MARKS.has(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/** Not in the middle of a word: "a test" is not in "a tester". */
function occursIn(wanted: string, text: string): boolean {
  const isLetter = (character: string | undefined) =>
    character !== undefined && /[\p{L}\p{N}]/u.test(character);
  const [first, last] = [isLetter(wanted[0]), isLetter(wanted.at(-1))];
  for (const at of occurrences(wanted, text)) {
    const cutsBefore = first && isLetter(text[at - 1]);
    const cutsAfter = last && isLetter(text[at + wanted.length]);
    if (!cutsBefore && !cutsAfter) return true;
  }
  return false;
}

/**
 * Where a text holds another, overlapping ones too, in time linear in both. `indexOf` is not: it takes seconds for a long quote
 * in a text of one letter.
 *
 * @param wanted not empty
 * @see Knuth, Morris & Pratt (1977)
 */
function* occurrences(wanted: string, text: string): Generator<number> {
  const border = borders(wanted);
  let matched = 0;
  for (let at = 0; at < text.length; at++) {
    while (matched > 0 && (matched === wanted.length || text[at] !== wanted[matched]))
      matched = border[matched - 1]!;
    if (text[at] === wanted[matched]) matched++;
    if (matched === wanted.length) yield at - matched + 1;
  }
}

/** For each prefix, the length of its longest proper prefix that also ends it. */
function borders(text: string): Int32Array {
  const border = new Int32Array(text.length);
  for (let at = 1, matched = 0; at < text.length; at++) {
    while (matched > 0 && text[at] !== text[matched]) matched = border[matched - 1]!;
    if (text[at] === text[matched]) matched++;
    border[at] = matched;
  }
  return border;
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[‘’ʼ]/g, "'")
    .replaceAll(/[“”„«»]/g, '"')
    .replaceAll(/[‐‑–—−]/g, '-')
    .replaceAll(/[*`_]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}
