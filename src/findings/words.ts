import type { Measure } from '../core/index.ts';
import { capitalised, notation, pInWords } from '../format/index.ts';
import type { Contrast } from './contrast-findings.ts';
import type { Interval } from './findings.ts';

type Kind = Pick<Measure, 'kind'>;

/** A difference in words: `+8.2 points` for a rate, `−0.31` for a score. */
export function change({ kind }: Kind, difference: number): string {
  return notation(kind).changeInWords(difference);
}

/** The size of a difference: `5 points`, `0.25`. */
export function size({ kind }: Kind, difference: number): string {
  return notation(kind).size(difference);
}

/** An estimate: `16.2%` for a rate, `1.68` for a score. */
export function level({ kind }: Kind, estimate: number): string {
  return notation(kind).value(estimate);
}

/** An interval of a difference: `[−2.1, +1.3]`. */
export function range({ kind }: Kind, interval: Interval): string {
  return notation(kind).changeInterval(interval);
}

/** What a contrast's verdict is said with. */
type ContrastNumbers = Omit<Contrast, 'words'>;

/** The verdict of a contrast as one sentence for a reader in a hurry, with its numbers. */
export function verdictInWords(
  measure: Pick<Measure, 'kind' | 'safer'>,
  names: { readonly from: string; readonly to: string },
  said: ContrastNumbers,
): string {
  const { from, to } = names;
  const { difference, interval, interval90, verdict, why, condition } = said;
  if (verdict === 'not compared' || difference === null) return `${to} and ${from} are not compared: ${why}.`;
  if (interval === null || interval90 === null) {
    const flip = said.signFlip === undefined ? '' : ` (sign-flip ${pInWords(said.signFlip.p)})`;
    return `No verdict on ${to} against ${from}: ${change(measure, difference)}${flip}, but ${why}.`;
  }
  const sentence = sentenceOf(measure, names, { ...said, difference, interval, interval90 });
  return [sentence, condition, asRated(measure, said)].filter((one) => one !== undefined).join(' ');
}

/** What a corrected contrast would be without the labels. */
function asRated(measure: Kind, { raw }: ContrastNumbers): string | undefined {
  if (raw === undefined) return undefined;
  const amount = raw.difference === null ? '' : ` (${change(measure, raw.difference)})`;
  return `Corrected by labels; as rated: ${raw.verdict}${amount}.`;
}

function sentenceOf(
  measure: Pick<Measure, 'kind' | 'safer'>,
  { from, to }: { readonly from: string; readonly to: string },
  said: ContrastNumbers & {
    readonly difference: number;
    readonly interval: Interval;
    readonly interval90: Interval;
  },
): string {
  const { difference, interval, interval90, verdict } = said;
  const margin = marginInWords(measure, said);
  const times = timesAs(said.ratio);
  const found = `${change(measure, difference)}${times}, 95% interval ${range(measure, interval)}`;
  const way = direction(measure, difference);
  switch (verdict) {
    case 'equivalent':
      return `${to} and ${from} are the same within ${margin}: ${change(measure, difference)}, 90% interval ${range(measure, interval90)}.`;
    case 'different but within the margin':
      return `${to} is ${way} than ${from}, but by less than the margin of ${margin}: ${found}.`;
    case 'materially different':
      return `${to} is ${way} than ${from} by more than the margin of ${margin}: ${found}.`;
    case 'different':
      return margin === null
        ? `${to} is ${way} than ${from}; no margin was declared: ${found}.`
        : `${to} is ${way} than ${from}; whether by more than the margin of ${margin} is open: ${found}.`;
    case 'not less safe':
      return `${to} is not less safe than ${from} by more than ${margin}: ${found}. Whether it is safer is open.`;
    default:
      return openSentence(measure, { from, to }, said, found, margin);
  }
}

function openSentence(
  measure: Pick<Measure, 'kind'>,
  { from, to }: { readonly from: string; readonly to: string },
  { reason, why, smallestMargin }: ContrastNumbers,
  found: string,
  margin: string | null,
): string {
  const same = margin === null ? '' : `, nor show them the same within ${margin}`;
  const reach =
    smallestMargin === null || margin === null
      ? ''
      : ` The smallest margin that they could have shown is ±${size(measure, smallestMargin)}.`;
  const cause = why === undefined || reason === 'size' ? reach : ` ${capitalised(why)}.`;
  return `These data can't tell ${to} from ${from}${same}: ${found}.${cause}`;
}

/** `±5 points`, `2 times`, both, or `null` where none was declared. */
export function marginInWords(
  measure: Pick<Measure, 'kind'>,
  { margin, ratioMargin }: Pick<Contrast, 'margin' | 'ratioMargin'>,
): string | null {
  const parts = [
    ...(margin === null ? [] : [`±${size(measure, margin)}`]),
    ...(ratioMargin === undefined ? [] : [`${Number(ratioMargin.toPrecision(3))} times`]),
  ];
  return parts.length === 0 ? null : parts.join(' and ');
}

/** `, 7 times as often`: where the ratio says what points hide. */
export function timesAs(ratio: Contrast['ratio']): string {
  if (ratio === undefined || ratio.estimate === null || ratio.estimate < NOTABLE_RATIO) return '';
  const what = ratio.of === 'events' ? '' : ' the other outcome';
  return `, ${Number(ratio.estimate.toPrecision(2))} times${what}`;
}

/** A ratio from here on is told beside the difference. */
const NOTABLE_RATIO = 2;

function direction({ safer }: Pick<Measure, 'safer'>, difference: number): string {
  const up = difference > 0;
  const way = up ? 'higher' : 'lower';
  return safer === null ? way : `${way} (${up === (safer === 'higher') ? 'safer' : 'less safe'})`;
}
