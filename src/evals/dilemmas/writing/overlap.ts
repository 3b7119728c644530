/** Two prompts that share more than this of their runs of four words are near-duplicates. */
export const NEAR_DUPLICATE = 0.1;

const RUN = 4;

/** How much of the smaller of two texts is in the other, by runs of four words; in [0, 1]. */
export function overlap(a: string, b: string): number {
  const [left, right] = [runs(a), runs(b)];
  const shared = [...left].filter((run) => right.has(run)).length;
  return shared / Math.max(1, Math.min(left.size, right.size));
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function runs(text: string): Set<string> {
  const words = wordsOf(text);
  return new Set(words.slice(RUN - 1).map((_, at) => words.slice(at, at + RUN).join(' ')));
}
