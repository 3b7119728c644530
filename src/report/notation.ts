import type { Interval, MeasureFindings } from '../findings/findings.ts';

/** What stands where nothing was measured. */
export const NONE = '—';

/**
 * How one measure's numbers are written: rates as percentages and their differences in percentage points, scores as they
 * are. Decimals follow the usual rule that an interval's half-width is given to two significant digits, one rule for the
 * whole measure so that its columns align.
 */
export interface Notation {
  /** `29.6%`, `1.57`. */
  value(x: number | null): string;
  /** `[24.2, 35.6]`: of the same unit as the value beside it. */
  interval(interval: Interval | null): string;
  /** `+12.4`, `−0.31`: in points for a rate. */
  change(x: number | null): string;
  changeInterval(interval: Interval | null): string;
  /** `+12.4 points`, `−0.31`. */
  changeInWords(x: number | null): string;
  /** A length on the scale of differences, without a sign: `5 points`, `0.25`. Keeps the decimals it needs, up to three. */
  size(x: number | null): string;
  /** A margin, aligned with the differences: `±8.2`. */
  within(x: number | null): string;
  /** The value with more digits, where it is told how it was computed. */
  exactly(x: number | null): string;
  intervalExactly(interval: Interval | null): string;
  /** The difference with more digits. */
  changeExactly(x: number | null): string;
  changeIntervalExactly(interval: Interval | null): string;
  /** A value at an axis: `20%`, `1.5`. */
  tick(x: number): string;
  /** A difference at an axis, in the unit of differences: `+5`. */
  changeTick(x: number): string;
  /** A length on the scale of differences, without a sign, with more digits. */
  sizeExactly(x: number | null): string;
  /** `points` for a rate; `null` for a score, which has no unit. */
  readonly unit: 'points' | null;
}

export function notationOf(measure: Pick<MeasureFindings, 'kind' | 'stages' | 'contrasts'>): Notation {
  const rate = measure.kind === 'rate';
  const factor = rate ? 100 : 1;
  const decimals = decimalsFor(
    [...measure.stages, ...measure.contrasts].flatMap(({ interval }) =>
      interval === null ? [] : [interval],
    ),
    factor,
  );
  const more = rate ? Math.max(decimals + 1, 2) : Math.max(decimals + 2, 4);
  const percent = rate ? '%' : '';
  const value = (x: number | null, digits: number) =>
    x === null ? NONE : `${fixed(x * factor, digits)}${percent}`;
  const change = (x: number | null, digits: number) => (x === null ? NONE : signed(x * factor, digits));
  const changeInterval = (interval: Interval | null, digits: number) =>
    interval === null ? NONE : `[${change(interval[0], digits)}, ${change(interval[1], digits)}]`;
  const interval = (ends: Interval | null, digits: number) =>
    ends === null ? NONE : `[${fixed(ends[0] * factor, digits)}, ${fixed(ends[1] * factor, digits)}]`;
  return {
    value: (x) => value(x, decimals),
    interval: (x) => interval(x, decimals),
    change: (x) => change(x, decimals),
    changeInterval: (interval) => changeInterval(interval, decimals),
    changeInWords: (x) => (x === null ? NONE : `${change(x, decimals)}${rate ? ' points' : ''}`),
    size: (x) => (x === null ? NONE : `${trimmed(Math.abs(x) * factor, 3)}${rate ? ' points' : ''}`),
    within: (x) => (x === null ? NONE : `±${fixed(Math.abs(x) * factor, decimals)}`),
    exactly: (x) => value(x, more),
    intervalExactly: (x) => interval(x, more),
    changeExactly: (x) => change(x, more),
    changeIntervalExactly: (interval) => changeInterval(interval, more),
    sizeExactly: (x) => (x === null ? NONE : fixed(Math.abs(x) * factor, more)),
    tick: (x) => `${trimmed(x * factor, 3)}${percent}`,
    changeTick: (x) => `${x > 0 ? '+' : ''}${trimmed(x * factor, 3)}`,
    unit: rate ? 'points' : null,
  };
}

/** Decimals at which the median half-width keeps two significant digits: from one to four. */
function decimalsFor(intervals: readonly Interval[], factor: number): number {
  const halfWidths = intervals
    .map(([lower, upper]) => ((upper - lower) / 2) * factor)
    .filter((width) => width > 0)
    .sort((a, b) => a - b);
  const median = halfWidths[Math.floor(halfWidths.length / 2)];
  if (median === undefined) return 1;
  return Math.min(4, Math.max(1, Math.ceil(-Math.log10(median)) + 1));
}

/** With a true minus sign, never "−0.0", and halves rounded up also where the binary fraction is a little less: 28.75 is 28.8. */
export function fixed(x: number, decimals: number): string {
  const text = Number(x.toPrecision(12)).toFixed(decimals);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

export function signed(x: number, decimals: number): string {
  const text = fixed(x, decimals);
  return text.startsWith('−') || Number(text) === 0 ? text : `+${text}`;
}

/** At most so many decimals, without zeros at the end. */
export function trimmed(x: number, decimals: number): string {
  return String(Number(x.toFixed(decimals))).replace('-', '−');
}

/** `0.032`, `< 0.001`. */
export function pValue(p: number | null | undefined): string {
  if (p === null || p === undefined) return NONE;
  if (p < 0.001) return '< 0.001';
  return p.toFixed(p < 0.1 ? 3 : 2);
}

/** `p = 0.032`, `p < 0.001`. */
export function pInWords(p: number): string {
  const text = pValue(p);
  return text.startsWith('<') ? `p ${text}` : `p = ${text}`;
}

/** A share of a total, or an agreement: whole percentages, but 99.6% is not said to be all, nor 0.4% none. */
export function percent(x: number | null): string {
  return x === null ? NONE : `${wholePercent(x)}%`;
}

function wholePercent(x: number): string {
  const text = fixed(x * 100, 0);
  const exact = text === '100' ? x === 1 : text === '0' ? x === 0 : true;
  return exact ? text : fixed(x * 100, 1);
}

export function percentInterval(interval: Interval | null): string {
  return interval === null ? NONE : `[${wholePercent(interval[0])}, ${wholePercent(interval[1])}]`;
}

/** A coefficient such as alpha or kappa: two decimals. */
export function coefficient(x: number | null): string {
  return x === null ? NONE : fixed(x, 2);
}

/** `1,350`: whole numbers with thousands apart, the same in every locale. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 trial`, `2 trials`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
