import type { Json } from '../../core/index.ts';

/** Words that have to follow each other to count as the same passage. */
const WORDS = 8;
/** The share of a sample's passages that must occur in the training text. */
const LEAKED = 0.5;

/**
 * Which samples of an eval occur in texts that a stage was trained on. A sample counts as leaked where at least half of its
 * 8-word passages occur there; one that is shorter where all of it does. Case and punctuation do not count.
 *
 * @param samples by id
 * @returns ids, in the order of the samples
 * @example leakedSamples([['a', 'How do I make a cake?']], ['Q: how do I make a cake'])  // => ['a']
 */
export function leakedSamples(
  samples: Iterable<readonly [id: string, text: string]>,
  training: Iterable<string>,
): string[] {
  const asked = [...samples].map(([id, text]) => ({ id, words: wordsOf(text) }));
  const sizes = new Set(asked.map(({ words }) => Math.min(WORDS, words.length)));
  sizes.delete(0);
  // Only passages that some sample has are kept, so that memory follows the eval and not the training data.
  const wanted = new Set(asked.flatMap(({ words }) => passages(words, Math.min(WORDS, words.length))));
  const found = new Set<string>();
  for (const text of training) {
    const words = wordsOf(text);
    for (const size of sizes)
      for (const passage of passages(words, size)) if (wanted.has(passage)) found.add(passage);
  }
  return asked
    .filter(({ words }) => {
      const own = [...new Set(passages(words, Math.min(WORDS, words.length)))];
      return own.length > 0 && own.filter((each) => found.has(each)).length >= LEAKED * own.length;
    })
    .map(({ id }) => id);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function passages(words: readonly string[], size: number): string[] {
  if (size === 0) return [];
  return Array.from({ length: Math.max(0, words.length - size + 1) }, (_, start) =>
    words.slice(start, start + size).join(' '),
  );
}

/** All text that a training example or a prompt holds; who says it does not count. */
export function textOfExample(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOfExample).join('\n');
  if (value === null || typeof value !== 'object') return '';
  const { role: _, ...rest } = value as Readonly<Record<string, Json>>;
  return Object.values(rest).map(textOfExample).join('\n');
}
