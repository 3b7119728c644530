import type { Interval } from '../stats/numerics/interval.ts';
import { fixed, NONE, signed, trimmed } from './number.ts';

/**
 * How the numbers of one measure are written: rates as percentages and their differences in percentage points, scores as
 * they are. `null` is written as a dash.
 */
export interface Notation {
  /** `29.6%`, `1.57`. */
  value(x: number | null): string;
  /** `[24.2, 35.6]`: in the unit of the value beside it. */
  interval(interval: Interval | null): string;
  /** `+12.4`, `−0.31`: in points for a rate. */
  change(x: number | null): string;
  changeInterval(interval: Interval | null): string;
  /** `+12.4 points`, `−0.31`. */
  changeInWords(x: number | null): string;
  /** A length on the scale of differences, without a sign, in three significant digits: `5 points`, `0.25`. */
  size(x: number | null): string;
  /** A margin, aligned with the differences: `±8.2`. */
  within(x: number | null): string;
  /** A value at an axis: `20%`, `1.5`. */
  tick(x: number): string;
  /** A difference at an axis, in the unit of differences: `+5`. */
  changeTick(x: number): string;
  /** The same with more digits, where the text says how a number was computed. */
  exactly: Pick<Notation, 'value' | 'interval' | 'change' | 'changeInterval' | 'changeInWords'> & {
    /** A length on the scale of differences with its unit: `3.61 points`. */
    size(x: number | null): string;
  };
  /** `points` for a rate; `null` for a score, which has no unit. */
  readonly unit: 'points' | null;
}

/**
 * The notation of a measure.
 *
 * @param decimals of values, intervals and changes; see {@link decimalsFor}
 * @example notation('rate').changeInWords(0.124); // => '+12.4 points'
 */
export function notation(kind: 'rate' | 'score', decimals = kind === 'rate' ? 1 : 2): Notation {
  const rate = kind === 'rate';
  const factor = rate ? 100 : 1;
  const percent = rate ? '%' : '';
  const points = rate ? ' points' : '';
  const length = (x: number, digits: number) => fixed(Math.abs(x) * factor, digits);
  return {
    ...forms(factor, percent, points, decimals),
    size: (x) => (x === null ? NONE : `${Number(Math.abs(x * factor).toPrecision(3))}${points}`),
    within: (x) => (x === null ? NONE : `±${length(x, decimals)}`),
    exactly: {
      ...forms(factor, percent, points, rate ? Math.max(decimals + 1, 2) : Math.max(decimals + 2, 4)),
      size: (x) =>
        x === null
          ? NONE
          : `${length(x, rate ? Math.max(decimals + 1, 2) : Math.max(decimals + 2, 4))}${points}`,
    },
    tick: (x) => `${trimmed(x * factor, 3)}${percent}`,
    changeTick: (x) => `${x > 0 ? '+' : ''}${trimmed(x * factor, 3)}`,
    unit: rate ? 'points' : null,
  };
}

type Forms = Pick<Notation, 'value' | 'interval' | 'change' | 'changeInterval' | 'changeInWords'>;

function forms(factor: number, percent: string, points: string, decimals: number): Forms {
  const value = (x: number) => fixed(x * factor, decimals);
  const change = (x: number) => signed(x * factor, decimals);
  const orNone =
    <T>(write: (x: T) => string) =>
    (x: T | null) =>
      x === null ? NONE : write(x);
  return {
    value: orNone((x: number) => `${value(x)}${percent}`),
    interval: orNone(([low, high]: Interval) => `[${value(low)}, ${value(high)}]`),
    change: orNone(change),
    changeInterval: orNone(([low, high]: Interval) => `[${change(low)}, ${change(high)}]`),
    changeInWords: orNone((x: number) => `${change(x)}${points}`),
  };
}

/**
 * The decimals at which the median half-width of the intervals keeps two significant digits: from one to four. One number
 * for a whole measure, so that its columns align.
 */
export function decimalsFor(kind: 'rate' | 'score', intervals: readonly Interval[]): number {
  const halfWidths = intervals
    .map(([lower, upper]) => ((upper - lower) / 2) * (kind === 'rate' ? 100 : 1))
    .filter((width) => width > 0)
    .sort((a, b) => a - b);
  const median = halfWidths[Math.floor(halfWidths.length / 2)];
  if (median === undefined) return 1;
  return Math.min(4, Math.max(1, Math.ceil(-Math.log10(median)) + 1));
}

/** What a notation is chosen by: the intervals of a measure, of its stages and of its differences. */
interface Noted {
  readonly kind: 'rate' | 'score';
  readonly stages: readonly { readonly interval: Interval | null }[];
  readonly contrasts: readonly { readonly interval: Interval | null }[];
}

/** The notation of a measure's findings, with as many decimals as their intervals allow. */
export function notationOf({ kind, stages, contrasts }: Noted): Notation {
  const intervals = [...stages, ...contrasts].flatMap(({ interval }) =>
    interval === null ? [] : [interval],
  );
  return notation(kind, decimalsFor(kind, intervals));
}
