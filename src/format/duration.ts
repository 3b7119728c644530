const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PART = /(?<!\d)(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g;
const WHOLE = new RegExp(`^\\s*(?:${PART.source}\\s*)+$`);

/** How a duration is written, for errors and editors. */
export const DURATION_FORM = 'seconds as a number, or text such as "90s", "15m", "2h", "1h30m", "2d"';

/**
 * A duration as the study file writes it, in milliseconds.
 *
 * @param duration seconds, or a text of numbers with units: `ms`, `s`, `m` (minutes), `h`, `d`
 * @returns `null` for anything else, for zero and for less
 */
export function durationMs(duration: unknown): number | null {
  const ms =
    typeof duration === 'number' ? duration * 1_000 : typeof duration === 'string' ? sum(duration) : 0;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

function sum(text: string): number {
  if (!WHOLE.test(text)) return 0;
  let total = 0;
  for (const [, number, unit] of text.matchAll(PART)) total += Number(number) * UNIT_MS[unit!]!;
  return total;
}

/**
 * A duration for people: its two largest units, or one where the other is zero.
 *
 * @example [340, 8_512, 200_000, 3_900_000].map(durationText); // => ['340 ms', '8.5 s', '3 min 20 s', '1 h 5 min']
 */
export function durationText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${Number((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's');
  const minutes = Math.round(ms / 60_000);
  if (minutes < 24 * 60) return twoUnits(minutes, 60, 'h', 'min');
  return twoUnits(Math.round(ms / 3_600_000), 24, 'd', 'h');
}

function twoUnits(total: number, size: number, large: string, small: string): string {
  const rest = total % size;
  return `${Math.floor(total / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}
