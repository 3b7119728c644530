import { listed } from '../format/index.ts';

/** Names that are what they look like: visible ASCII. */
const PLAIN = /^[!-~]+$/;
const MOST_TOLD = 3;

/**
 * A note on names that look alike and are not the same: they differ only by Unicode form, white space or characters without a width.
 * One stage or sample then counts as two.
 *
 * @param what they are names of: "stages"
 * @param names as keys
 * @returns one sentence; none where no two look alike
 *
 * @example
 * lookAlikeNotes('stages', new Map([['base', 0], ['base ', 1]]));
 * // => ['Some stages have names that look alike and are not the same: "base" and "base ". Write …']
 */
export function lookAlikeNotes(what: string, names: ReadonlyMap<string, unknown>): string[] {
  const groups = new Map<string, string[]>();
  for (const name of names.keys()) {
    if (PLAIN.test(name)) continue;
    const look = lookOf(name);
    if (look === name) continue;
    const group = groups.get(look) ?? (names.has(look) ? [look] : []);
    group.push(name);
    groups.set(look, group);
  }
  const alike = [...groups.values()].filter(({ length }) => length > 1);
  if (alike.length === 0) return [];
  const told = alike.slice(0, MOST_TOLD).map((group) => {
    const others = group.length > MOST_TOLD ? [`${group.length - MOST_TOLD} more`] : [];
    return listed([...group.slice(0, MOST_TOLD).map(exactly), ...others]);
  });
  const more = alike.length > MOST_TOLD ? `; and ${alike.length - MOST_TOLD} more` : '';
  return [
    `Some ${what} have names that look alike and are not the same: ${told.join('; ')}${more}. Write each in one way where one is meant.`,
  ];
}

function lookOf(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

/** In quotes, with the codes of all that is not ASCII. */
function exactly(name: string): string {
  const codes = JSON.stringify(name).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return codes === JSON.stringify(name) ? codes : `${JSON.stringify(name)} (${codes})`;
}
