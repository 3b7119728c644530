/** Numbers as people read them; the same in a run's progress, status and summary. */

/** `12,345` */
export function countWords(count: number): string {
  // Intl would do, and take longer to load than everything else here together.
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1,200 trials`, `1 trial` */
export function plural(count: number, noun: string): string {
  return `${countWords(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Three significant digits where there are more: `947`, `12.3 k`, `4.56 M`. */
export function tokenWords(tokens: number): string {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    // From where rounding to three digits would reach the unit: 999,500 is 1.00 M, not 1000 k.
    if (tokens >= size * 0.9995) return `${(tokens / size).toPrecision(3)} ${unit}`;
  }
  return String(Math.round(tokens));
}

/** `$0.0042`, `$3.21`, `$1,204` */
export function usdWords(usd: number): string {
  if (usd >= 1000) return `$${countWords(usd)}`;
  if (usd >= 0.995 || usd === 0) return `$${usd.toFixed(2)}`;
  return `$${usd.toPrecision(2)}`;
}

/** `340 ms`, `8.5 s`, `42 s`, `3 min 20 s`, `1 h 05 min`, `2 d 03 h` */
export function durationWords(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's');
  const minutes = Math.round(ms / 60_000);
  if (minutes < 24 * 60) return twoUnits(minutes, 60, 'h', 'min');
  return twoUnits(Math.round(ms / 3_600_000), 24, 'd', 'h');
}

function twoUnits(count: number, size: number, large: string, small: string): string {
  return `${Math.floor(count / size)} ${large} ${String(count % size).padStart(2, '0')} ${small}`;
}

/** Trials a second where they are many, a minute or an hour where they are few: `212/s`, `3.4/min`. */
export function rateWords(perSecond: number): string {
  const [rate, unit] =
    perSecond >= 1
      ? [perSecond, 's']
      : perSecond * 60 >= 1
        ? [perSecond * 60, 'min']
        : [perSecond * 3600, 'h'];
  return `${rate >= 100 ? countWords(rate) : rate.toPrecision(2)}/${unit}`;
}

/** `31 %`: whole percents that were reached, and so `100 %` only when all is done; `< 1 %` for less than the first. */
export function percentWords(done: number, total: number): string {
  if (total === 0) return '–';
  const percent = Math.floor((100 * Math.min(done, total)) / total);
  return percent === 0 && done > 0 ? '< 1 %' : `${percent} %`;
}
