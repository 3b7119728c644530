import { isLetter, type OfferedChoice } from './choice-row.ts';

/** An answer longer than this is not looked at whole: the choice is at its beginning or its end. */
const MOST = 4_000;

/**
 * The choice that an answer takes.
 *
 * It looks for, in this order: the choice's name alone; one name in parentheses, and no other; a name where the answer begins; a name
 * after words such as "the answer is"; the text of one choice, and of no other. Two different names at one of these steps mean that
 * the answer took none.
 *
 * @returns its name; `null` where none can be told
 * @example readChoice('I would choose (B).', [{ name: 'A' }, { name: 'B' }]) // => 'B'
 */
export function readChoice(answer: string, choices: readonly OfferedChoice[]): string | null {
  const whole = answer.replaceAll(/[*_`#]+/g, '').trim();
  const text = whole.length <= MOST ? whole : `${whole.slice(0, MOST / 2)}\n${whole.slice(-MOST / 2)}`;
  for (const found of steps(text, choices)) {
    const names = new Set(found);
    if (names.size === 1) return [...names][0]!;
    if (names.size > 1) return null;
  }
  return null;
}

function* steps(text: string, choices: readonly OfferedChoice[]): Generator<readonly string[]> {
  const named = (pattern: (name: string) => RegExp) =>
    choices.filter(({ name }) => pattern(escaped(name)).test(text)).map(({ name }) => name);
  const letters = choices.every(({ name }) => isLetter(name));
  const flags = letters ? 'u' : 'iu';
  yield named((name) => new RegExp(`^["'(\\[]*${name}["')\\].:!]*$`, letters ? 'iu' : flags));
  if (letters) yield named((name) => new RegExp(`\\(${name}\\)`, 'u'));
  // "A cat" begins with an article, "A: a cat" and "A) a cat" with a letter.
  yield named(
    (name) =>
      new RegExp(
        letters
          ? `^["'(\\[]*${name}(?:[).:\\]]|\\s*[-–—\\n])`
          : `^["'(\\[]*${name}(?![\\p{L}\\p{N}]|\\s+or\\b)`,
        flags,
      ),
  );
  yield named((name) => new RegExp(`${SAYS}["'(\\[]*${name}(?![\\p{L}\\p{N}'’])`, letters ? 'u' : 'iu'));
  const lower = text.toLowerCase();
  yield choices.flatMap(({ name, says }) => (holds(lower, says ?? (letters ? '' : name)) ? [name] : []));
}

/** What comes before the name of the choice that is taken. */
const SAYS =
  '(?:[Aa]nswer|[Cc]hoice|[Oo]ption|[Cc]hoose|[Pp]ick|[Ss]elect|[Pp]refer|[Gg]o with)(?: (?:is|would be|to be|the))*:?\\s*(?:(?:[Oo]ption|[Cc]hoice|[Aa]nswer)\\s+)?';

/** A text of a choice is recognised if it is long enough to be no accident. */
function holds(answer: string, says: string): boolean {
  const text = says
    .trim()
    .replace(/(?<![.!?])[.!?]+$/, '')
    .toLowerCase();
  return text.length >= 4 && answer.includes(text);
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
