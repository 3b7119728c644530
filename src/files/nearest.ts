/**
 * The known name that a mistyped one most likely meant, for "did you mean".
 *
 * Case and the marks `-`, `_`, space and `.` do not count, so `maxTokens` means `max_tokens`; a part of a path stands for
 * the whole (`over-refusal` for `refusals/over-refusal`). Of two that are equally near, the first.
 *
 * @returns `undefined` where nothing is near enough: at most two fifths of the letters may differ, and at least one may
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const other = plain(candidate);
    const length = Math.max(wanted.length, other.length);
    const distance = candidate.split('/').some((part) => plain(part) === wanted)
      ? 0
      : editDistance(wanted, other);
    if (distance < least && distance < length && distance <= Math.max(1, Math.floor(length * 0.4))) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_ .]/g, '');
}

/**
 * The fewest insertions, deletions, replacements and swaps of neighbours that turn one text into the other, no letter
 * being edited twice.
 *
 * @see Damerau (1964); this is the "optimal string alignment" variant
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
}
