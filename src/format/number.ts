/** What stands where nothing was measured. */
export const NONE = '—';

/**
 * With a true minus sign, and never "−0.0". Halves are rounded up also where the binary fraction is a little less.
 *
 * @example fixed(-1.26, 1); // => '−1.3'
 */
export function fixed(x: number, decimals: number): string {
  const text = Number(x.toPrecision(12)).toFixed(decimals);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text.replace('-', '−');
}

/** @example signed(0.04, 2); // => '+0.04' */
export function signed(x: number, decimals: number): string {
  const text = fixed(x, decimals);
  return text.startsWith('−') || Number(text) === 0 ? text : `+${text}`;
}

/**
 * At most so many decimals, without zeros at the end.
 *
 * @example trimmed(2.5, 3); // => '2.5'
 */
export function trimmed(x: number, decimals: number): string {
  return String(Number(x.toFixed(decimals))).replace('-', '−');
}

/** A coefficient such as alpha or kappa: two decimals. */
export function coefficient(x: number | null): string {
  return x === null ? NONE : fixed(x, 2);
}

/**
 * A whole number with its thousands apart, the same in every locale.
 *
 * @example count(1350); // => '1,350'
 */
export function count(n: number): string {
  // Intl would do the same, but takes longer to load than all of stemma's formats together.
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/**
 * A large count in three significant digits.
 *
 * @example compact(12_345); // => '12.3 k'
 */
export function compact(n: number): string {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    // From here on rounding to three digits reaches the unit: 999,500 is 1.00 M, not 1000 k.
    if (n >= size * 0.9995) return `${(n / size).toPrecision(3)} ${unit}`;
  }
  return String(Math.round(n));
}

/** @example [dollars(0.0042), dollars(3.214), dollars(1204.4)]; // => ['$0.0042', '$3.21', '$1,204'] */
export function dollars(usd: number): string {
  if (usd >= 1000) return `$${count(usd)}`;
  if (usd >= 0.995 || usd === 0) return `$${usd.toFixed(2)}`;
  return `$${usd.toPrecision(2)}`;
}

/**
 * A rate of events in the unit in which it has a number: a second, a minute or an hour.
 *
 * @example speed(0.05); // => '3.0/min'
 */
export function speed(perSecond: number): string {
  const [rate, unit] =
    perSecond >= 1
      ? [perSecond, 's']
      : perSecond * 60 >= 1
        ? [perSecond * 60, 'min']
        : [perSecond * 3600, 'h'];
  return `${rate >= 100 ? count(rate) : rate.toPrecision(2)}/${unit}`;
}

/** @example [bytesInWords(345), bytesInWords(1_234_000)]; // => ['345 B', '1.23 MB'] */
export function bytesInWords(bytes: number): string {
  return bytes < 999.5 ? `${Math.round(bytes)} B` : `${compact(bytes)}B`;
}
