import { count } from './number.ts';

/** @example [counted(1, 'trial'), counted(1350, 'trial')]; // => ['1 trial', '1,350 trials'] */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** @example listed(['a', 'b', 'c']); // => 'a, b and c' */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** A text at the beginning of a sentence. */
export function capitalised(text: string): string {
  return text === '' ? text : text[0]!.toUpperCase() + text.slice(1);
}

/**
 * A title in the middle of a sentence: its first letter is small, unless it is an abbreviation.
 *
 * @example [inSentence('Over-refusal'), inSentence('KPI gaming')]; // => ['over-refusal', 'KPI gaming']
 */
export function inSentence(title: string): string {
  return /^\p{Lu}(\p{Ll}|[- ]|$)/u.test(title) ? title[0]!.toLowerCase() + title.slice(1) : title;
}

/** A label of a rubric for people. @example labelInWords('no_choice') // => 'no choice' */
export function labelInWords(label: string): string {
  return label.replaceAll('_', ' ');
}
