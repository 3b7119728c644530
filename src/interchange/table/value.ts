import { InputError, type Json } from '../../core/index.ts';

/** How "not measured" is commonly written. */
const NOTHING = new Set(
  ',na,n/a,n.a.,#n/a,<na>,nan,-nan,null,none,nil,undefined,missing,-,–,—,.,?'.split(','),
);

/** How yes and no are commonly written. */
const WORDS: ReadonlyMap<string, number> = new Map([
  ...['true', 'yes', 't', 'y'].map((word) => [word, 1] as const),
  ...['false', 'no', 'f', 'n'].map((word) => [word, 0] as const),
]);

const NUMBER = /^[-+]?(\d+(?:\.\d*)?|\.\d+)(e[-+]?\d+)?$/;
/** A comma before other than three digits, or after a zero, can only be a decimal one. */
const DECIMAL_COMMA = /^[-+]?(?:0?,\d+|\d+,(?:\d{1,2}|\d{4,}))$/;

/**
 * The number that a cell says: numbers, with a comma too; percentages as shares; yes and no as people, Python and JSON write them.
 *
 * @returns `null` where it says that nothing was measured; `undefined` for what is not a value
 *
 * @example
 * ['0.5', '50 %', '0,5', 'Yes', 'N/A', 'good'].map(readValue); // => [0.5, 0.5, 0.5, 1, null, undefined]
 */
export function readValue(cell: Json | undefined): number | null | undefined {
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : undefined;
  if (cell === null || cell === undefined) return null;
  if (typeof cell !== 'string') return undefined;
  if (saysNothing(cell)) return null;
  return WORDS.get(cell.trim().toLowerCase()) ?? readNumber(cell);
}

/** Whether a text says that nothing was measured: it is empty, `NA`, `-`, … */
export function saysNothing(text: string): boolean {
  return NOTHING.has(text.trim().toLowerCase());
}

/**
 * The number that a text says; `undefined` where it says none.
 *
 * @example
 * ['0.5', '50 %', '0,5', 'yes'].map(readNumber); // => [0.5, 0.5, 0.5, undefined]
 */
export function readNumber(text: string): number | undefined {
  const plain = text.trim().toLowerCase();
  const percent = /^(.*\d[.]?)\s*%$/.exec(plain)?.[1];
  if (percent === undefined) return numberOf(plain);
  const number = numberOf(percent);
  return number === undefined ? undefined : number / 100;
}

function numberOf(text: string): number | undefined {
  const plain = DECIMAL_COMMA.test(text) ? text.replace(',', '.') : text;
  const number = NUMBER.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** What to do about a cell that is not a value. */
export function notAValue(
  name: string,
  text: string,
  place: { readonly file: string; readonly line: number },
): InputError {
  return new InputError(`${name}: "${text}" is not a number`, { place, remedy: remedyFor(text) });
}

function remedyFor(text: string): string {
  if (/^[[{]/.test(text))
    return 'Name the part of it that counts, as in --map value=score.total or value=scores.0.';
  if (/^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text))
    return 'Write it without the commas; a comma is read as a decimal one only where it cannot separate thousands.';
  if (
    /^[-+]?(inf(inity)?|∞)$/i.test(text.trim()) ||
    (NUMBER.test(text.trim().toLowerCase()) && numberOf(text.trim().toLowerCase()) === undefined)
  )
    return 'An infinite value has no mean: leave the cell empty.';
  if (/^[-+]?\d{1,3}([.' ]\d{3})+,\d+$/.test(text.trim()))
    return 'Write it without the signs between thousands, as 1234,5.';
  return `Where a word stands for a number, a mapping file says for which (docs/import.md): value: { column: …, values: { ${JSON.stringify(text)}: 1 } }.`;
}
