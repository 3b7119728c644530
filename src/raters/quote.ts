/** Shorter quotes would be found in almost any text. */
const FEWEST_WORDS = 2;

/**
 * What is wrong with a judge's quote from a text.
 *
 * Judges copy words well and marks badly, so the comparison passes over case, white space, Markdown's emphasis, the shape
 * of quotation marks and dashes, and marks around the whole. Every word must be there, in order, with nothing between.
 *
 * @param text what was to be quoted
 * @returns words that go on after "and"; `null` when the quote stands in the text
 */
export function quoteFault(quote: unknown, text: string): string | null {
  if (typeof quote !== 'string' || quote.trim() === '') return 'it has none';
  const wanted = plain(quote).replaceAll(/^["' .…]+|["' .…]+$/g, '');
  const words = wanted.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word));
  const whole = plain(text);
  if (words.length < FEWEST_WORDS && whole.replaceAll(/^["' .…]+|["' .…]+$/g, '') !== wanted) {
    return `that quote has fewer than ${FEWEST_WORDS} words`;
  }
  return standsIn(wanted, whole) ? null : 'that quote does not stand in what was to be rated';
}

/** Not in the middle of a word: "a test" does not stand in "a tester". */
function standsIn(wanted: string, text: string): boolean {
  const isLetter = (character: string | undefined) =>
    character !== undefined && /[\p{L}\p{N}]/u.test(character);
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const cutsBefore = isLetter(text[at - 1]) && isLetter(wanted[0]);
    const cutsAfter = isLetter(text[at + wanted.length]) && isLetter(wanted.at(-1));
    if (!cutsBefore && !cutsAfter) return true;
  }
  return false;
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
