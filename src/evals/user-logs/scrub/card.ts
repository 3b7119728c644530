import { passesLuhn } from './check-digits.ts';
import { digitsOf, type PersonalDataDetector, type Span } from './detector.ts';

const CANDIDATE = /(?<![\p{L}\p{N}.,+-])\d(?:[ -]?\d){13,22}/gu;

/** By first digits: the networks' lengths. Visa's old 13 digits are left out: an article number (EAN) looks the same. */
const NETWORKS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|[689])/, [14]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16]],
  [/^62/, [16, 17, 18, 19]],
  [/^(?:50|5[6-8]|6[37])/, [16, 18, 19]],
];

/** Payment cards: a network's first digits, one of its lengths, and Luhn's check digit. */
export const card: PersonalDataDetector = {
  kind: 'CARD',
  *find(text) {
    for (const { 0: run, index } of text.matchAll(CANDIDATE)) {
      const found = cardIn(text, run, index);
      if (found !== null) yield found;
    }
  },
};

/** The longest card number that the run begins with. */
function cardIn(text: string, run: string, start: number): Span | null {
  const digits = digitsOf(run);
  const lengths = NETWORKS.flatMap(([first, lengths]) => (first.test(digits) ? lengths : []));
  for (const length of lengths.toSorted((a, b) => b - a)) {
    if (length > digits.length || !passesLuhn(digits.slice(0, length))) continue;
    const end = start + lengthWith(run, length);
    if (!/^\d|^[.,]\d/.test(text.slice(end))) return { start, end };
  }
  return null;
}

/** How many signs of a run hold its first digits. */
function lengthWith(run: string, digits: number): number {
  let seen = 0;
  for (let at = 0; at < run.length; at++) {
    if (/\d/.test(run[at]!)) seen++;
    if (seen === digits) return at + 1;
  }
  return run.length;
}
