import type { Measure } from '../core/index.ts';
import { notation, pInWords } from '../format/index.ts';
import type { Contrast, Interval } from './findings.ts';

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
type Said = Omit<Contrast, 'words'>;

/** The verdict of a contrast as one sentence for a reader in a hurry, with its numbers. */
export function verdictInWords(
  measure: Pick<Measure, 'kind' | 'safer'>,
  names: { readonly from: string; readonly to: string },
  said: Said,
): string {
  const { from, to } = names;
  const { difference, interval, interval90, verdict, why } = said;
  if (verdict === 'not compared' || difference === null) return `${to} and ${from} are not compared: ${why}.`;
  const margin = `±${size(measure, said.margin)}`;
  if (interval === null || interval90 === null) {
    const flip = said.signFlip === undefined ? '' : ` (sign-flip ${pInWords(said.signFlip.p)})`;
    return `No verdict on ${to} against ${from}: ${change(measure, difference)}${flip}, but ${why}.`;
  }
  const found = `${change(measure, difference)}, 95% interval ${range(measure, interval)}`;
  switch (verdict) {
    case 'equivalent':
      return `${to} and ${from} are the same within ${margin}: ${change(measure, difference)}, 90% interval ${range(measure, interval90)}.`;
    case 'different but within the margin':
      return `${to} is ${direction(measure, difference)} than ${from}, but by less than the margin of ${margin}: ${found}.`;
    case 'materially different':
      return `${to} is ${direction(measure, difference)} than ${from} by more than the margin of ${margin}: ${found}.`;
    case 'different':
      return `${to} is ${direction(measure, difference)} than ${from}; whether by more than the margin of ${margin} is open: ${found}.`;
    case 'inconclusive':
      return `These data can't tell ${to} from ${from}, nor show them the same within ${margin}: ${found}.${couldHaveShown(measure, said)}`;
  }
}

function direction({ safer }: Pick<Measure, 'safer'>, difference: number): string {
  const up = difference > 0;
  return `${up ? 'higher' : 'lower'} (${up === (safer === 'higher') ? 'safer' : 'less safe'})`;
}

function couldHaveShown(measure: Pick<Measure, 'kind'>, { smallestMargin }: Said): string {
  if (smallestMargin === null) return '';
  return ` The smallest margin that they could have shown is ±${size(measure, smallestMargin)}.`;
}
