import { digitsOf, matches, type PersonalDataDetector } from './detector.ts';

const NOT_INSIDE = String.raw`(?<![\p{L}\p{N}_.,:=#/+-])`;
const NOT_GOING_ON = String.raw`(?![\p{L}\p{N}_]|[-.,/:]\d)`;
const pattern = (body: string): RegExp => new RegExp(`${NOT_INSIDE}(?:${body})${NOT_GOING_ON}`, 'gu');

/** `+` and eight to fifteen digits, ITU-T E.164, however they are set apart. */
const INTERNATIONAL = /(?<![\p{L}\p{N}_)])\+ ?[1-9]\d{0,2}(?:[ ()./-]{0,3}\d){6,13}(?![\p{L}\p{N}_])/gu;
/** `0043 1 5550123` */
const DIALLED_OUT = pattern(String.raw`00[1-9]\d{0,2}(?:[ ().\/-]{1,2}\d{1,8}){2,5}`);
/** North America: `(212) 555-0147`, `212-555-0188`, `1-800-555-0199`. */
const NORTH_AMERICAN = pattern(
  String.raw`(?:1[-. ])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-–. ])[2-9]\d{2}[-–. ]\d{4}`,
);
/** France: five pairs. */
const FRENCH = new RegExp(`${NOT_INSIDE}0[1-9](?:[ .-]\\d{2}){4}(?![ .-]?\\d)`, 'gu');
/** Most of Europe, Australia, Japan: an area code with its 0, then the rest. */
const WITH_AREA_CODE = pattern(
  String.raw`(?:\(0\d{1,4}\) ?|0\d{1,4}[ \/-])\d{3,8}(?:[ -]\d{2,4}){0,2}|0[1-9]-\d{4}-\d{4}`,
);
/** Brazil: `(11) 95555-0123`. */
const BRAZILIAN = pattern(String.raw`\(\d{2}\) ?9?\d{4}-\d{4}`);

const WORDS =
  'phones?|telephone|tel|telefono|teléfono|telefon|telefone|téléphone|tlf|mobile|mobil|cell|portable|handy|fax|whatsapp|sms|call|ring|dial|text(?: me)?|contact (?:no|number)|numéro|número|numero|reach me|電話|电话|手机';
const AFTER_A_WORD = new RegExp(
  `(?:(?<!\\p{L})(?:${WORDS})(?!\\p{L}))[^\\p{N}\\n]{0,20}(?<value>\\+?\\(?\\d(?:[ ().\\/-]{0,2}\\d){6,14})${NOT_GOING_ON}`,
  'dgiu',
);

/**
 * Telephone numbers: international ones anywhere, national ones where their grouping gives them away, and any seven to
 * fifteen digits behind a word such as "phone".
 */
export const phone: PersonalDataDetector = {
  kind: 'PHONE',
  *find(text) {
    yield* matches(text, INTERNATIONAL, (value) => hasDigits(value, 8, 15));
    yield* matches(text, DIALLED_OUT, (value) => hasDigits(value, 10, 16));
    yield* matches(text, NORTH_AMERICAN);
    yield* matches(text, FRENCH);
    yield* matches(text, WITH_AREA_CODE, (value) => hasDigits(value, 9, 12));
    yield* matches(text, BRAZILIAN);
    yield* matches(text, AFTER_A_WORD, (value) => hasDigits(value, 7, 15) && !isDate(value));
  },
};

function hasDigits(value: string, fewest: number, most: number): boolean {
  const { length } = digitsOf(value);
  return length >= fewest && length <= most;
}

function isDate(value: string): boolean {
  return /^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})$/.test(value);
}
