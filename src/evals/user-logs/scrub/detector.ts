/** What is looked for, in order of precedence: where two overlap, the earlier one counts. */
export const KINDS = ['SECRET', 'EMAIL', 'IBAN', 'CARD', 'ID', 'PHONE', 'IP', 'ADDRESS', 'NAME'] as const;
export type PersonalDataKind = (typeof KINDS)[number];

/** A part of a text: UTF-16 offsets, `end` behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface PersonalDataDetector {
  readonly kind: PersonalDataKind;
  /** Where this kind of personal data stands, in any order; spans may overlap. */
  find(text: string): Iterable<Span>;
}

/**
 * The matches of a pattern that pass a test; the span is that of the named group `value` where there is one.
 *
 * @param pattern global; with the flag `d` where it has a group `value`
 */
export function* matches(
  text: string,
  pattern: RegExp,
  passes: (value: string, before: string, after: string) => boolean = () => true,
): Generator<Span> {
  for (const found of text.matchAll(pattern)) {
    const [start, end] = found.indices?.groups?.value ?? [found.index, found.index + found[0].length];
    const before = text.slice(Math.max(0, start - CONTEXT), start);
    if (passes(text.slice(start, end), before, text.slice(end, end + CONTEXT))) yield { start, end };
  }
}

/** How much of what is around a match its test may look at. */
const CONTEXT = 48;

export function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}
