import { fixed, NONE, trimmed } from './number.ts';

/**
 * A share of a whole as a percentage. 99.6% is not rounded to all, and 0.4% is not rounded to nothing.
 *
 * @param decimals at most so many; zeros at the end are left out
 * @example [percent(2 / 3), percent(0.996), percent(0.025, 2)]; // => ['67%', '99.6%', '2.5%']
 */
export function percent(share: number | null, decimals = 0): string {
  return share === null ? NONE : `${digits(share, decimals)}%`;
}

/** @example percentInterval([-0.2, 1.12]); // => '[−20, 112]' */
export function percentInterval(interval: readonly [number, number] | null): string {
  return interval === null ? NONE : `[${digits(interval[0], 0)}, ${digits(interval[1], 0)}]`;
}

function digits(share: number, decimals: number): string {
  if (decimals > 0) return trimmed(Number((share * 100).toPrecision(12)), decimals);
  const text = fixed(share * 100, 0);
  const exact = text === '100' ? share === 1 : text === '0' ? share === 0 : true;
  return exact ? text : fixed(share * 100, 1);
}

/**
 * How much of a total is done: whole percents that were reached. `100%` means all, `< 1%` means some.
 *
 * @example [reached(1, 1344), reached(999_999, 1e6)]; // => ['< 1%', '99%']
 */
export function reached(done: number, total: number): string {
  if (total === 0) return '–';
  const whole = Math.floor((100 * Math.min(done, total)) / total);
  return whole === 0 && done > 0 ? '< 1%' : `${whole}%`;
}
