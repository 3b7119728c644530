import type { Measure } from '../core/index.ts';
import type { Contrast, Interval } from './findings.ts';

/** A difference as people say it: `+8.2 points` for a rate, `−0.31` for a score. */
export function change(measure: Pick<Measure, 'kind'>, difference: number): string {
  return `${signed(measure, difference)}${measure.kind === 'rate' ? ' points' : ''}`;
}

/** The size of a difference: `5 points`, `0.25`. */
export function size(measure: Pick<Measure, 'kind'>, difference: number): string {
  const scaled = Math.abs(difference) * (measure.kind === 'rate' ? 100 : 1);
  return `${Number(scaled.toPrecision(3))}${measure.kind === 'rate' ? ' points' : ''}`;
}

/** An estimate: `16.2%` for a rate, `1.68` for a score. */
export function level(measure: Pick<Measure, 'kind'>, estimate: number): string {
  return measure.kind === 'rate' ? `${fixed(estimate * 100, 1)}%` : fixed(estimate, 2);
}

/** `[−2.1, +1.3]`. */
export function range(measure: Pick<Measure, 'kind'>, [low, high]: Interval): string {
  return `[${signed(measure, low)}, ${signed(measure, high)}]`;
}

/** `p = 0.012`, `p < 0.001`. */
export function pValue(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`;
}

/** A share of a whole: `67%`, `−20%`. */
export function percent(share: number): string {
  return `${fixed(share * 100, 0)}%`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A measure's title in the middle of a sentence: its first letter small, unless it is an abbreviation. */
export function inSentence(title: string): string {
  return /^\p{Lu}(\p{Ll}|[- ]|$)/u.test(title) ? title[0]!.toLowerCase() + title.slice(1) : title;
}

/** At the beginning of a sentence. */
export function capitalised(text: string): string {
  return text === '' ? text : text[0]!.toUpperCase() + text.slice(1);
}

function signed(measure: Pick<Measure, 'kind'>, difference: number): string {
  const scaled = measure.kind === 'rate' ? difference * 100 : difference;
  const decimals = measure.kind === 'rate' ? 1 : 2;
  const text = fixed(scaled, decimals);
  return text.startsWith('−') || Number(text) === 0 ? text : `+${text}`;
}

/** With a true minus sign, and never "−0.0". */
function fixed(value: number, decimals: number): string {
  // 0.2875 · 100 is a hair below 28.75: rounded as it is written, not as it is stored.
  const text = Number(value.toPrecision(12)).toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
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
    const flip = said.signFlip === undefined ? '' : ` (sign-flip ${pValue(said.signFlip.p)})`;
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
