// Tests whether a path fits a pattern. Within one part of the path, `*` fits any number of characters, `?` fits one character, and
// `[abc]`, `[0-9]` and `[!0-9]` fit one character of a set. `**` fits any number of parts. The time grows at most with the product
// of the two lengths.
//
// @example fitsPattern('data/**/train-*.parquet', 'data/en/train-0.parquet') // => true
export function fitsPattern(pattern: string, path: string): boolean {
  return fits(pattern.split('/'), path.split('/'), '**', (wanted, part) =>
    fits(wanted.match(SIGNS) ?? [], [...part], '*', fitsSign),
  );
}

export function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

const SIGNS = /\[[^[\]]+\]|./gsu;

/**
 * Whether a row of items fits a row of wanted ones.
 *
 * @param any the wanted one that stands for any number of items
 * @param one whether another wanted one stands for this item
 */
function fits(
  wanted: readonly string[],
  items: readonly string[],
  any: string,
  one: (wanted: string, item: string) => boolean,
): boolean {
  /** By how many items are used up: whether the wanted ones so far can stand for them. */
  let reached = [true, ...items.map(() => false)];
  for (const each of wanted) {
    const first = reached.indexOf(true);
    if (first === -1) return false;
    reached = reached.map((_, used) =>
      each === any ? used >= first : used > 0 && reached[used - 1]! && one(each, items[used - 1]!),
    );
  }
  return reached.at(-1)!;
}

function fitsSign(sign: string, character: string): boolean {
  if (sign.length === 1 || !sign.startsWith('[')) return sign === '?' || sign === character;
  const isNot = /^\[[!^]/.test(sign);
  const set = [...sign.slice(isNot ? 2 : 1, -1)];
  const isIn = set.some((each, index) =>
    each === '-' && index > 0 && index < set.length - 1
      ? set[index - 1]! <= character && character <= set[index + 1]!
      : each === character,
  );
  return isIn !== isNot;
}
