import type { PersonalDataDetector, Span } from './detector.ts';

const WORD = /\p{L}[\p{L}\p{M}’'-]*/gu;

/**
 * The names of a list, where they are as whole words. A name of several words is found in any case; one of a single word
 * only with a capital, because many names are words too.
 */
export function namesOf(names: readonly string[]): PersonalDataDetector {
  const byFirstWord = new Map<string, string[][]>();
  for (const name of names) {
    const words = [...name.matchAll(WORD)].map(([word]) => word.toLowerCase());
    const [first] = words;
    if (first === undefined) continue;
    byFirstWord.set(first, [...(byFirstWord.get(first) ?? []), words]);
  }
  for (const alike of byFirstWord.values()) alike.sort((a, b) => b.length - a.length);
  return {
    kind: 'NAME',
    *find(text) {
      const words = [...text.matchAll(WORD)].map(({ 0: word, index }) => {
        const bare = word.replace(/['’]s$|(?<!['’-])['’-]+$/i, '');
        return { bare, lower: bare.toLowerCase(), start: index, end: index + bare.length };
      });
      for (let at = 0; at < words.length; at++) {
        const found = byFirstWord.get(words[at]!.lower)?.find((name) => standsAt(name, words, at));
        if (found === undefined) continue;
        yield { start: words[at]!.start, end: words[at + found.length - 1]!.end };
        at += found.length - 1;
      }
    },
  };
}

function standsAt(
  name: readonly string[],
  words: readonly (Span & { readonly bare: string; readonly lower: string })[],
  at: number,
): boolean {
  if (name.length === 1) return /^\p{Lu}/u.test(words[at]!.bare);
  return name.every((word, offset) => words[at + offset]?.lower === word);
}
